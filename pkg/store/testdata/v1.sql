-- A SQLite file of schema version 1, as text.
CREATE TABLE objects (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  project TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL,
  labels TEXT NOT NULL,
  spec TEXT NOT NULL,
  sealed BLOB,
  status TEXT NOT NULL,
  conditions TEXT NOT NULL,
  finalizers TEXT NOT NULL,
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
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  deleting_at TIMESTAMP
);
INSERT INTO "objects" VALUES('0199f0a0-0000-7000-8000-000000000001','box','p','b1','{"tier":"gold"}','{"size":1}',X'00017365616C6564','{"size":1}','[]','[]','','','Ready',1,1,2,1,'',0,'someone','2026-01-02 03:04:05.678+00:00','2026-01-02 03:04:05.678+00:00',NULL);
INSERT INTO "objects" VALUES('0199f0a0-0000-7000-8000-000000000002','box','p','b2','{"tier":"gold"}','{"size":2}',NULL,'{"size":2}','[]','[]','','','Ready',1,1,2,2,'',0,'someone','2026-01-02 03:04:05.678+00:00','2026-01-02 03:04:05.678+00:00',NULL);
INSERT INTO "objects" VALUES('0199f0a0-0000-7000-8000-000000000003','box','p','b3','{"tier":"gold"}','{"size":3}',NULL,'{"size":3}','[]','[]','','','Ready',1,1,2,3,'',0,'someone','2026-01-02 03:04:05.678+00:00','2026-01-02 03:04:05.678+00:00',NULL);
CREATE TABLE audit (
  id TEXT PRIMARY KEY,
  at TIMESTAMP NOT NULL,
  actor TEXT NOT NULL,
  remote TEXT NOT NULL DEFAULT '',
  verb TEXT NOT NULL,
  kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  object_name TEXT NOT NULL,
  project TEXT NOT NULL,
  operation_id TEXT NOT NULL DEFAULT '',
  before TEXT,
  after TEXT,
  note TEXT NOT NULL DEFAULT ''
);
INSERT INTO "audit" VALUES('0199f0a0-0000-7000-8000-000000000201','2026-01-02 03:04:05.678+00:00','someone','','create','box','0199f0a0-0000-7000-8000-000000000001','b1','p','0199f0a0-0000-7000-8000-000000000101',NULL,'{"size":1}','');
INSERT INTO "audit" VALUES('0199f0a0-0000-7000-8000-000000000202','2026-01-02 03:04:05.678+00:00','someone','','create','box','0199f0a0-0000-7000-8000-000000000002','b2','p','0199f0a0-0000-7000-8000-000000000102',NULL,'{"size":1}','');
INSERT INTO "audit" VALUES('0199f0a0-0000-7000-8000-000000000203','2026-01-02 03:04:05.678+00:00','someone','','create','box','0199f0a0-0000-7000-8000-000000000003','b3','p','0199f0a0-0000-7000-8000-000000000103',NULL,'{"size":1}','');
CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO "counters" VALUES('revision',3);
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  revision BIGINT NOT NULL,
  kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  change TEXT NOT NULL,
  at TIMESTAMP NOT NULL
);
INSERT INTO "events" VALUES(1,1,'box','0199f0a0-0000-7000-8000-000000000001','p','b1','put','2026-01-02 03:04:05.678+00:00');
INSERT INTO "events" VALUES(2,2,'box','0199f0a0-0000-7000-8000-000000000002','p','b2','put','2026-01-02 03:04:05.678+00:00');
INSERT INTO "events" VALUES(3,3,'box','0199f0a0-0000-7000-8000-000000000003','p','b3','put','2026-01-02 03:04:05.678+00:00');
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_db_version" VALUES(1,0,1,'2026-11-22 00:29:42');
INSERT INTO "goose_db_version" VALUES(2,1,1,'2026-11-22 00:29:42');
CREATE TABLE idempotency_keys (
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  hash TEXT NOT NULL,
  object_id TEXT NOT NULL,
  operation_id TEXT NOT NULL,
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (actor, key)
);
INSERT INTO "idempotency_keys" VALUES('someone','k','h','0199f0a0-0000-7000-8000-000000000001','0199f0a0-0000-7000-8000-000000000101','2026-01-02 03:04:05.678+00:00');
CREATE TABLE object_index (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  object_id TEXT NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
  PRIMARY KEY (kind, key, value, object_id)
);
INSERT INTO "object_index" VALUES('box','labels.tier','gold','0199f0a0-0000-7000-8000-000000000001');
INSERT INTO "object_index" VALUES('box','labels.tier','gold','0199f0a0-0000-7000-8000-000000000002');
INSERT INTO "object_index" VALUES('box','labels.tier','gold','0199f0a0-0000-7000-8000-000000000003');
CREATE TABLE operations (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  object_name TEXT NOT NULL,
  project TEXT NOT NULL,
  verb TEXT NOT NULL,
  state TEXT NOT NULL,
  generation BIGINT NOT NULL,
  progress BIGINT NOT NULL DEFAULT 0,
  message TEXT NOT NULL DEFAULT '',
  problem TEXT,
  attempts BIGINT NOT NULL DEFAULT 0,
  actor TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  started_at TIMESTAMP,
  ended_at TIMESTAMP
);
INSERT INTO "operations" VALUES('0199f0a0-0000-7000-8000-000000000101','box','0199f0a0-0000-7000-8000-000000000001','b1','p','create','succeeded',1,100,'',NULL,1,'someone','2026-01-02 03:04:05.678+00:00','2026-01-02 03:04:05.678+00:00','2026-01-02 03:04:05.678+00:00');
INSERT INTO "operations" VALUES('0199f0a0-0000-7000-8000-000000000102','box','0199f0a0-0000-7000-8000-000000000002','b2','p','create','succeeded',1,100,'',NULL,1,'someone','2026-01-02 03:04:05.678+00:00','2026-01-02 03:04:05.678+00:00','2026-01-02 03:04:05.678+00:00');
INSERT INTO "operations" VALUES('0199f0a0-0000-7000-8000-000000000103','box','0199f0a0-0000-7000-8000-000000000003','b3','p','create','succeeded',1,100,'',NULL,1,'someone','2026-01-02 03:04:05.678+00:00','2026-01-02 03:04:05.678+00:00','2026-01-02 03:04:05.678+00:00');
CREATE TABLE quota_holdings (
  object_id TEXT NOT NULL,
  metric TEXT NOT NULL,
  project TEXT NOT NULL,
  reserved BIGINT NOT NULL DEFAULT 0,
  committed BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (object_id, metric),
  CHECK (reserved >= 0),
  CHECK (committed >= 0)
);
INSERT INTO "quota_holdings" VALUES('0199f0a0-0000-7000-8000-000000000001','volume','p',0,1);
INSERT INTO "quota_holdings" VALUES('0199f0a0-0000-7000-8000-000000000002','volume','p',0,2);
INSERT INTO "quota_holdings" VALUES('0199f0a0-0000-7000-8000-000000000003','volume','p',0,3);
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
INSERT INTO "quota_usage" VALUES('p','volume',50,0,6);
CREATE TABLE usage_events (
  id TEXT PRIMARY KEY,
  at TIMESTAMP NOT NULL,
  kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  object_name TEXT NOT NULL,
  project TEXT NOT NULL,
  change TEXT NOT NULL,
  measures TEXT NOT NULL
);
INSERT INTO "usage_events" VALUES('0199f0a0-0000-7000-8000-000000000301','2026-01-02 03:04:05.678+00:00','box','0199f0a0-0000-7000-8000-000000000001','b1','p','create','{"volume":1}');
INSERT INTO "usage_events" VALUES('0199f0a0-0000-7000-8000-000000000302','2026-01-02 03:04:05.678+00:00','box','0199f0a0-0000-7000-8000-000000000002','b2','p','create','{"volume":1}');
INSERT INTO "usage_events" VALUES('0199f0a0-0000-7000-8000-000000000303','2026-01-02 03:04:05.678+00:00','box','0199f0a0-0000-7000-8000-000000000003','b3','p','create','{"volume":1}');
CREATE UNIQUE INDEX objects_name ON objects (kind, project, name);
CREATE UNIQUE INDEX objects_kind_id ON objects (kind, id);
CREATE INDEX objects_kind_project_id ON objects (kind, project, id);
CREATE INDEX objects_owner ON objects (owner_id) WHERE owner_id <> '';
CREATE INDEX objects_unsettled ON objects (kind, id) WHERE phase <> 'Ready';
CREATE INDEX object_index_object ON object_index (object_id);
CREATE INDEX events_revision ON events (revision, seq);
CREATE INDEX operations_object ON operations (object_id, id);
CREATE INDEX operations_project ON operations (project, id);
CREATE INDEX operations_open ON operations (object_id) WHERE ended_at IS NULL;
CREATE INDEX audit_object ON audit (object_id, id);
CREATE INDEX audit_project ON audit (project, id);
CREATE INDEX usage_events_object ON usage_events (object_id, id);
CREATE INDEX quota_holdings_project ON quota_holdings (project, metric);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('goose_db_version',2);
INSERT INTO "sqlite_sequence" VALUES('events',3);
