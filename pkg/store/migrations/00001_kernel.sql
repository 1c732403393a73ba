-- +goose Up
CREATE TABLE objects (
  id $UUID PRIMARY KEY,
  kind TEXT NOT NULL,
  project TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL,
  labels $JSON NOT NULL,
  spec $JSON NOT NULL,
  sealed $BYTES,
  status $JSON NOT NULL,
  conditions $JSON NOT NULL,
  finalizers $JSON NOT NULL,
  owner_kind TEXT NOT NULL DEFAULT '',
  owner_id TEXT NOT NULL DEFAULT '',
  phase TEXT NOT NULL,
  generation BIGINT NOT NULL,
  observed_generation BIGINT NOT NULL,
  version BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  lease_holder TEXT NOT NULL DEFAULT '',
  lease_until BIGINT NOT NULL DEFAULT 0,
  created_by TEXT NOT NULL,
  created_at $TIME NOT NULL,
  updated_at $TIME NOT NULL,
  deleting_at $TIME
);
CREATE UNIQUE INDEX objects_name ON objects (kind, project, name);
CREATE UNIQUE INDEX objects_kind_id ON objects (kind, id);
CREATE INDEX objects_kind_project_id ON objects (kind, project, id);
CREATE INDEX objects_owner ON objects (owner_id) WHERE owner_id <> '';
CREATE INDEX objects_unsettled ON objects (kind, id) WHERE phase <> 'Ready';

CREATE TABLE object_index (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  object_id $UUID NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
  PRIMARY KEY (kind, key, value, object_id)
);
CREATE INDEX object_index_object ON object_index (object_id);

CREATE TABLE events (
  seq $SERIAL,
  revision BIGINT NOT NULL,
  kind TEXT NOT NULL,
  object_id $UUID NOT NULL,
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  change TEXT NOT NULL,
  at $TIME NOT NULL
);
CREATE INDEX events_revision ON events (revision, seq);

CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO counters (name, value) VALUES ('revision', 0);

CREATE TABLE operations (
  id $UUID PRIMARY KEY,
  kind TEXT NOT NULL,
  object_id $UUID NOT NULL,
  object_name TEXT NOT NULL,
  project TEXT NOT NULL,
  verb TEXT NOT NULL,
  state TEXT NOT NULL,
  generation BIGINT NOT NULL,
  progress BIGINT NOT NULL DEFAULT 0,
  message TEXT NOT NULL DEFAULT '',
  problem $JSON,
  attempts BIGINT NOT NULL DEFAULT 0,
  actor TEXT NOT NULL,
  created_at $TIME NOT NULL,
  started_at $TIME,
  ended_at $TIME
);
CREATE INDEX operations_object ON operations (object_id, id);
CREATE INDEX operations_project ON operations (project, id);
CREATE INDEX operations_open ON operations (object_id) WHERE ended_at IS NULL;

CREATE TABLE audit (
  id $UUID PRIMARY KEY,
  at $TIME NOT NULL,
  actor TEXT NOT NULL,
  remote TEXT NOT NULL DEFAULT '',
  verb TEXT NOT NULL,
  kind TEXT NOT NULL,
  object_id $UUID NOT NULL,
  object_name TEXT NOT NULL,
  project TEXT NOT NULL,
  operation_id TEXT NOT NULL DEFAULT '',
  before $JSON,
  after $JSON,
  note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_object ON audit (object_id, id);
CREATE INDEX audit_project ON audit (project, id);

CREATE TABLE usage_events (
  id $UUID PRIMARY KEY,
  at $TIME NOT NULL,
  kind TEXT NOT NULL,
  object_id $UUID NOT NULL,
  object_name TEXT NOT NULL,
  project TEXT NOT NULL,
  change TEXT NOT NULL,
  measures $JSON NOT NULL
);
CREATE INDEX usage_events_object ON usage_events (object_id, id);

CREATE TABLE quota_usage (
  project TEXT NOT NULL,
  metric TEXT NOT NULL,
  hard BIGINT NOT NULL DEFAULT -1,
  reserved BIGINT NOT NULL DEFAULT 0,
  committed BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (project, metric),
  CHECK (reserved >= 0),
  CHECK (committed >= 0)
);

CREATE TABLE quota_holdings (
  object_id $UUID NOT NULL,
  metric TEXT NOT NULL,
  project TEXT NOT NULL,
  reserved BIGINT NOT NULL DEFAULT 0,
  committed BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (object_id, metric),
  CHECK (reserved >= 0),
  CHECK (committed >= 0)
);
CREATE INDEX quota_holdings_project ON quota_holdings (project, metric);

CREATE TABLE idempotency_keys (
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  hash TEXT NOT NULL,
  object_id $UUID NOT NULL,
  operation_id TEXT NOT NULL,
  at $TIME NOT NULL,
  PRIMARY KEY (actor, key)
);

-- +goose Down
DROP TABLE idempotency_keys;
DROP TABLE quota_holdings;
DROP TABLE quota_usage;
DROP TABLE usage_events;
DROP TABLE audit;
DROP TABLE operations;
DROP TABLE counters;
DROP TABLE events;
DROP TABLE object_index;
DROP TABLE objects;
