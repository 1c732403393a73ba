-- +goose Up
ALTER TABLE quota_usage RENAME COLUMN project TO node;
ALTER TABLE quota_usage ADD COLUMN soft BIGINT NOT NULL DEFAULT -1;
ALTER TABLE quota_usage ADD COLUMN strict BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE quota_usage DROP COLUMN strict;
ALTER TABLE quota_usage DROP COLUMN soft;
ALTER TABLE quota_usage RENAME COLUMN node TO project;
