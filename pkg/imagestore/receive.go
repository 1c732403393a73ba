package imagestore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/qcow2"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// pieceBytes is what an upload holds in memory and writes at a time.
const pieceBytes = 1 << 20

// Upload is what shall come of an image.
type Upload struct {
	Image  string
	Bytes  int64
	Format string // qcow2 or raw
}

// Receive keeps what body brings of an upload from offset on, which is where the bytes before it ended, piece by piece: what
// was kept stays, however it ends. A body may be a part of the file, the first one a piece or more. goOn is asked before
// each piece. The first piece tells whether the image is what it shall be. What is refused for its content leaves nothing behind.
func (s *Store) Receive(ctx context.Context, u Upload, offset int64, body io.Reader, goOn func() error) (Content, error) {
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		return Content{}, resource.Problemf(resource.ReasonUnavailable, "image", "go on with the upload in a moment", "%d uploads are under way here already", parallel)
	}
	c, err := s.Content(ctx, u.Image)
	if err != nil {
		return c, err
	}
	c.Bytes = u.Bytes
	if offset != c.Received || c.Whole() {
		return c, elsewhere(c)
	}
	sum := sha256.New()
	if c.Received > 0 {
		if err := sum.(encoding.BinaryUnmarshaler).UnmarshalBinary(c.Hashing); err != nil {
			return c, fmt.Errorf("go on with a checksum: %w", err)
		}
	}
	r := &receiving{Store: s, Upload: u, content: c, sum: sum, body: body}
	return r.run(ctx, goOn)
}

func elsewhere(c Content) error {
	return resource.Problemf(resource.ReasonConflict, "image", fmt.Sprintf("go on from byte %d", c.Received), "%d of %d bytes have come", c.Received, c.Bytes)
}

type receiving struct {
	*Store
	Upload
	content Content
	sum     hash.Hash
	body    io.Reader
}

func (r *receiving) run(ctx context.Context, goOn func() error) (Content, error) {
	from := r.content.Received
	piece := make([]byte, min(pieceBytes, r.Bytes-from))
	for r.content.Received < r.Bytes {
		if err := goOn(); err != nil {
			return r.content, err
		}
		n, broken := io.ReadFull(r.body, piece[:min(pieceBytes, r.Bytes-r.content.Received)])
		// Half a beginning tells too little of what the image is.
		if n > 0 && (r.content.Received > 0 || broken == nil) {
			// What came is kept also when whoever sent it is gone.
			if err := r.keep(context.WithoutCancel(ctx), piece[:n]); err != nil {
				return r.content, err
			}
		}
		if broken != nil {
			return r.content, cut(r.content, from, broken)
		}
	}
	if n, _ := io.ReadFull(r.body, make([]byte, 1)); n > 0 {
		return r.content, errors.Join(resource.Problemf(resource.ReasonTooLarge, "image", "make a new image of it", "more came than the %d bytes that the image was said to have", r.Bytes), r.Drop(ctx, r.Image))
	}
	return r.content, nil
}

// cut is why a body ended before its file did; nil when it was a part of it, of which something was kept.
func cut(c Content, from int64, why error) error {
	goOn := fmt.Sprintf("go on from byte %d", c.Received)
	switch {
	case !errors.Is(why, io.EOF) && !errors.Is(why, io.ErrUnexpectedEOF):
		return resource.Problemf(resource.ReasonConflict, "image", goOn, "the upload broke off: %v", why)
	case c.Received == from:
		return resource.Problemf(resource.ReasonConflict, "image", goOn, "the upload ended early: %d of %d bytes have come", c.Received, c.Bytes)
	}
	return nil
}

