-- +goose Up
ALTER TABLE tokens ADD COLUMN role_id $UUID REFERENCES roles (id) ON DELETE CASCADE;
CREATE INDEX tokens_role ON tokens (role_id);

-- +goose Down
DROP INDEX tokens_role;
ALTER TABLE tokens DROP COLUMN role_id;
