-- +goose Up

-- The last admin (or 'payseal', for HR's system) who brought a mail address. What
-- an employee confirms in the form leaves it: the form's link went to the address
-- that this one brought, so that it may be they who changed it there.
alter table employees add column email_admin text not null default '';
update employees set email_admin = email_by where email_by <> '(employee)';

-- The same, as it was when the step was made: whoever brought the address to which
-- a certificate's link and code went stays out of its comparison when the file's
-- address is back.
alter table certificate_steps add column email_admin text not null default '';
