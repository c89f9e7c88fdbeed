-- +goose Up

-- Settings are sealed under a key from the vault, so that a row that is changed in
-- SQL is noticed; a proposal carries the logo that it would bring, and whether it
-- is a machine's file that makes it.
alter table settings add column seal bytea;
alter table proposals
    add column logo        bytea,
    add column file_digest text not null default ''; -- '' of what a person proposes in the console
create index proposals_file on proposals (file_digest) where file_digest <> '';

-- How many certificates the company vouches for, by the index alone.
create index certificates_certified on certificates (employee) where standing = 'current' and step = 'certified';
