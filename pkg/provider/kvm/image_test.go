package kvm

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
)

// kept are contents in memory; broken, they end with an error after that many bytes.
type kept struct {
	data   []byte
	broken int
}

func (k kept) Open(_ context.Context, url string) (provider.Content, error) {
	if url != "plaza:images/1" {
		return nil, provider.Errorf(provider.ReasonNotFound, "", "no %s", url)
	}
	if k.broken > 0 {
		return opened{io.MultiReader(bytes.NewReader(k.data[:k.broken]), away{}), int64(len(k.data))}, nil
	}
	return opened{bytes.NewReader(k.data), int64(len(k.data))}, nil
}

type opened struct {
	io.Reader
	size int64
}

func (o opened) Size() int64 { return o.size }
func (opened) Close() error  { return nil }

type away struct{}

func (away) Read([]byte) (int, error) {
	return 0, provider.Errorf(provider.ReasonUnavailable, "", "the database is away")
}

// taker takes images into memory.
type taker struct {
	provider.Driver
	have  atomic.Bool
	taken []byte
	late  func(disk io.Reader) error // in place of taking
	err   error                      // why one was not taken
}

func (r *taker) EnsureImage(_ context.Context, host string, want provider.Image) (provider.ImageState, error) {
	if r.have.Load() {
		return provider.ImageState{ID: want.ID, Host: host, Bytes: 1}, nil
	}
	return provider.ImageState{}, provider.Errorf(provider.ReasonNotFound, "", "it is not here")
}

func (r *taker) TakeImage(_ context.Context, host string, want provider.Image, disk io.Reader) (provider.ImageState, error) {
	if r.late != nil {
		if r.err = r.late(disk); r.err != nil {
			return provider.ImageState{}, r.err
		}
		return provider.ImageState{ID: want.ID, Host: host}, nil
	}
	r.taken, r.err = io.ReadAll(io.LimitReader(disk, want.Disk.Bytes))
	r.have.Store(r.err == nil)
	return provider.ImageState{ID: want.ID, Host: host, Bytes: int64(len(r.taken))}, r.err
}

func TestWhatPlazaKeepsIsHandedOver(t *testing.T) {
	data := make([]byte, 3<<20+17)
	_, err := rand.Read(data)
	require.NoError(t, err)
	d, agent := local(t)
	host := &taker{}
	r, err := bus.Serve(agent, bus.ServeConfig{Host: "h1", Role: Role, Methods: Methods("h1", host), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	require.NoError(t, agent.Flush())
	want := provider.Image{ID: "1", Disk: provider.File{URL: "plaza:images/1", Bytes: int64(len(data))}}
	ensure := func(k provider.Contents) error {
		d.contents = k
		_, err := d.EnsureImage(t.Context(), "h1", want)
		return err
	}
	require.True(t, provider.IsNotFound(ensure(nil)))

	// Contents that break off leave an image that is not there, and say why.
	err = ensure(kept{data, 2 << 20})
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err))
	require.ErrorContains(t, err, "the database is away")
	require.Eventually(t, func() bool { return r.Active() == 0 && !host.have.Load() }, 10*time.Second, 10*time.Millisecond)

	// The host's refusal is told; it may come before all was sent.
	host.late = func(disk io.Reader) error {
		_, err := io.CopyN(io.Discard, disk, 1<<20)
		return errors.Join(provider.Errorf(provider.ReasonNoSpace, "free some", "the disk is full"), err)
	}
	err = ensure(kept{data: data})
	require.Equal(t, provider.ReasonNoSpace, provider.ReasonOf(err))

	// Somebody else was quicker: the rest is not wanted.
	host.late = func(io.Reader) error { return nil }
	require.NoError(t, ensure(kept{data: data}))

	host.late = nil
	require.NoError(t, ensure(kept{data: data}))
	require.Equal(t, data, host.taken)
	require.NoError(t, ensure(kept{broken: 1}), "it is there")
	require.NoError(t, r.Close(t.Context()))
}
