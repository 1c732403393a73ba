-- +goose Up
CREATE TABLE orders (
    id          uuid PRIMARY KEY,
    channel     text        NOT NULL,
    store       text        NOT NULL,
    member      text        NOT NULL DEFAULT '',
    currency    text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    goods       bigint      NOT NULL CHECK (goods >= 0),
    discount    bigint      NOT NULL CHECK (discount BETWEEN 0 AND goods),
    freight     bigint      NOT NULL CHECK (freight >= 0),
    payable     bigint      NOT NULL CHECK (payable = goods - discount + freight),
    paid        bigint      NOT NULL DEFAULT 0 CHECK (paid BETWEEN 0 AND payable),
    state       text        NOT NULL CHECK (state IN ('awaiting_payment', 'paid', 'confirmed', 'completed', 'cancelled')),
    reason      text        NOT NULL DEFAULT '',
    reservation uuid        NOT NULL UNIQUE,
    pay_before  timestamptz NOT NULL,
    version     bigint      NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CHECK (state NOT IN ('paid', 'confirmed', 'completed') OR paid = payable)
);

CREATE TABLE order_line (
    order_id   uuid    NOT NULL REFERENCES orders (id),
    n          integer NOT NULL,
    sku        text    NOT NULL,
    name_zh    text    NOT NULL,
    name_en    text    NOT NULL,
    qty        bigint  NOT NULL CHECK (qty > 0),
    unit_price bigint  NOT NULL CHECK (unit_price >= 0),
    gross      bigint  NOT NULL CHECK (gross = unit_price * qty),
    discount   bigint  NOT NULL CHECK (discount BETWEEN 0 AND gross),
    payable    bigint  NOT NULL CHECK (payable = gross - discount),
    PRIMARY KEY (order_id, n)
);

CREATE TABLE payment (
    id          uuid PRIMARY KEY,
    order_id    uuid        NOT NULL REFERENCES orders (id),
    tender      text        NOT NULL,
    amount      bigint      NOT NULL CHECK (amount >= 0),
    currency    text        NOT NULL,
    state       text        NOT NULL CHECK (state IN ('pending', 'succeeded', 'failed')),
    applied     boolean     NOT NULL DEFAULT false CHECK (NOT applied OR state = 'succeeded'),
    channel_ref text        NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    settled_at  timestamptz
);
CREATE INDEX payment_order ON payment (order_id);

-- One refund at most per payment: what was taken and is not kept goes back once.
CREATE TABLE refund (
    id         uuid PRIMARY KEY,
    payment_id uuid        NOT NULL UNIQUE REFERENCES payment (id),
    order_id   uuid        NOT NULL REFERENCES orders (id),
    amount     bigint      NOT NULL CHECK (amount >= 0),
    currency   text        NOT NULL,
    reason     text        NOT NULL,
    state      text        NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done')),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE saga (
    id          uuid PRIMARY KEY,
    order_id    uuid        NOT NULL UNIQUE,
    reservation uuid        NOT NULL UNIQUE,
    step        text        NOT NULL CHECK (step IN
        ('started', 'created', 'paid', 'cancelling', 'confirmed', 'cancelled', 'refused')),
    plan        jsonb       NOT NULL,
    caller      text        NOT NULL,
    key         text        NOT NULL,
    attempts    integer     NOT NULL DEFAULT 0,
    last_error  text        NOT NULL DEFAULT '',
    due_at      timestamptz NOT NULL,
    dpath_env   text        NOT NULL DEFAULT '',
    traceparent text        NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX saga_due ON saga (due_at) WHERE step IN ('started', 'created', 'paid', 'cancelling');
