-- +goose Up

-- The vault's word that every signature in the certificate was verified (a MAC over
-- its bytes), so that they need not be again with each slip.
alter table certificates add column proof bytea;

-- Rows that change with each step of a slip should be small, and have no index that
-- nobody asks.
alter table slips alter column content set storage external;
drop index slips_employee; -- slips_ledger begins with the same column
drop index attempts_open;
create index twins_open on twins (run) where acknowledged_at is null;
