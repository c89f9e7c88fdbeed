-- +goose Up

-- In which zone the approver wrote the time before which nothing is to leave.
alter table runs add column not_before_zone text not null default '';

-- What two people must release.
create index slips_frozen on slips (run, employee) where state = 'held' and hold = 'change_freeze';
