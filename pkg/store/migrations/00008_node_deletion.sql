-- +goose Up
ALTER TABLE nodes ADD COLUMN deleting_at $TIME;

-- +goose Down
ALTER TABLE nodes DROP COLUMN deleting_at;
