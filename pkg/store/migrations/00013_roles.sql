-- +goose Up
CREATE TABLE roles (
  id $UUID PRIMARY KEY,
  node_id $UUID NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  permissions $JSON NOT NULL,
  created_by TEXT NOT NULL,
  created_at $TIME NOT NULL,
  updated_at $TIME NOT NULL
);
CREATE UNIQUE INDEX roles_name ON roles (node_id, name);
ALTER TABLE bindings ADD COLUMN role_id $UUID REFERENCES roles (id);
CREATE INDEX bindings_role ON bindings (role_id);

-- +goose Down
DROP INDEX bindings_role;
ALTER TABLE bindings DROP COLUMN role_id;
DROP TABLE roles;
