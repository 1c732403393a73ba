package imagestore

import (
	"context"
	"database/sql"
	"errors"
	"io"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/store"
)

// reader holds one piece at a time.
type reader struct {
	ctx   context.Context //nolint:containedctx // lives for one reading
	db    *store.DB
	image string
	size  int64
	at    int64 // where the next piece begins
	piece []byte
}

var _ provider.Content = (*reader)(nil)

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if len(r.piece) == 0 {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.piece)
	r.piece = r.piece[n:]
	return n, nil
}

func (r *reader) next() error {
	if r.at == r.size {
		return io.EOF
	}
	var piece []byte
	err := r.db.Read.NewSelect().Table("image_pieces").Column("data").Where("image = ? AND start = ?", r.image, r.at).Scan(r.ctx, &piece)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && len(piece) == 0:
		return provider.Errorf(provider.ReasonNotFound, "", "the content of image %s went away", r.image)
	case err != nil:
		return provider.Errorf(provider.ReasonUnavailable, "try again in a moment", "read the image: %w", err)
	}
	r.piece, r.at = piece, r.at+int64(len(piece))
	return nil
}

// Size implements provider.Content.
func (r *reader) Size() int64 { return r.size }

// Close implements io.Closer.
func (r *reader) Close() error { return nil }
