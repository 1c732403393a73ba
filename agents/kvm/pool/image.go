package pool

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/provider"
)

const imageRecord = "image.json"

// EnsureImage makes the image available, each file checked by its SHA-256. file:// is copied, by reflink where the file
// system can; https:// is fetched. Reasons: Invalid for a bad checksum or URL, NotFound when the source is absent,
// NoSpace, Unavailable when the server does not answer, Conflict for other content under a known id. What Plaza keeps itself
// is NotFound until TakeImage brought it.
func (p *Pool) EnsureImage(ctx context.Context, want provider.Image) (provider.ImageState, error) {
	return p.ensureImage(ctx, want, nil)
}

// TakeImage makes an image available whose disk Plaza hands over, of as many bytes as it is said to have; see EnsureImage.
func (p *Pool) TakeImage(ctx context.Context, want provider.Image, disk io.Reader) (provider.ImageState, error) {
	return p.ensureImage(ctx, want, disk)
}

func (p *Pool) ensureImage(ctx context.Context, want provider.Image, disk io.Reader) (provider.ImageState, error) {
	if err := CheckID(want.ID); err != nil {
		return provider.ImageState{}, err
	}
	if want.Format != "qcow2" && want.Format != "raw" {
		return provider.ImageState{}, provider.Errorf(provider.ReasonInvalid, "qcow2 or raw", "image format %q", want.Format)
	}
	if have, err := p.Image(want.ID); err == nil {
		if !sameContent(have, want) {
			return provider.ImageState{}, provider.Errorf(provider.ReasonConflict, "an image is immutable: register a new one", "image %s is here with other content", want.ID)
		}
		return p.imageState(want.ID), nil
	}
	draft := p.path("images", ".part-"+want.ID)
	if err := os.RemoveAll(draft); err != nil {
		return provider.ImageState{}, fileError("remove a half image", err)
	}
	if want.Disk.Kept() && disk == nil {
		return provider.ImageState{}, provider.Errorf(provider.ReasonNotFound, "hand it over", "the content of image %s is not here", want.ID)
	}
	if err := p.fillImage(ctx, draft, want, disk); err != nil {
		return provider.ImageState{}, errors.Join(err, os.RemoveAll(draft))
	}
	return p.imageState(want.ID), nil
}

func (p *Pool) fillImage(ctx context.Context, draft string, want provider.Image, disk io.Reader) error {
	if err := os.Mkdir(draft, 0o711); err != nil { //nolint:gosec // QEMU may run as another user
		return fileError("image folder", err)
	}
	parts := map[string]*provider.File{"disk": &want.Disk, "kernel": want.Kernel, "initrd": want.Initrd}
	for name, file := range parts {
		if file == nil {
			continue
		}
		path, obtain := filepath.Join(draft, name), obtain
		if name == "disk" && disk != nil {
			obtain = func(ctx context.Context, path string, file provider.File) error { return take(ctx, path, file, disk) }
		}
		if err := obtain(ctx, path, *file); err != nil {
			return err
		}
	}
	h, err := readHeader(filepath.Join(draft, "disk"))
	if err != nil {
		return fileError("read image", err)
	}
	// A backing or data file in a foreign image would read the host's files; a raw one may carry such a header by trick.
	if h.Backing != "" || h.Format != want.Format {
		return provider.Errorf(provider.ReasonInvalid, "give a self-contained image and its true format",
			"image is %s with backing file %q, want %s without one", h.Format, h.Backing, want.Format)
	}
	if h.External {
		return provider.Errorf(provider.ReasonInvalid, "give a self-contained image", "the data of the image are in another file")
	}
	if err := writeJSON(filepath.Join(draft, imageRecord), want); err != nil {
		return fileError("image record", err)
	}
	if err := os.Rename(draft, p.path("images", want.ID)); err != nil {
		return fileError("finish image", err)
	}
	return nil
}

func sameContent(a, b provider.Image) bool {
	sum := func(f *provider.File) string {
		if f == nil {
			return ""
		}
		return strings.ToLower(f.SHA256)
	}
	return a.Format == b.Format && sum(&a.Disk) == sum(&b.Disk) && sum(a.Kernel) == sum(b.Kernel) && sum(a.Initrd) == sum(b.Initrd)
}

// obtain puts the blob at path and checks it.
func obtain(ctx context.Context, path string, file provider.File) error {
	u, err := url.Parse(file.URL)
	if err != nil {
		return provider.Errorf(provider.ReasonInvalid, "", "image URL: %w", err)
	}
	switch u.Scheme {
	case "file":
		err = copyFile(ctx, path, u.Path)
	case "https", "http":
		err = fetch(ctx, path, file.URL)
	default:
		err = provider.Errorf(provider.ReasonInvalid, "file:// or https://", "image URL scheme %q", u.Scheme)
	}
	if err != nil {
		return err
	}
	return verify(path, file)
}

// take puts what is handed over at path and checks it.
func take(ctx context.Context, path string, file provider.File, from io.Reader) error {
	if err := pour(ctx, path, io.LimitReader(from, file.Bytes), nil); err != nil {
		return err
	}
	return verify(path, file)
}

// copyFile makes a file of its own: with a hard link, whoever rewrites the source rewrites the disks of running guests.
func copyFile(ctx context.Context, path, source string) error {
	in, err := os.Open(source)
	if missing(err) {
		return provider.Errorf(provider.ReasonNotFound, "build or download the image first", "image source: %w", err)
	}
	if err != nil {
		return fileError("image source", err)
	}
	defer in.Close()
	return pour(ctx, path, in, func(out *os.File) error { return unix.IoctlFileClone(int(out.Fd()), int(in.Fd())) })
}

