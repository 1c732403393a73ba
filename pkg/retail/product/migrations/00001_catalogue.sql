-- +goose Up
CREATE TABLE category (
    code    text PRIMARY KEY,
    parent  text REFERENCES category (code),
    name_zh text NOT NULL,
    name_en text NOT NULL
);

CREATE TABLE brand (
    code    text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL
);

CREATE TABLE spu (
    id         uuid PRIMARY KEY,
    category   text        NOT NULL REFERENCES category (code),
    brand      text        NOT NULL REFERENCES brand (code),
    name_zh    text        NOT NULL,
    name_en    text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sku (
    code       text PRIMARY KEY CHECK (code ~ '^[A-Za-z0-9._-]{1,64}$'),
    id         uuid        NOT NULL UNIQUE,
    spu        uuid        NOT NULL REFERENCES spu (id),
    name_zh    text        NOT NULL,
    name_en    text        NOT NULL,
    unit       text        NOT NULL DEFAULT 'piece',
    published  boolean     NOT NULL DEFAULT false,
    version    bigint      NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE barcode (
    code text PRIMARY KEY CHECK (code ~ '^[0-9]{8,14}$'),
    sku  text NOT NULL REFERENCES sku (code)
);
CREATE INDEX barcode_sku ON barcode (sku);

-- '*' is "every channel" or "every store"; the most specific price wins.
CREATE TABLE price_list (
    id         uuid PRIMARY KEY,
    sku        text        NOT NULL REFERENCES sku (code),
    channel    text        NOT NULL DEFAULT '*',
    store      text        NOT NULL DEFAULT '*',
    amount     bigint      NOT NULL CHECK (amount >= 0),
    currency   text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    active     tstzrange   NOT NULL CHECK (NOT isempty(active)),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT price_list_one_active EXCLUDE USING gist
        (sku WITH =, channel WITH =, store WITH =, active WITH &&)
);
