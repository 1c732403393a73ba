package cli

import (
	"context"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/client"
)

// upload is a file on its way.
type upload struct {
	*kindCommand
	client *client.Client
	image  client.Object
	made   bool // by this command

	file  *os.File
	size  int64
	sum   hash.Hash // of the file up to hashed
	at    int64     // what is read next
	kept  int64     // what the server has
	line  *progress
	begun time.Time
	from  int64 // where this command began to send
	told  time.Time

	hashed int64
}

// sendTries is how often in a row an upload goes on that came no further.
const sendTries = 6

// send sends what the server has not, again from where it was when the way there broke.
func (u *upload) send(ctx context.Context) error {
	u.begun, u.from = time.Now(), u.kept
	for tries := 0; u.kept < u.size; {
		before := u.kept
		err := u.put(ctx)
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil:
			return ctx.Err()
		case !broken(err):
			return err
		}
		if tries++; tries == sendTries {
			return err
		}
		u.line.tell("the upload broke off, and goes on: %s", err)
		if pause(ctx, comeBack) != nil {
			return ctx.Err()
		}
		if looked := u.look(ctx); looked != nil && !broken(looked) {
			return looked
		}
		if u.kept > before {
			tries = 0
		}
	}
	return u.seek(u.size)
}

// broken tells of failures after which an upload can go on.
func broken(err error) bool {
	switch client.ReasonOf(err) {
	case client.ReasonUnreachable, "Unavailable", "Conflict", "Timeout", "":
		return true
	}
	return false
}

// look asks how much the server has.
func (u *upload) look(ctx context.Context) error {
	st, err := client.Read[client.ImageUpload](u.client.GetImageUpload(ctx, u.image.ID, &client.GetImageUploadParams{}))
	if err == nil {
		u.kept = st.Received
	}
	return err
}

func (u *upload) put(ctx context.Context) error {
	if err := u.seek(u.kept); err != nil {
		return err
	}
	body := &sending{read: u.next}
	st, err := client.Read[client.ImageUpload](u.client.UploadImageWithBody(ctx, u.image.ID, &client.UploadImageParams{Offset: &u.kept}, "application/octet-stream", body))
	_ = body.Close() // never fails
	if err == nil {
		u.kept = st.Received
	}
	return err
}

// seek goes to a place in the file, and makes sure that all before it has been hashed.
func (u *upload) seek(to int64) error {
	if to > u.hashed {
		if _, err := u.file.Seek(u.hashed, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.CopyN(u.sum, u.file, to-u.hashed); err != nil {
			return fmt.Errorf("read what was sent before: %w", err)
		}
		u.hashed = to
	}
	_, err := u.file.Seek(to, io.SeekStart)
	u.at = to
	return err
}

// sending is the body of one attempt. Nothing is read once it is closed: the transport may read on a moment longer than it
// takes to be refused.
type sending struct {
	read   func([]byte) (int, error)
	mu     sync.Mutex
	closed bool
}

// Close implements io.Closer.
func (s *sending) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// Read implements io.Reader.
func (s *sending) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, os.ErrClosed
	}
	return s.read(p)
}

// next reads the file; what goes by for the first time is hashed.
func (u *upload) next(p []byte) (int, error) {
	n, err := u.file.Read(p[:min(int64(len(p)), u.size-u.at)])
	if u.at >= u.size {
		return 0, io.EOF
	}
	if end := u.at + int64(n); end > u.hashed {
		_, _ = u.sum.Write(p[n-int(end-u.hashed) : n]) // never fails
		u.hashed = end
	}
	u.at += int64(n)
	u.tell()
	return n, err
}

// tell shows how it goes, more often where a person looks on.
func (u *upload) tell() {
	every := 5 * time.Second
	if u.line.live {
		every = 200 * time.Millisecond
	}
	if time.Since(u.told) < every && u.at < u.size {
		return
	}
	u.told = time.Now()
	rate := int64(float64(u.at-u.from) / max(time.Since(u.begun).Seconds(), 0.001))
	u.line.tell("image %s: %s of %s, %d %%, %s/s", u.image.Name, amount(u.at), amount(u.size), 100*u.at/u.size, amount(rate))
}

// undo leaves nothing behind of what was refused. What was interrupted stays for a while, to be gone on with.
func (u *upload) undo(ctx context.Context, why error) error {
	if ctx.Err() != nil || broken(why) {
		u.line.end()
		fmt.Fprintln(u.Err, "the upload is kept for a day: give the same command again, and it goes on")
		return why
	}
	if u.made || client.ReasonOf(why) == "Invalid" || client.ReasonOf(why) == "TooLarge" {
		_ = client.Done(u.noun.Delete(ctx, u.client, client.Target{ID: u.image.ID}, client.Write{Key: newKey()})) // else it goes within a day
	}
	return why
}

// amount is a number of bytes for people.
func amount(n int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= unit.size {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(unit.size), unit.name)
		}
	}
	return fmt.Sprintf("%d B", n)
}
