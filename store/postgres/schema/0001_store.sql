-- The store. "pk" is the key of a tenant's data; the registry (tenant) says which data a slug has now. Erasing a tenant
-- gives its slug new, empty data, and publishing a staged tenant gives a slug the data that lies ready.
--
-- Every text sorts by its bytes (COLLATE "C"), whatever the locale of the database. Documents and lines are bytes, verbatim.
-- There are no foreign keys, sequences, triggers or functions: see docs/postgres.md.

create table tenant (
  slug text collate "C" primary key,   -- '' is the installation itself
  pk   bigint not null unique,
  body bytea                           -- JSON; null: not written yet
);

-- One row for each tenant: a write of the tenant locks it, so that writes come one after the other.
create table lane (
  pk          bigint primary key,
  change      bigint not null default 0, -- moves with every commit
  event_seq   bigint not null default 0, -- the last event
  event_first bigint not null default 0, -- the last event that was forgotten
  noticed     bigint,                    -- the last event that was announced by mail
  audit_seq   bigint not null default 0, -- the last audit line
  audit_head  bytea  not null default '',-- its hash
  usage       bytea  not null default '' -- the counts
) with (fillfactor = 50);

create table connection (
  slug text collate "C" primary key,
  pk   bigint not null,
  body bytea not null
);
create index connection_of_tenant on connection (pk, slug);

create table token (
  hash       bytea primary key,
  pk         bigint not null,
  connection text collate "C" not null,
  id         text collate "C" not null,
  body       bytea not null,
  unique (pk, connection, id)
);

create table use ( -- of tokens and sessions: when and from where
  connection text collate "C" not null,
  token      text collate "C" not null,
  body       bytea not null,
  primary key (connection, token)
) with (fillfactor = 50);

create table usr (
  pk   bigint,
  id   uuid,
  gone boolean not null,
  head bytea not null, -- the fields
  doc  bytea not null, -- the SCIM document
  primary key (pk, id)
) with (fillfactor = 90);

create table grp (
  pk      bigint,
  id      uuid,
  builtin boolean not null,
  head    bytea not null,
  doc     bytea not null,
  primary key (pk, id)
) with (fillfactor = 90);

create table res (
  pk   bigint,
  id   uuid,
  kind text collate "C" not null,
  head bytea not null,
  doc  bytea not null,
  primary key (pk, id)
) with (fillfactor = 90);
create index res_kind on res (pk, kind, id);

-- What records are found by: userName, displayName, e-mail address, externalId, unique attributes (index.go). A record that
-- changes without its keys touches no index.
create table key (
  pk    bigint,
  kind  text collate "C",
  value bytea,
  scope text collate "C", -- a connection, or ''
  id    uuid,
  primary key (pk, kind, value, scope, id)
);

create table member (
  pk      bigint,
  grp     uuid,
  member  uuid,
  source  uuid, -- zero: granted as such
  kind    text collate "C" not null,
  display text collate "C" not null,
  primary key (pk, grp, member, source)
);
create index member_of on member (pk, member, grp, source);

create table tomb (
  pk   bigint,
  id   uuid,
  body bytea not null,
  primary key (pk, id)
);

create table memo ( -- directory.KV
  pk    bigint,
  kind  text collate "C",
  key   text collate "C",
  value bytea not null,
  primary key (pk, kind, key)
) with (fillfactor = 90);

create table audit (
  pk   bigint,
  seq  bigint,
  body bytea not null,
  primary key (pk, seq)
);

create table event (
  pk   bigint,
  seq  bigint,
  body bytea not null,
  primary key (pk, seq)
);

create table desk ( -- operators and what belongs to them, support sessions, deletion requests; JSON
  pk    bigint,
  kind  text collate "C",
  key   bytea,
  id    uuid not null,
  owner uuid not null, -- the operator of a session, key or link
  body  bytea not null,
  primary key (pk, kind, key)
);
create index desk_id on desk (pk, kind, id);

create table mail (
  id        uuid primary key,
  version   bigint not null,
  due       timestamptz not null,
  parked    boolean not null,
  join_name text collate "C" unique, -- null: it gathers nothing
  body      bytea not null
);
create index mail_due on mail (parked, due, id);

create table batch ( -- the commits of the last hour: what becomes of one whose answer was lost is looked up here
  id uuid primary key,
  at timestamptz not null default clock_timestamp()
);
create index batch_at on batch (at);

create table claim ( -- keys of requests that must not be done twice in the installation
  key    text collate "C" primary key,
  tenant text collate "C" not null,
  until  timestamptz not null,
  body   bytea not null
);
create index claim_until on claim (until);

create table process ( -- the bridges that are alive
  id   uuid primary key,
  seen timestamptz not null
);

create table lease ( -- which bridge does what only one should do at a time
  name   text collate "C" primary key,
  holder text collate "C" not null,
  until  timestamptz not null
);

create table secret ( -- what all bridges sign with
  name  text collate "C" primary key,
  value bytea not null
);

create table staged ( -- tenants that are being brought in
  slug   text collate "C" primary key,
  pk     bigint not null,
  holder uuid not null,
  until  timestamptz not null
);

create table swept (pk bigint primary key); -- data of erased tenants, which a sweep deletes

create unlogged table walk ( -- where pages of lists ended; nothing is lost if it is
  pk    bigint,
  walk  bytea,
  place bytea not null,
  at    timestamptz not null default clock_timestamp(),
  primary key (pk, walk)
);
create index walk_at on walk (at);

insert into tenant (slug, pk) values ('', 0);
insert into lane (pk, change) values (0, 1);

-- The journal of requests: what happened, kept apart from what is. Nothing waits for it, and a crash may lose its last moments.
create table journal (
  tenant text collate "C",
  seq    bigint,
  at     timestamptz not null,
  body   bytea not null,
  primary key (tenant, seq)
);

create table journal_bounds ( -- how much each tenant keeps; '*' is everybody else
  tenant text collate "C" primary key,
  days   int not null,
  bytes  bigint not null
);
