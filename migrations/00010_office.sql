-- +goose Up

-- The day from which on a run's pay data may be destroyed, once somebody could
-- have read of it for a week; null while nothing is announced.
alter table runs add column shred_on date;
create index runs_shred on runs (shred_on) where shred_on is not null and shredded_at is null;
create index runs_kept on runs (pay_date) where shredded_at is null;

-- How the relay answered lately, and when it last took a mail.
create index attempts_outcome on attempts (outcome, finished_at) where finished_at is not null;

-- Mails that were refused, and those to the canary.
create index notices_refused on notices (created_at) where state = 'refused';
create index notices_canary on notices (created_at) where kind = 'specimen' and topic = 'canary';

-- What the audit log says about whatever begins like this.
create index audit_subject_prefix on audit (subject collate "C", seq);