// keep writes a piece and how far the content has come; whoever else writes to the same place is refused.
func (r *receiving) keep(ctx context.Context, piece []byte) error {
	before := r.content.Received
	if before == 0 {
		if err := r.begin(piece); err != nil {
			return err
		}
	}
	_, _ = r.sum.Write(piece) // never fails
	state, err := r.sum.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return fmt.Errorf("keep a checksum: %w", err)
	}
	c := r.content
	c.Received, c.Hashing, c.UpdatedAt = before+int64(len(piece)), state, r.now()
	if c.Received == c.Bytes {
		c.SHA256 = hex.EncodeToString(r.sum.Sum(nil))
	}
	err = r.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := r.advance(ctx, tx, c, before); err != nil {
			return err
		}
		return r.write(ctx, tx, before, piece)
	})
	if err == nil {
		r.content = c
	}
	return failed("keep", err)
}

// begin looks at the first piece.
func (r *receiving) begin(piece []byte) error {
	h, err := qcow2.Parse(piece)
	refuse := func(hint, format string, args ...any) error {
		return &resource.Problem{Reason: resource.ReasonInvalid, Kind: "image", Detail: "the content is refused: " + fmt.Sprintf(format, args...), Hint: hint}
	}
	alone := "make it self-contained: qemu-img convert -O qcow2 FROM TO"
	switch {
	case err != nil:
		return refuse("check it with: qemu-img check", "%v", err)
	case h.Qcow2 != (r.Format == "qcow2"):
		return refuse("say what it is with --format", "it does not begin as a %s image does", r.Format)
	case h.BackingOffset != 0 || h.BackingLength != 0:
		return refuse(alone, "it has a backing file, which would be looked for on hosts")
	case h.External:
		return refuse(alone, "its data are in another file, which would be looked for on hosts")
	case h.Encrypted:
		return refuse("decrypt it; volumes are encrypted by Plaza", "it is encrypted, and hosts have no key for it")
	}
	r.content.VirtualBytes = r.Bytes
	if h.Qcow2 {
		r.content.VirtualBytes = h.VirtualBytes
	}
	return nil
}

// advance writes how far the content has come. The first piece takes room for all of it.
func (r *receiving) advance(ctx context.Context, tx bun.Tx, c Content, before int64) error {
	if before == 0 {
		return r.admit(ctx, tx, c)
	}
	res, err := tx.NewUpdate().Model(&c).WherePK().Where("received = ?", before).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return resource.Problemf(resource.ReasonConflict, "image", "see how far it is and go on from there", "somebody else sends the same image, or it was deleted")
}

func (r *receiving) admit(ctx context.Context, tx bun.Tx, c Content) error {
	if r.db.Dialect == store.Postgres { // two that count at a time would both find room
		if _, err := tx.ExecContext(ctx, "LOCK TABLE image_contents IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return err
		}
	}
	var taken int64
	if err := tx.NewSelect().Model((*Content)(nil)).ColumnExpr("COALESCE(SUM(bytes), 0)").Scan(ctx, &taken); err != nil {
		return err
	}
	if taken+c.Bytes > r.limits.Total {
		return resource.Problemf(resource.ReasonStorageFull, "image", "delete images that were uploaded, or ask for more room (image_store_gib of plazad)",
			"%d of the %d MiB that there are for images are taken, which leaves too little for this one", taken>>20, r.limits.Total>>20)
	}
	here, err := tx.NewSelect().Table("objects").Where("id = ? AND deleting_at IS NULL", c.Image).Count(ctx)
	if err != nil {
		return err
	}
	if here == 0 {
		return resource.Problemf(resource.ReasonConflict, "image", "", "the image is gone")
	}
	_, err = tx.NewInsert().Model(&c).Exec(ctx)
	if _, twice := store.UniqueViolation(err); twice {
		return resource.Problemf(resource.ReasonConflict, "image", "see how far it is and go on from there", "somebody else sends the same image")
	}
	return err
}

// write hands the piece to the driver as it is: as a literal in a statement it would be held several times.
func (r *receiving) write(ctx context.Context, tx bun.Tx, start int64, piece []byte) error {
	q := "INSERT INTO image_pieces (image, start, data) VALUES (?, ?, ?)"
	if r.db.Dialect == store.Postgres {
		q = "INSERT INTO image_pieces (image, start, data) VALUES ($1, $2, $3)"
	}
	_, err := tx.Tx.ExecContext(ctx, q, r.Image, start, bytes.Clone(piece))
	return err
}
