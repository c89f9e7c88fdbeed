-- +goose Up
-- The SHA-256 of the PDF that each attempt sealed, so that a page that somebody
-- shows can be told for what was sent. Null of attempts before this step.
alter table attempts add column page bytea check (length(page) = 32);
create index attempts_page on attempts (page) where page is not null;