var client = &http.Client{Transport: &http.Transport{
	Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: 30 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
}}

func fetch(ctx context.Context, path, source string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil)
	if err != nil {
		return provider.Errorf(provider.ReasonInvalid, "", "image URL: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return provider.Errorf(provider.ReasonUnavailable, "is the image server reachable from this host?", "fetch image: %w", err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return provider.Errorf(provider.ReasonNotFound, "", "fetch %s: %s", source, resp.Status)
	case resp.StatusCode != http.StatusOK:
		return provider.Errorf(provider.ReasonUnavailable, "", "fetch %s: %s", source, resp.Status)
	}
	return pour(ctx, path, resp.Body, nil)
}

// pour writes in to path, by clone when that works.
func pour(ctx context.Context, path string, in io.Reader, clone func(*os.File) error) error {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) //nolint:gosec // read by QEMU's user
	if err != nil {
		return fileError("image file", err)
	}
	defer out.Close()
	if clone != nil && clone(out) == nil {
		return nil
	}
	if _, err := io.Copy(out, interruptible{ctx, in}); err != nil {
		switch {
		case ctx.Err() != nil:
			return provider.Errorf(provider.ReasonTimeout, "", "fetch image: %w", ctx.Err())
		case noSpace(err):
			return fileError("write image", err)
		}
		return provider.Errorf(provider.ReasonUnavailable, "", "fetch image: %w", err)
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return fileError("write image", err)
	}
	return nil
}

type interruptible struct {
	ctx context.Context //nolint:containedctx // lives for one copy
	r   io.Reader
}

func (i interruptible) Read(b []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(b)
}

func verify(path string, file provider.File) error {
	f, err := os.Open(path)
	if err != nil {
		return fileError("image file", err)
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		return fileError("read image", err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); !strings.EqualFold(got, file.SHA256) {
		return provider.Errorf(provider.ReasonInvalid, "register the image again, or fetch a good copy",
			"%s has SHA-256 %s, want %s (%d bytes, want %d)", file.URL, got, file.SHA256, n, file.Bytes)
	}
	return nil
}

// Image returns the record of a finished image; NotFound when the host lacks it.
func (p *Pool) Image(id string) (provider.Image, error) {
	var img provider.Image
	if err := CheckID(id); err != nil {
		return img, err
	}
	err := readJSON(p.path("images", id, imageRecord), &img)
	if missing(err) {
		return img, provider.Errorf(provider.ReasonNotFound, "ensure the image on this host first", "image %s is not on host %s", id, p.host)
	}
	if err != nil {
		return img, fileError("image record", err)
	}
	return img, nil
}

// BootFiles returns kernel, initrd ("" when it has none) and the default command line of an image that carries a kernel.
func (p *Pool) BootFiles(id string) (kernel, initrd, cmdline string, err error) {
	img, err := p.Image(id)
	if err != nil {
		return "", "", "", err
	}
	if img.Kernel == nil {
		return "", "", "", provider.Errorf(provider.ReasonInvalid, "boot from disk, or choose an image with a kernel", "image %s carries no kernel", id)
	}
	if img.Initrd != nil {
		initrd = p.path("images", id, "initrd")
	}
	return p.path("images", id, "kernel"), initrd, img.Cmdline, nil
}

func (p *Pool) imageState(id string) provider.ImageState {
	st := provider.ImageState{ID: id, Host: p.host}
	for _, name := range []string{"disk", "kernel", "initrd"} {
		st.Bytes += allocated(p.path("images", id, name))
	}
	return st
}

// ListImages returns the finished images.
func (p *Pool) ListImages() ([]provider.ImageState, error) {
	ids, err := p.ids("images")
	if err != nil {
		return nil, err
	}
	states := make([]provider.ImageState, 0, len(ids))
	for _, id := range ids {
		states = append(states, p.imageState(id))
	}
	return states, nil
}

// DeleteImage removes the image; Conflict while a disk is backed by it.
func (p *Pool) DeleteImage(id string) error {
	if !possible(id) {
		return nil
	}
	users, err := p.backedBy(p.path("images", id, "disk"))
	if err != nil {
		return err
	}
	if len(users) > 0 {
		return provider.Errorf(provider.ReasonConflict, "delete these first", "image %s backs %s", id, strings.Join(users, ", "))
	}
	return p.discard("images", id)
}

// discard renames before it removes, so that a kill in the middle leaves no half entry.
func (p *Pool) discard(sub, id string) error {
	gone := p.path(sub, ".part-"+id)
	if err := os.RemoveAll(gone); err != nil {
		return fileError("remove "+sub, err)
	}
	if err := os.Rename(p.path(sub, id), gone); err != nil && !missing(err) {
		return fileError("remove "+sub, err)
	}
	if err := os.RemoveAll(gone); err != nil {
		return fileError("remove "+sub, err)
	}
	return nil
}

func (p *Pool) backedBy(image string) ([]string, error) {
	var users []string
	for _, pattern := range []string{"servers/*/*.qcow2", "volumes/*/*.qcow2"} {
		disks, err := filepath.Glob(p.path(pattern))
		if err != nil {
			return nil, fileError("list disks", err)
		}
		for _, d := range disks {
			if h, err := readHeader(d); err == nil && h.Backing == image {
				users = append(users, strings.TrimPrefix(filepath.Dir(d), p.dir+"/"))
			}
		}
	}
	return users, nil
}
