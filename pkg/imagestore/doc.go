// Package imagestore keeps the bytes of images that were uploaded, in the database: it is what all plazads of an
// installation share, whatever else there is, so that each of them can take an upload, go on with it, and hand it out.
package imagestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// Limits bound what is kept, in bytes.
type Limits struct {
	Image int64 // of one image
	Total int64 // of all images, what is still to come of them included
}

// Store keeps contents.
type Store struct {
	db     *store.DB
	limits Limits
	places chan struct{} // one for each upload that is under way here
	now    func() time.Time
}

// parallel bounds the uploads that one plazad takes at a time, each of which holds a piece in memory.
const parallel = 32

// New keeps contents in a database.
func New(db *store.DB, limits Limits) *Store {
	return &Store{db: db, limits: limits, places: make(chan struct{}, parallel), now: func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }}
}

// Limits are what the store was made with.
func (s *Store) Limits() Limits { return s.limits }

// Content is what has come of an image.
type Content struct {
	bun.BaseModel `bun:"table:image_contents,alias:content"`

	Image        string `bun:",pk"`
	Bytes        int64
	Received     int64  // of these; the next ones come from there
	Hashing      []byte // SHA-256 of what was received, to be gone on with
	SHA256       string `bun:"sha256"` // of the file, once it is whole
	VirtualBytes int64  // of the disk that it shows
	UpdatedAt    time.Time
}

// Whole tells whether all of it has come.
func (c Content) Whole() bool { return c.SHA256 != "" }

// Content is what has come of an image; zero when nothing has.
func (s *Store) Content(ctx context.Context, image string) (Content, error) {
	c := Content{}
	err := s.db.Read.NewSelect().Model(&c).Where("image = ?", image).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Content{Image: image}, nil
	}
	c.UpdatedAt = c.UpdatedAt.UTC()
	return c, failed("read", err)
}

// dropping is the number of bytes that have come of what is being dropped: nobody goes on from there, or reads it.
const dropping = -1

// Drop forgets all that came of an image, some pieces at a time, so that others write meanwhile.
func (s *Store) Drop(ctx context.Context, image string) error {
	res, err := s.db.Write.NewUpdate().Model((*Content)(nil)).Set("received = ?", dropping).Set("sha256 = ''").Where("image = ?", image).Exec(ctx)
	if err != nil {
		return failed("drop", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	for {
		some := s.db.Write.NewSelect().Table("image_pieces").Column("start").Where("image = ?", image).OrderExpr("start").Limit(64)
		res, err := s.db.Write.NewDelete().Table("image_pieces").Where("image = ?", image).Where("start IN (?)", some).Exec(ctx)
		if err != nil {
			return failed("drop", err)
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			break
		}
	}
	_, err = s.db.Write.NewDelete().Model((*Content)(nil)).Where("image = ? AND received = ?", image, dropping).Exec(ctx)
	return failed("drop", err)
}

// SweepEvery is how often Sweep is worth while.
const SweepEvery = time.Hour

// Sweep drops what came for images that are gone, as when one was deleted in the instant that its first bytes came.
func (s *Store) Sweep(ctx context.Context) error {
	var images []string
	err := s.db.Read.NewSelect().Model((*Content)(nil)).Column("image").Where("NOT EXISTS (SELECT 1 FROM objects WHERE objects.id = content.image)").Scan(ctx, &images)
	for _, image := range images {
		err = errors.Join(err, s.Drop(ctx, image))
	}
	return failed("sweep", err)
}

const scheme = "plaza:images/"

// URL is by which drivers ask for the content of an image.
func URL(image string) string { return scheme + image }

// Open reads a whole content by its URL, piece by piece.
func (s *Store) Open(ctx context.Context, url string) (provider.Content, error) {
	image, ok := strings.CutPrefix(url, scheme)
	if !ok {
		return nil, provider.Errorf(provider.ReasonInvalid, "", "%q is no URL of an image that was uploaded", url)
	}
	c, err := s.Content(ctx, image)
	switch {
	case err != nil:
		return nil, provider.Errorf(provider.ReasonUnavailable, "try again in a moment", "read the image: %w", err)
	case !c.Whole():
		return nil, provider.Errorf(provider.ReasonNotFound, "upload it first", "the content of image %s is not here", image)
	}
	return &reader{ctx: ctx, db: s.db, image: image, size: c.Bytes}, nil
}

func failed(what string, err error) error {
	switch p := (*resource.Problem)(nil); {
	case err == nil || errors.As(err, &p):
		return err
	case store.Full(err):
		return &resource.Problem{Reason: resource.ReasonStorageFull, Kind: "image", Detail: "the disk under the database is full", Hint: "free space, then go on with the upload", Err: err}
	case store.Unreachable(err):
		return &resource.Problem{Reason: resource.ReasonUnavailable, Kind: "image", Detail: "the database does not answer", Hint: "go on with the upload in a moment", Err: err}
	}
	return fmt.Errorf("%s the content of an image: %w", what, err)
}
