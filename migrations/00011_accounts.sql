-- +goose Up

-- By which a passkey names its owner (WebAuthn's user handle): random, for ever
-- theirs, and says nothing about them.
alter table admins add column handle bytea not null
    default (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
create unique index admins_handle on admins (handle);
create index admin_sessions_pending on admin_sessions (pending) where pending is not null;
