-- +goose Up
-- Bytes of images that were uploaded: how far each has come, and the pieces that it came in. They are no text that would
-- shrink, and PostgreSQL need not try.
CREATE TABLE image_contents (
  image $UUID PRIMARY KEY,
  bytes BIGINT NOT NULL,
  received BIGINT NOT NULL,
  hashing $BYTES NOT NULL,
  sha256 TEXT NOT NULL,
  virtual_bytes BIGINT NOT NULL,
  updated_at $TIME NOT NULL
);
CREATE TABLE image_pieces (
  image $UUID NOT NULL REFERENCES image_contents (image) ON DELETE CASCADE,
  start BIGINT NOT NULL,
  data $BYTES NOT NULL,
  PRIMARY KEY (image, start)
);
$PLAINPIECES;

-- +goose Down
DROP TABLE image_pieces;
DROP TABLE image_contents;
