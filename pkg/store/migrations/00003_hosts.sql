-- +goose Up
CREATE TABLE enrol_tokens (
  id $UUID PRIMARY KEY,
  hash TEXT NOT NULL,
  site TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  created_by TEXT NOT NULL,
  created_at $TIME NOT NULL,
  expires_at $TIME NOT NULL,
  used_by TEXT NOT NULL DEFAULT '',
  used_at $TIME
);
CREATE UNIQUE INDEX enrol_tokens_hash ON enrol_tokens (hash);

-- +goose Down
DROP TABLE enrol_tokens;
