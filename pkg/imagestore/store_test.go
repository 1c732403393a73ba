package imagestore

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func each(t *testing.T, f func(t *testing.T, s *Store)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, New(db, Limits{Image: 8 << 20, Total: 12 << 20})) })
}

// image puts an object into the database for contents to be of.
func (s *Store) image(t *testing.T) string {
	t.Helper()
	id := resource.NewID()
	_, err := s.db.Write.ExecContext(t.Context(), `INSERT INTO objects (id, kind, project, name, labels, spec, status, conditions, finalizers, phase, generation,
		observed_generation, version, revision, created_by, created_at, updated_at)
		VALUES (?, 'image', '', ?, '{}', '{}', '{}', '[]', '[]', 'Pending', 1, 0, 1, 1, 'test', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`, id, id)
	require.NoError(t, err)
	return id
}

func random(t *testing.T, n int) []byte {
	t.Helper()
	data := make([]byte, n)
	_, err := rand.Read(data)
	require.NoError(t, err)
	data[0] = 0 // no other format
	return data
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func always() error { return nil }

// rows counts what is kept.
func (s *Store) rows(t *testing.T) (contents, pieces int) {
	t.Helper()
	require.NoError(t, s.db.Read.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM image_contents").Scan(&contents))
	require.NoError(t, s.db.Read.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM image_pieces").Scan(&pieces))
	return contents, pieces
}

func TestWhatBreaksOffGoesOnAnywhere(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		data := random(t, 5<<20+12345)
		u := Upload{Image: s.image(t), Bytes: int64(len(data)), Format: "raw"}
		other := New(s.db, s.limits) // another plazad
		at := int64(0)
		for i, n := range []int{2<<20 + 77, 1 << 20, 99} {
			on := []*Store{s, other}[i%2]
			c, err := on.Receive(t.Context(), u, at, io.MultiReader(bytes.NewReader(data[at:at+int64(n)]), broken{}), always)
			require.Equal(t, resource.ReasonConflict, resource.ReasonOf(err))
			require.ErrorContains(t, err, "the cable")
			require.Equal(t, at+int64(n), c.Received)
			at = c.Received
			_, err = on.Receive(t.Context(), u, at-1, bytes.NewReader(data), always)
			require.Equal(t, resource.ReasonConflict, resource.ReasonOf(err), "it goes on where it was, and nowhere else")
			_, err = on.Open(t.Context(), URL(u.Image))
			require.True(t, provider.IsNotFound(err), "half an image is none: %v", err)
		}
		c, err := other.Receive(t.Context(), u, at, bytes.NewReader(data[at:]), always)
		require.NoError(t, err)
		require.Equal(t, sumOf(data), c.SHA256)
		require.Equal(t, int64(len(data)), c.VirtualBytes)
		_, err = s.Receive(t.Context(), u, at, bytes.NewReader(nil), always)
		require.Equal(t, resource.ReasonConflict, resource.ReasonOf(err))

		r, err := s.Open(t.Context(), URL(u.Image))
		require.NoError(t, err)
		require.Equal(t, int64(len(data)), r.Size())
		got, err := io.ReadAll(r)
		require.NoError(t, errors.Join(err, r.Close()))
		require.Equal(t, sumOf(data), sumOf(got))
		require.NoError(t, s.Drop(t.Context(), u.Image))
		require.NoError(t, s.Drop(t.Context(), u.Image))
		contents, pieces := s.rows(t)
		require.Zero(t, contents+pieces)
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the cable was pulled") }

// qcow2 is the beginning of such a file.
func qcow2Head(change func(head []byte)) []byte {
	head := make([]byte, 4096)
	binary.BigEndian.PutUint32(head, 0x514649fb)
	binary.BigEndian.PutUint32(head[4:], 3)
	binary.BigEndian.PutUint64(head[24:], 5<<30)
	change(head)
	return head
}

func TestContentIsWhatItIsSaidToBe(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		for name, c := range map[string]struct {
			format string
			data   []byte
			why    string
		}{
			"backing":   {"qcow2", qcow2Head(func(h []byte) { binary.BigEndian.PutUint64(h[8:], 512); binary.BigEndian.PutUint32(h[16:], 11) }), "backing file"},
			"nameless":  {"qcow2", qcow2Head(func(h []byte) { binary.BigEndian.PutUint32(h[16:], 11) }), "backing file"},
			"outside":   {"qcow2", qcow2Head(func(h []byte) { binary.BigEndian.PutUint64(h[72:], 4) }), "another file"},
			"encrypted": {"qcow2", qcow2Head(func(h []byte) { binary.BigEndian.PutUint32(h[32:], 2) }), "encrypted"},
			"damaged":   {"qcow2", qcow2Head(func(h []byte) { binary.BigEndian.PutUint32(h[4:], 9) }), "damaged"},
			"raw":       {"qcow2", random(t, 4096), "does not begin as a qcow2"},
			"trick":     {"raw", qcow2Head(func([]byte) {}), "does not begin as a raw"},
		} {
			_, err := s.Receive(t.Context(), Upload{Image: s.image(t), Bytes: int64(len(c.data)), Format: c.format}, 0, bytes.NewReader(c.data), always)
			require.Equal(t, resource.ReasonInvalid, resource.ReasonOf(err), name)
			require.ErrorContains(t, err, c.why, name)
		}
		longer := random(t, 4097)
		_, err := s.Receive(t.Context(), Upload{Image: s.image(t), Bytes: 4096, Format: "raw"}, 0, bytes.NewReader(longer), always)
		require.Equal(t, resource.ReasonTooLarge, resource.ReasonOf(err))
		_, err = s.Receive(t.Context(), Upload{Image: s.image(t), Bytes: 2 << 20, Format: "raw"}, 0, bytes.NewReader(longer), always)
		require.Equal(t, resource.ReasonConflict, resource.ReasonOf(err), "half a beginning tells too little")
		contents, pieces := s.rows(t)
		require.Zero(t, contents+pieces, "nothing stays of what was refused")
		good := qcow2Head(func([]byte) {})
		c, err := s.Receive(t.Context(), Upload{Image: s.image(t), Bytes: int64(len(good)), Format: "qcow2"}, 0, bytes.NewReader(good), always)
		require.NoError(t, err)
		require.Equal(t, int64(5<<30), c.VirtualBytes)
	})
}

func TestRoomIsTakenForAllOfIt(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		begin := func(bytes int64) error {
			_, err := s.Receive(t.Context(), Upload{Image: s.image(t), Bytes: bytes, Format: "raw"}, 0, begun(t), always)
			return err
		}
		require.NoError(t, begin(8<<20))
		require.Equal(t, resource.ReasonStorageFull, resource.ReasonOf(begin(5<<20)))
		require.NoError(t, begin(2<<20))
		gone := resource.NewID()
		_, err := s.Receive(t.Context(), Upload{Image: gone, Bytes: 2 << 20, Format: "raw"}, 0, begun(t), always)
		require.ErrorContains(t, err, "gone")

		// What the objects of are gone goes with the next sweep.
		_, err = s.db.Write.ExecContext(t.Context(), "DELETE FROM objects")
		require.NoError(t, err)
		require.NoError(t, s.Sweep(t.Context()))
		contents, pieces := s.rows(t)
		require.Zero(t, contents+pieces)
	})
}

