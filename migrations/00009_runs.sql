-- +goose Up

-- How many slips a run has, and how many stood in each state when it last came to
-- rest: nobody counts a hundred thousand rows for a line of a list. counts is
-- null where they have moved since, or never rested.
alter table runs
    add column slips  integer not null default 0,
    add column counts jsonb;
update runs r set slips = (select count(*) from slips s where s.run = r.id);

-- Counts by state, and lists of the slips in one of them.
create index slips_state on slips (run, state, employee);
create index runs_corrects on runs (corrects) where corrects is not null;
