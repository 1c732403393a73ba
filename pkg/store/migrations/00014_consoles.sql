-- +goose Up
-- A ticket for a console of a server; once it is used, the console that is open. What has expired is neither.
CREATE TABLE consoles (
  id $UUID PRIMARY KEY,
  hash TEXT NOT NULL,
  subject $UUID NOT NULL,
  user_id $UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  server_id $UUID NOT NULL,
  server_name TEXT NOT NULL,
  project $UUID NOT NULL,
  type TEXT NOT NULL,
  created_at $TIME NOT NULL,
  opened_at $TIME,
  expires_at $TIME NOT NULL
);
CREATE UNIQUE INDEX consoles_hash ON consoles (hash);
CREATE INDEX consoles_expires ON consoles (expires_at);

-- +goose Down
DROP TABLE consoles;
