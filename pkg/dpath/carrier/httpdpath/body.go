package httpdpath

import (
	"errors"
	"io"
	"sync"
)

// after wraps the body of an answer so that done runs once the caller is
// through with it. A connection that switched protocols stays one to write to.
func after(b io.ReadCloser, done func()) io.ReadCloser {
	w := &body{ReadCloser: b, done: done}
	if conn, ok := b.(io.ReadWriteCloser); ok {
		return &switched{body: w, Writer: conn}
	}
	return w
}

// body tells when the caller is done with an answer.
type body struct {
	io.ReadCloser
	once sync.Once
	done func()
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.once.Do(b.done)
	}
	return n, err
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.once.Do(b.done)
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
