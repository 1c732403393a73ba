-- What each nightly count found, so that every plazad tells of the last one, whoever made it.

-- +goose Up
CREATE TABLE quota_recounts (
  id $UUID PRIMARY KEY,
  at $TIME NOT NULL,
  differences BIGINT NOT NULL,
  detail TEXT NOT NULL DEFAULT ''
);

-- +goose Down
DROP TABLE quota_recounts;
