-- Several exchanges of the journal share a row, compressed: a row costs PostgreSQL more than what an exchange says. It only adds: a server
-- of the step before shows such a row as a gap, which is in its body.

alter table journal add column block bytea; -- null: the body is the exchange
alter table journal alter column block set storage external;
