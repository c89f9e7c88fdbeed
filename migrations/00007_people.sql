-- +goose Up

-- Who brought the telephone number that a fingerprint is compared by, and when
-- it took the place of another.
alter table employees
    add column phone_changed_at timestamptz,
    add column phone_by         text not null default '',
    add column name_words       text not null default ''; -- the name as it is searched: lower case, without accents
update employees set name_words = lower(name);

-- For lists of 100,000 people: what is searched, and what few of them have.
create index employees_words on employees using gin (to_tsvector('simple'::regconfig, name_words));
create index employees_number_folded on employees (lower(number), number);
create index employees_paper on employees (number) where on_paper;
create index employees_left on employees (number) where left_on is not null;
create index employees_moved on employees (email_changed_at) where email_changed_at is not null;
create index certificates_held on certificates (employee) where standing in ('current', 'candidate');
