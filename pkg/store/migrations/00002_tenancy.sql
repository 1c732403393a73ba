-- +goose Up
CREATE TABLE nodes (
  id $UUID PRIMARY KEY,
  parent_id $UUID REFERENCES nodes (id),
  path TEXT $C NOT NULL,
  full_name TEXT $C NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT '',
  labels $JSON NOT NULL,
  suspended BOOLEAN NOT NULL DEFAULT FALSE,
  created_at $TIME NOT NULL,
  CHECK (parent_id IS NOT NULL OR type = 'group')
);
CREATE UNIQUE INDEX nodes_name ON nodes (parent_id, name);
CREATE UNIQUE INDEX nodes_full_name ON nodes (full_name);
CREATE UNIQUE INDEX nodes_path ON nodes (path);
CREATE UNIQUE INDEX nodes_root ON nodes (type) WHERE parent_id IS NULL;

CREATE TABLE users (
  id $UUID PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL DEFAULT '',
  password_hash TEXT NOT NULL DEFAULT '',
  password_at $TIME NOT NULL,
  disabled BOOLEAN NOT NULL DEFAULT FALSE,
  failures BIGINT NOT NULL DEFAULT 0,
  locked_until $TIME,
  last_login_at $TIME,
  created_at $TIME NOT NULL
);
CREATE UNIQUE INDEX users_name ON users (name);

CREATE TABLE sessions (
  id $UUID PRIMARY KEY,
  hash TEXT NOT NULL,
  user_id $UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  remote TEXT NOT NULL DEFAULT '',
  user_agent TEXT NOT NULL DEFAULT '',
  created_at $TIME NOT NULL,
  seen_at $TIME NOT NULL,
  expires_at $TIME NOT NULL
);
CREATE UNIQUE INDEX sessions_hash ON sessions (hash);
CREATE INDEX sessions_user ON sessions (user_id, id);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE tokens (
  id $UUID PRIMARY KEY,
  hash TEXT NOT NULL,
  user_id $UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  hint TEXT NOT NULL DEFAULT '',
  role TEXT NOT NULL DEFAULT '',
  node_id $UUID REFERENCES nodes (id) ON DELETE CASCADE,
  created_at $TIME NOT NULL,
  expires_at $TIME,
  used_at $TIME
);
CREATE UNIQUE INDEX tokens_hash ON tokens (hash);
CREATE UNIQUE INDEX tokens_name ON tokens (user_id, name);
CREATE INDEX tokens_node ON tokens (node_id);

CREATE TABLE bindings (
  id $UUID PRIMARY KEY,
  user_id $UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  node_id $UUID NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
  created_by TEXT NOT NULL,
  created_at $TIME NOT NULL
);
CREATE UNIQUE INDEX bindings_grant ON bindings (user_id, node_id, role);
CREATE INDEX bindings_node ON bindings (node_id);

-- +goose Down
DROP TABLE bindings;
DROP TABLE tokens;
DROP TABLE sessions;
DROP TABLE users;
DROP TABLE nodes;
