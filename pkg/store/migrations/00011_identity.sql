-- +goose Up
CREATE TABLE second_factors (
  user_id $UUID PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  sealed $BYTES NOT NULL,
  last_step BIGINT NOT NULL DEFAULT 0,
  created_at $TIME NOT NULL,
  confirmed_at $TIME
);

CREATE TABLE recovery_codes (
  user_id $UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  PRIMARY KEY (user_id, hash)
);

CREATE TABLE invitations (
  id $UUID PRIMARY KEY,
  hash TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  role TEXT NOT NULL,
  node_id $UUID NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
  inviter_id $UUID NOT NULL,
  created_by TEXT NOT NULL,
  created_at $TIME NOT NULL,
  expires_at $TIME NOT NULL
);
CREATE UNIQUE INDEX invitations_hash ON invitations (hash);
CREATE INDEX invitations_node ON invitations (node_id);
CREATE INDEX invitations_expires ON invitations (expires_at);

CREATE TABLE identity_providers (
  id $UUID PRIMARY KEY,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT '',
  disabled BOOLEAN NOT NULL DEFAULT FALSE,
  provision BOOLEAN NOT NULL DEFAULT FALSE,
  domains $JSON NOT NULL,
  oidc $JSON,
  ldap $JSON,
  sealed $BYTES,
  created_at $TIME NOT NULL,
  updated_at $TIME NOT NULL
);
CREATE UNIQUE INDEX identity_providers_name ON identity_providers (name);

-- What a provider's group gives: a role on a node, and so on all below it.
CREATE TABLE identity_groups (
  provider_id $UUID NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
  group_name TEXT NOT NULL,
  role TEXT NOT NULL,
  node_id $UUID NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
  PRIMARY KEY (provider_id, group_name, role, node_id)
);
CREATE INDEX identity_groups_node ON identity_groups (node_id);

-- A sign-in that went to a provider and is waited for; hash is that of its state and, once it is back, of the ticket that
-- a command fetches the session by.
CREATE TABLE login_attempts (
  hash TEXT PRIMARY KEY,
  provider_id $UUID NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
  browser TEXT NOT NULL DEFAULT '',
  nonce TEXT NOT NULL DEFAULT '',
  verifier TEXT NOT NULL DEFAULT '',
  port BIGINT NOT NULL DEFAULT 0,
  challenge TEXT NOT NULL DEFAULT '',
  user_id $UUID REFERENCES users (id) ON DELETE CASCADE,
  expires_at $TIME NOT NULL
);
CREATE INDEX login_attempts_expires ON login_attempts (expires_at);

ALTER TABLE users ADD COLUMN provider_id $UUID;
ALTER TABLE users ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX users_subject ON users (provider_id, subject) WHERE provider_id IS NOT NULL;
ALTER TABLE bindings ADD COLUMN provider_id $UUID;

-- +goose Down
ALTER TABLE bindings DROP COLUMN provider_id;
DROP INDEX users_subject;
ALTER TABLE users DROP COLUMN subject;
ALTER TABLE users DROP COLUMN provider_id;
DROP TABLE login_attempts;
DROP TABLE identity_groups;
DROP TABLE identity_providers;
DROP TABLE invitations;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
