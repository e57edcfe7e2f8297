-- What several servers on one database must know of each other. It only adds: servers of the step before work beside it.

alter table process
  add column name    text collate "C" not null default '', -- host and process, for people
  add column address text collate "C" not null default ''; -- the public address of the installation, as the server is configured

-- How many attempts are left to those who guess a password, a link or a code. Nothing waits for it, and nothing is lost if it is.
create unlogged table bucket (
  key    bytea primary key, -- a hash
  tokens double precision not null,
  at     timestamptz not null,
  full_at timestamptz not null -- from then on it need not be remembered
);
create index bucket_full on bucket (full_at);

create unlogged table post ( -- what a server tells the others, such as how a job ended
  topic text collate "C" primary key,
  body  bytea not null
);
