-- +goose Up
CREATE TABLE node (
    code     text PRIMARY KEY CHECK (code ~ '^[A-Za-z0-9._-]{1,64}$'),
    kind     text    NOT NULL CHECK (kind IN ('dc', 'store', 'transit')),
    name_zh  text    NOT NULL,
    name_en  text    NOT NULL,
    priority integer NOT NULL DEFAULT 100
);

CREATE TABLE balance (
    sku      text   NOT NULL,
    node     text   NOT NULL REFERENCES node (code),
    on_hand  bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0,
    version  bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (sku, node),
    CONSTRAINT balance_on_hand CHECK (on_hand >= 0),
    CONSTRAINT balance_reserved CHECK (reserved >= 0 AND reserved <= on_hand)
) WITH (fillfactor = 60);

-- Append-only: the sums of both deltas equal the balance at every instant.
CREATE TABLE movement (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku        text        NOT NULL,
    node       text        NOT NULL,
    kind       text        NOT NULL CHECK (kind IN
        ('receive', 'reserve', 'confirm', 'release', 'expire', 'adjust', 'transfer_out', 'transfer_in')),
    on_hand    bigint      NOT NULL,
    reserved   bigint      NOT NULL,
    ref        text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX movement_sku ON movement (sku, id);

-- +goose StatementBegin
CREATE FUNCTION movement_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'movement is append-only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER movement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement
    FOR EACH STATEMENT EXECUTE FUNCTION movement_is_append_only();

CREATE TABLE reservation (
    id         uuid PRIMARY KEY,
    ref        text        NOT NULL,
    state      text        NOT NULL CHECK (state IN ('held', 'confirmed', 'released', 'expired')),
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    CHECK ((state = 'held') = (ended_at IS NULL))
);
CREATE INDEX reservation_due ON reservation (expires_at) WHERE state = 'held';

CREATE TABLE reservation_line (
    reservation uuid   NOT NULL REFERENCES reservation (id),
    sku         text   NOT NULL,
    node        text   NOT NULL,
    qty         bigint NOT NULL CHECK (qty > 0),
    PRIMARY KEY (reservation, sku, node)
);

CREATE TABLE transfer (
    id         uuid PRIMARY KEY,
    from_node  text        NOT NULL REFERENCES node (code),
    to_node    text        NOT NULL REFERENCES node (code),
    transit    text        NOT NULL REFERENCES node (code),
    sku        text        NOT NULL,
    qty        bigint      NOT NULL CHECK (qty > 0),
    state      text        NOT NULL CHECK (state IN ('in_transit', 'arrived')),
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (from_node <> to_node)
);