func TestAFileComesInParts(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		data := random(t, 5<<20+12345)
		u := Upload{Image: s.image(t), Bytes: int64(len(data)), Format: "raw"}
		at := int64(0)
		for _, n := range []int64{pieceBytes, 2<<20 + 77, 3, u.Bytes} {
			to := min(at+n, u.Bytes)
			c, err := s.Receive(t.Context(), u, at, bytes.NewReader(data[at:to]), always)
			require.NoError(t, err)
			require.Equal(t, to, c.Received)
			require.Equal(t, to == u.Bytes, c.Whole())
			at = to
		}
		c, err := s.Content(t.Context(), u.Image)
		require.NoError(t, err)
		require.Equal(t, sumOf(data), c.SHA256)
		u.Image = s.image(t)
		_, err = s.Receive(t.Context(), u, 0, bytes.NewReader(nil), always)
		require.Equal(t, resource.ReasonConflict, resource.ReasonOf(err), "nothing came")
	})
}

// begun is the first piece of a file.
func begun(t *testing.T) io.Reader { return bytes.NewReader(random(t, pieceBytes)) }

func TestTwoAtTheSamePlace(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		data := random(t, 3<<20)
		u := Upload{Image: s.image(t), Bytes: int64(len(data)), Format: "raw"}
		const n = 4
		errs := make(chan error, n)
		for range n {
			go func() {
				_, err := s.Receive(t.Context(), u, 0, bytes.NewReader(data), always)
				errs <- err
			}()
		}
		won := 0
		for range n {
			if err := <-errs; err == nil {
				won++
			} else {
				require.Equal(t, resource.ReasonConflict, resource.ReasonOf(err), "%v", err)
			}
		}
		require.LessOrEqual(t, won, 1)
		c, err := s.Content(t.Context(), u.Image)
		require.NoError(t, err)
		if won == 0 { // each was in the other's way; then it is gone on with
			c, err = s.Receive(t.Context(), u, c.Received, bytes.NewReader(data[c.Received:]), always)
			require.NoError(t, err)
		}
		require.Equal(t, sumOf(data), c.SHA256)
	})
}

func TestAnUploadEndsWhereItMayGoOnNoMore(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		data, asked, forbidden := random(t, 4<<20), 0, errors.New("the session ended")
		u := Upload{Image: s.image(t), Bytes: int64(len(data)), Format: "raw"}
		c, err := s.Receive(t.Context(), u, 0, bytes.NewReader(data), func() error {
			if asked++; asked > 2 {
				return forbidden
			}
			return nil
		})
		require.ErrorIs(t, err, forbidden)
		require.Equal(t, int64(2<<20), c.Received)
		require.WithinDuration(t, time.Now(), c.UpdatedAt, time.Minute)

		// A reader of what is dropped meanwhile is told.
		_, err = s.Receive(t.Context(), u, c.Received, bytes.NewReader(data[c.Received:]), always)
		require.NoError(t, err)
		r, err := s.Open(context.Background(), URL(u.Image))
		require.NoError(t, err)
		_, err = io.ReadFull(r, make([]byte, 10))
		require.NoError(t, err)
		require.NoError(t, s.Drop(t.Context(), u.Image))
		_, err = io.ReadAll(r)
		require.True(t, provider.IsNotFound(err), "%v", err)
	})
}
