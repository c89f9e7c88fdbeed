-- +goose Up

create table runs (
    id           bigint generated always as identity primary key,
    state        text not null check (state in ('draft', 'submitted', 'rejected', 'approved',
                     'sending', 'paused', 'complete', 'incomplete', 'void')),
    period       text not null check (period ~ '^[0-9]{4}-[0-9]{2}$'),
    pay_date     date not null,
    currency     text not null check (currency ~ '^[A-Z]{3}$'),
    file_sha256  text not null check (file_sha256 ~ '^[0-9a-f]{64}$'),
    letterhead   text not null default '',     -- digest; set by approval
    data_key     bytea,                        -- wrapped; null once it was destroyed
    imported_by  text not null references admins (name),
    submitted_by text references admins (name),
    approved_by  text references admins (name),
    reason       text not null default '',
    created_at   timestamptz not null default now(),
    started_at   timestamptz,
    finished_at  timestamptz,
    constraint second_person check (approved_by is null
        or (approved_by <> imported_by and approved_by <> coalesce(submitted_by, '')))
);
create unique index runs_file on runs (period, file_sha256) where state not in ('void', 'rejected');

-- One slip per employee and run. Its content is sealed; what was approved is
-- pinned beside it.
create table slips (
    id              uuid primary key,
    run             bigint not null references runs (id),
    employee        text collate "C" not null references employees (number),
    content         bytea,                     -- sealed under the run's data key; null once shredded
    digest          text not null check (digest ~ '^[0-9a-f]{64}$'), -- of the content before it was sealed
    state           text not null check (state in ('ready', 'queued', 'sending', 'accepted', 'deferred',
                        'refused', 'unsure', 'held', 'bounced', 'superseded', 'withdrawn')),
    hold            text not null default '',
    pin_email       text not null default '',  -- '' until approved
    pin_letterhead  text not null default '',
    pin_fingerprint text not null default '',  -- '' pins that there was no certificate
    pin_subkeys     text[] not null default '{}',
    pin_left        date,                      -- the leave date that this very slip was approved in spite of
    tries           integer not null default 0, -- attempts that have ended
    due_at          timestamptz not null default now(),
    give_up_at      timestamptz,
    noticed_at      timestamptz,               -- when the employee was told that it is held
    worker          uuid,                      -- who holds it while it is sending
    changed_at      timestamptz not null default now(),
    unique (run, employee),
    constraint held_for_a_reason check ((state = 'held') = (hold <> '')),
    constraint sent_by_a_worker check ((state = 'sending') = (worker is not null)),
    constraint only_approved_slips_move check (state in ('ready', 'withdrawn') or pin_email <> '')
);
create index slips_due on slips (run, due_at, id) where state in ('queued', 'deferred');
create index slips_claimed on slips (worker) where worker is not null;
create index slips_held on slips (run) where state = 'held';
create index slips_employee on slips (employee);

-- The ledger: one row per try, committed before MAIL.
create table attempts (
    id          uuid primary key,
    slip        uuid not null references slips (id),
    worker      uuid not null,
    fingerprint text not null,
    begun_at    timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    outcome     text check (outcome in ('accepted', 'deferred', 'refused', 'unsure')),
    phase       text not null default '',
    code        integer not null default 0,
    reply       text not null default '',
    constraint finished_with_an_outcome check ((finished_at is null) = (outcome is null))
);
create index attempts_slip on attempts (slip, begun_at);
create index attempts_open on attempts (worker) where finished_at is null;

-- Twin findings of a run; each is acknowledged by a person or holds its slips.
create table twins (
    run             bigint not null references runs (id),
    kind            text not null,
    first           text collate "C" not null,
    second          text collate "C" not null,
    acknowledged_by text references admins (name),
    acknowledged_at timestamptz,
    note            text not null default '',
    primary key (run, kind, first, second)
);

-- One row per worker process; a worker that was not seen for a while is dead,
-- and what it held goes back.
create table workers (
    id         uuid primary key,
    host       text not null,
    started_at timestamptz not null default clock_timestamp(),
    seen_at    timestamptz not null default clock_timestamp()
);

-- The one rate limit for all workers: the theoretical arrival time per key.
create unlogged table rate_limits (
    key text primary key,
    tat timestamptz not null
);
