package httpdpath

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// body is that of an answer; it notes when the caller is through with it.
type body struct {
	io.ReadCloser
	call *call
	node *dpath.Node
	end  context.CancelCauseFunc
	over atomic.Bool
}

// passed gives what the caller reads. A connection that switched protocols
// stays one to write to.
func (b *body) passed() io.ReadCloser {
	if conn, ok := b.ReadCloser.(io.ReadWriteCloser); ok {
		return &switched{body: b, Writer: conn}
	}
	return b
}

func (b *body) done() {
	if !b.over.Swap(true) {
		b.call.view.End(b.node)
		b.end(nil)
	}
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.done()
	}
	return n, err
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.done()
	return b.ReadCloser.Close()
}

// switched is a connection after 101. It is in flight until it is closed: one
// side may have ended while the other still speaks.
type switched struct {
	*body
	io.Writer
}

// Read implements io.Reader.
func (s *switched) Read(p []byte) (int, error) { return s.ReadCloser.Read(p) }

// source is a request's own body. Its failures are not those of a node.
type source struct{ io.ReadCloser }

type sourceError struct{ error }

// Unwrap gives the failure itself.
func (e *sourceError) Unwrap() error { return e.error }

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &sourceError{err}
	}
	return n, err
}
