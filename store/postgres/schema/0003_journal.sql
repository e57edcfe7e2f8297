-- Bodies of the journal are stored without compression: PostgreSQL compresses each of them while a request's CPU is needed elsewhere.
-- It changes only how new rows are stored: servers of the step before work beside it.

alter table journal alter column body set storage external;
