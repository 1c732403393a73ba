-- What dpath carriers need in a service's own schema, for PostgreSQL.
-- Times are milliseconds since 1970; dpath_env is '' for common rows and only
-- tells where a row waits: the signed label in baggage is what counts.

CREATE TABLE IF NOT EXISTS dpath_outbox (
    seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          text   NOT NULL UNIQUE,
    aggregate   text   NOT NULL,
    subject     text   NOT NULL,
    data        bytea  NOT NULL,
    dpath_env   text   NOT NULL,
    baggage     text   NOT NULL,
    traceparent text   NOT NULL,
    created_at  bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS dpath_inbox (
    subscription text   NOT NULL,
    id           text   NOT NULL,
    created_at   bigint NOT NULL,
    PRIMARY KEY (subscription, id)
);

CREATE TABLE IF NOT EXISTS dpath_job (
    id           text    PRIMARY KEY,
    kind         text    NOT NULL,
    data         bytea   NOT NULL,
    dpath_env    text    NOT NULL,
    baggage      text    NOT NULL,
    traceparent  text    NOT NULL,
    due_at       bigint  NOT NULL,
    state        text    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
    attempts     integer NOT NULL DEFAULT 0,
    leased_until bigint  NOT NULL DEFAULT 0,
    holder       text    NOT NULL DEFAULT '',
    error        text    NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS dpath_job_due ON dpath_job (dpath_env, due_at) WHERE state = 'waiting';

-- Who holds what only one process may do (relay), and which dedicated nodes live (alive/<node>).
CREATE TABLE IF NOT EXISTS dpath_lease (
    name   text   PRIMARY KEY,
    holder text   NOT NULL,
    until  bigint NOT NULL
);
