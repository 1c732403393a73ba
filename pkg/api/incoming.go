package api

import (
	"io"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

const (
	// uploadSilence is how long a client may send nothing of a body.
	uploadSilence = 30 * time.Second
	// uploadCheck is how often it is looked at whether it still may.
	uploadCheck = 5 * time.Second

	drainLimit = 10 * time.Second
	drainBytes = 64 << 20
)

// Incoming is the body of a request that is read as it comes, from a client that may not fall silent. huma finds it in
// inputs only where it is exported.
type Incoming struct{ request huma.Context }

// Resolve implements huma.Resolver.
func (in *Incoming) Resolve(c huma.Context) []error {
	in.request = c
	return nil
}

// Read implements io.Reader with the body.
func (in *Incoming) Read(p []byte) (int, error) {
	if err := in.request.SetReadDeadline(time.Now().Add(uploadSilence)); err != nil {
		return 0, err
	}
	return in.request.BodyReader().Read(p)
}

// done leaves the connection to the next request.
func (in *Incoming) done() { _ = in.request.SetReadDeadline(time.Time{}) }

// drain reads the rest of a body that was refused, within bounds: browsers tell of a broken connection, and not of the
// reason, when they can not send all of it.
func (in *Incoming) drain() {
	if in.request.SetReadDeadline(time.Now().Add(drainLimit)) == nil {
		_, _ = io.CopyN(io.Discard, in.request.BodyReader(), drainBytes) // what fails fails for the client
	}
}

// periodically returns a function that asks again, no more often than uploadCheck, and else tells no error.
func periodically(ask func() error) func() error {
	asked := time.Now()
	return func() error {
		if time.Since(asked) < uploadCheck {
			return nil
		}
		asked = time.Now()
		return ask()
	}
}

// anyBytes is the body of an upload in the document.
func anyBytes() *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
}

var (
	_ io.Reader     = (*Incoming)(nil)
	_ huma.Resolver = (*Incoming)(nil)
)
