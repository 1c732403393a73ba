-- +goose Up
CREATE TABLE idempotency (
    caller     text        NOT NULL,
    key        text        NOT NULL,
    hash       bytea       NOT NULL,
    status     integer,
    body       bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_created_at ON idempotency (created_at);

CREATE TABLE outbox (
    seq          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    aggregate    text        NOT NULL,
    aggregate_id text        NOT NULL,
    type         text        NOT NULL,
    payload      jsonb       NOT NULL,
    dpath_env    text        NOT NULL DEFAULT '',
    traceparent  text        NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now()
);
