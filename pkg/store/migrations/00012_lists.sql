-- +goose Up
-- Names are compared byte by byte on every engine, so that pages by name and ranges of names go by the indexes.
$BYTEWISE;
CREATE INDEX objects_kind_name ON objects (kind, name, id);
CREATE INDEX objects_kind_created ON objects (kind, created_at, id);
CREATE INDEX objects_kind_phase ON objects (kind, phase, id);

-- +goose Down
DROP INDEX objects_kind_phase;
DROP INDEX objects_kind_created;
DROP INDEX objects_kind_name;
