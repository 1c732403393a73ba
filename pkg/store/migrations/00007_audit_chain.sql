-- +goose Up
ALTER TABLE audit ADD COLUMN granted TEXT NOT NULL DEFAULT '';

CREATE TABLE audit_chain (
  seq BIGINT PRIMARY KEY,
  audit_id $UUID NOT NULL UNIQUE,
  hash TEXT NOT NULL
);

-- What was done stays written; the chain tells when somebody got around these.
-- +goose StatementBegin
$REFUSAL;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_update BEFORE UPDATE ON audit $REFUSE;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_delete BEFORE DELETE ON audit $REFUSE;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_chain_update BEFORE UPDATE ON audit_chain $REFUSE;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_chain_delete BEFORE DELETE ON audit_chain $REFUSE;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit_chain;
DROP TRIGGER audit_update $OF;
DROP TRIGGER audit_delete $OF;
ALTER TABLE audit DROP COLUMN granted;
