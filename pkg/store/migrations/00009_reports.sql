-- What a subscriber tells of its own with an acknowledgement, as JSON.

-- +goose Up
ALTER TABLE subscribers ADD COLUMN report TEXT;

-- +goose Down
ALTER TABLE subscribers DROP COLUMN report;
