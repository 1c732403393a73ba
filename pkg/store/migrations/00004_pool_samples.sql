-- +goose Up
CREATE TABLE pool_samples (
  place TEXT NOT NULL,
  pool TEXT NOT NULL DEFAULT '',
  metric TEXT NOT NULL,
  at BIGINT NOT NULL,
  capacity BIGINT NOT NULL,
  used BIGINT NOT NULL,
  free BIGINT NOT NULL,
  PRIMARY KEY (place, pool, metric, at)
);
CREATE INDEX pool_samples_at ON pool_samples (at);

-- +goose Down
DROP TABLE pool_samples;
