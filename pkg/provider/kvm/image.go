package kvm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

// Taker is a driver of a host that takes images which are handed over to it, of as many bytes as they are said to have.
type Taker interface {
	TakeImage(ctx context.Context, host string, want provider.Image, disk io.Reader) (provider.ImageState, error)
}

// WithContents lets the driver hand over the images that Plaza keeps itself.
func WithContents(c provider.Contents) Option { return func(d *Driver) { d.contents = c } }

// EnsureImage makes an image available. Hosts fetch it themselves, but for what Plaza keeps: that is handed to those that lack it.
func (d *Driver) EnsureImage(ctx context.Context, host string, want provider.Image) (provider.ImageState, error) {
	st, err := ask[provider.ImageState](ctx, d, host, "EnsureImage", imageLimit, want)
	if provider.IsNotFound(err) && want.Disk.Kept() && d.contents != nil {
		return d.hand(ctx, host, want)
	}
	return st, err
}

func (d *Driver) hand(ctx context.Context, host string, want provider.Image) (st provider.ImageState, err error) {
	ctx, cancel := context.WithTimeout(ctx, imageLimit)
	defer cancel()
	content, err := d.contents.Open(ctx, want.Disk.URL)
	if err != nil {
		return st, err
	}
	defer content.Close()
	s, err := d.caller.Open(ctx, host, Role, "TakeImage", wire.ReadLimit, want)
	if err != nil {
		return st, d.failure(host, err)
	}
	stop := context.AfterFunc(ctx, func() {
		_ = s.CloseWith(provider.Errorf(provider.ReasonTimeout, "", "hand over the image: %w", ctx.Err()))
	})
	defer stop()
	sent := make(chan error, 1)
	go func() {
		_, err := io.Copy(s, content)
		if failed := (*provider.Error)(nil); errors.As(err, &failed) { // of the content, not of the stream
			_ = s.CloseWith(wire.Fault(failed))
			sent <- failed
			return
		}
		sent <- nil
	}()
	answer, err := io.ReadAll(io.LimitReader(s, maxTaken))
	_ = s.Close()
	if failed := <-sent; failed != nil {
		return st, failed
	}
	if ctx.Err() != nil {
		return st, provider.Errorf(provider.ReasonTimeout, "", "hand over the image: %w", ctx.Err())
	}
	if err == nil {
		err = json.Unmarshal(answer, &st)
	}
	return st, d.failure(host, err)
}

// maxTaken bounds what a host says of an image that it took.
const maxTaken = 64 << 10

func imageMethods(host string, d provider.Driver) map[string]bus.Method {
	taker, ok := d.(Taker)
	if !ok {
		return nil
	}
	return map[string]bus.Method{"TakeImage": {Timeout: wire.ReadLimit, Open: func(_ context.Context, body json.RawMessage) (io.ReadWriteCloser, error) {
		var want provider.Image
		if err := json.Unmarshal(body, &want); err != nil {
			return nil, &bus.Fault{Reason: bus.ReasonInvalid, Detail: fmt.Sprintf("the arguments are unreadable: %v", err), Err: err}
		}
		return newTaking(func(ctx context.Context, disk io.Reader) (any, error) { return taker.TakeImage(ctx, host, want, disk) }), nil
	}}}
}

// taking is what a stream with an image carries: bytes go in, and out comes what became of them.
type taking struct {
	*io.PipeWriter
	cancel context.CancelFunc
	once   sync.Once
	done   chan struct{}
	answer *bytes.Reader
	err    error
}

func newTaking(take func(ctx context.Context, disk io.Reader) (any, error)) *taking {
	ctx, cancel := context.WithTimeout(context.Background(), imageLimit)
	from, to := io.Pipe()
	t := &taking{PipeWriter: to, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer cancel()
		st, err := take(ctx, from)
		if err == nil {
			var text []byte
			text, err = json.Marshal(st)
			t.answer = bytes.NewReader(text)
		}
		t.err = wire.Fault(err)
		close(t.done)
		_ = from.Close() // what still comes is not wanted
	}()
	return t
}

// Read waits for the end.
func (t *taking) Read(p []byte) (int, error) {
	<-t.done
	if t.err != nil {
		return 0, t.err
	}
	return t.answer.Read(p)
}

// Close ends what has not ended.
func (t *taking) Close() error {
	t.once.Do(func() {
		t.cancel()
		_ = t.CloseWithError(io.ErrUnexpectedEOF)
	})
	return nil
}
