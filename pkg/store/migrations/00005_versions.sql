-- +goose Up
CREATE TABLE object_versions (
  object_id $UUID NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
  version BIGINT NOT NULL,
  hash TEXT NOT NULL,
  comment TEXT NOT NULL DEFAULT '',
  verb TEXT NOT NULL,
  author TEXT NOT NULL,
  at $TIME NOT NULL,
  spec $JSON NOT NULL,
  PRIMARY KEY (object_id, version)
);

CREATE TABLE subscribers (
  object_id $UUID NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
  name TEXT $C NOT NULL,
  version BIGINT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  applied BIGINT NOT NULL DEFAULT 0,
  actor TEXT NOT NULL,
  seen_at $TIME NOT NULL,
  PRIMARY KEY (object_id, name)
);

-- +goose Down
DROP TABLE subscribers;
DROP TABLE object_versions;
