-- +goose Up

-- What is deleted when it is old is found by its age.
create index notices_asked_at on notices (created_at)
    where employee is not null and kind in ('link', 'sign_in_code', 'proof_code', 'specimen') and state <> 'queued';

create index admin_sessions_nobodys on admin_sessions (created_at) where admin is null;
create index address_changes_expiring on address_changes (expires_at);

-- +goose Down
drop index address_changes_expiring;
drop index admin_sessions_nobodys;
drop index notices_asked_at;
