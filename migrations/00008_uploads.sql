-- +goose Up

-- A file comes in by parts, each sealed as it comes, so that no process ever has
-- to hold more than one of them while somebody uploads. The row is whole when the
-- last part is there. (content was meant for files that fit in one piece.)
alter table uploads
    alter column content drop not null,
    add column whole boolean not null default true;
create table upload_parts (
    upload  uuid not null references uploads (id) on delete cascade,
    part    integer not null,
    content bytea not null,                    -- sealed under the upload's key, for this place in it
    primary key (upload, part)
);
alter table upload_parts alter column content set storage external; -- sealed bytes do not compress
create index uploads_admin on uploads (by_admin, at);

alter table runs
    add column supplement boolean not null default false, -- pays people again whom another run of the month pays
    add column compared   bigint references runs (id),    -- with which run its remarks compare it
    add column upload     uuid;                           -- which upload it was made of
create unique index runs_upload on runs (upload) where upload is not null;
