-- +goose Up
CREATE TABLE runbook_executions (
  id TEXT PRIMARY KEY,
  run $UUID NOT NULL,
  node TEXT NOT NULL,
  state TEXT NOT NULL,
  exit_code BIGINT NOT NULL DEFAULT 0,
  output TEXT NOT NULL DEFAULT '',
  problem TEXT NOT NULL DEFAULT '',
  beat_at BIGINT NOT NULL
);
CREATE INDEX runbook_executions_run ON runbook_executions (run);

-- +goose Down
DROP TABLE runbook_executions;
