package openstack

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

// content streams a file and fails at its end, instead of ending well, when its sum or size is not what was promised:
// then the service that reads it does not take it for complete.
type content struct {
	from io.ReadCloser
	want provider.File
	sum  hash.Hash
	n    int64
	head []byte // the first bytes, where formats tell of themselves
	err  error  // what went wrong on this side
}

const headBytes = 32

// open begins to read, on the control plane's side, a file:// or https:// URL, or what Plaza keeps itself.
func open(ctx context.Context, f provider.File, kept provider.Contents) (*content, error) {
	u, err := url.Parse(f.URL)
	if err != nil {
		return nil, provider.Errorf(provider.ReasonInvalid, "", "image URL: %w", err)
	}
	c := &content{want: f, sum: sha256.New()}
	switch {
	case f.Kept() && kept != nil:
		if c.from, err = kept.Open(ctx, f.URL); err != nil {
			return nil, err
		}
	case u.Scheme == "file":
		c.from, err = os.Open(u.Path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, provider.Errorf(provider.ReasonInvalid, "is it still there?", "image file: %w", err)
		}
		if err != nil {
			return nil, provider.Errorf(provider.ReasonInternal, "", "image file: %w", err)
		}
	case u.Scheme == "http", u.Scheme == "https":
		c.from, err = download(ctx, f.URL)
		if err != nil {
			return nil, err
		}
	default:
		return nil, provider.Errorf(provider.ReasonInvalid, "file:// or https://", "image URL %q", f.URL)
	}
	return c, nil
}

// source has no overall timeout, as images are large; one that falls silent is given up by ctx.
var source = &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: 30 * time.Second, TLSHandshakeTimeout: dialTimeout}}

func download(ctx context.Context, from string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, provider.Errorf(provider.ReasonInvalid, "", "image URL: %w", err)
	}
	resp, err := source.Do(req)
	if err != nil {
		return nil, provider.Errorf(provider.ReasonUnavailable, "can plazad reach it?", "download image: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		reason := provider.ReasonUnavailable
		if resp.StatusCode < 500 {
			reason = provider.ReasonInvalid
		}
		return nil, provider.Errorf(reason, "is the URL still right?", "download image: %s answers %s", from, resp.Status)
	}
	return resp.Body, nil
}

// Read implements io.Reader.
func (c *content) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.sum.Write(p[:n])
	c.n += int64(n)
	if room := headBytes - len(c.head); room > 0 {
		c.head = append(c.head, p[:min(n, room)]...)
	}
	switch {
	case errors.Is(err, io.EOF):
		if c.err = c.verify(); c.err != nil {
			return n, c.err
		}
	case err != nil:
		c.err = provider.Errorf(provider.ReasonUnavailable, "", "read image: %w", err)
		return n, c.err
	}
	return n, err
}

func (c *content) verify() error {
	if got := hex.EncodeToString(c.sum.Sum(nil)); got != c.want.SHA256 {
		return provider.Errorf(provider.ReasonInvalid, "is the file damaged, or another version?", "SHA-256 of %s is %s, not %s", c.want.URL, got, c.want.SHA256)
	}
	if c.want.Bytes != 0 && c.n != c.want.Bytes {
		return provider.Errorf(provider.ReasonInvalid, "", "%s has %d bytes, not %d", c.want.URL, c.n, c.want.Bytes)
	}
	return nil
}

func (c *content) close() { _ = c.from.Close() }

// virtualGiB is the size of the disk inside, rounded up, at least 1.
func (c *content) virtualGiB() int {
	size := uint64(c.n) //nolint:gosec // a count
	if len(c.head) == headBytes && string(c.head[:4]) == "QFI\xfb" {
		size = binary.BigEndian.Uint64(c.head[24:])
	}
	const gib = 1 << 30
	return int(max(1, (size+gib-1)/gib)) //nolint:gosec // fits
}
