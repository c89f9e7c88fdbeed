-- +goose Up

-- What workers do by themselves at set times, once whatever their number: the
-- day's readiness, an hour of the Web Key Directory's refresh.
create table chores (
    name     text not null,
    due_at   timestamptz not null,
    begun_at timestamptz not null default clock_timestamp(), -- a worker that dies gives it back some time after
    done_at  timestamptz,
    primary key (name, due_at)
);
