package pool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Disk is a qcow2 file, and its key where it is encrypted: LUKS within qcow2, as QEMU does it.
type Disk struct {
	Path string
	Key  provider.Key
}

// CopyDisk copies all that a disk shows, without what it is backed by, and leaves holes where there is nothing.
func CopyDisk(ctx context.Context, from, to Disk) error { return convert(ctx, from, to) }

// CompressDisk copies all that a disk shows into a compressed one. That is read as any other, by any qemu-img since 5.1.
func CompressDisk(ctx context.Context, from, to string) error {
	return convert(ctx, Disk{Path: from}, Disk{Path: to}, "-c", "-o", "compression_type=zstd")
}

func convert(ctx context.Context, from, to Disk, more ...string) error {
	i := &imager{args: append([]string{"convert", "-q", "-O", "qcow2"}, more...)}
	i.makes(to)
	i.opens(from)
	return i.run(ctx, to.Path)
}

// Blank makes an empty disk, as large as another one shows itself.
func Blank(ctx context.Context, like string, d Disk) error {
	h, err := readHeader(like)
	if err != nil {
		return fileError("read volume", err)
	}
	i := &imager{args: []string{"create", "-q", "-f", "qcow2"}}
	i.makes(d)
	return i.run(ctx, d.Path, fmt.Sprint(h.VirtualBytes))
}

func resize(ctx context.Context, d Disk, sizeGiB int) error {
	i := &imager{args: []string{"resize", "-q"}}
	i.opens(d)
	return i.run(ctx, fmt.Sprintf("%dG", sizeGiB))
}

// imager is a call of qemu-img with keys.
type imager struct {
	args []string
	keys []provider.Key
}

// opens names a disk that is there.
func (i *imager) opens(d Disk) {
	if d.Key == "" {
		i.args = append(i.args, "-f", "qcow2", d.Path)
		return
	}
	i.args = append(i.args, "--image-opts", fmt.Sprintf("driver=qcow2,encrypt.key-secret=%s,file.filename=%s", i.secret(d.Key), commas.Replace(d.Path)))
}

var commas = strings.NewReplacer(",", ",,")

// makes says how a disk is made, whose path comes last. The key is random: stretching it would only take time.
func (i *imager) makes(d Disk) {
	if d.Key != "" {
		i.args = append(i.args, "-o", fmt.Sprintf("encrypt.format=luks,encrypt.key-secret=%s,encrypt.iter-time=10", i.secret(d.Key)))
	}
}

func (i *imager) secret(k provider.Key) string {
	i.keys = append(i.keys, k)
	return fmt.Sprintf("key%d", len(i.keys)-1)
}

// run calls qemu-img. It measures how quick the machine is to stretch keys, and on a quick one Debian 12's sometimes measures
// nothing at all.
func (i *imager) run(ctx context.Context, last ...string) error {
	for tries := 0; ; tries++ {
		err := i.once(ctx, last)
		if err == nil || tries == 10 || !strings.Contains(err.Error(), "Unable to get accurate CPU usage") {
			return err
		}
	}
}

// once hands over keys by pipes: neither a file nor the list of processes tells them.
func (i *imager) once(ctx context.Context, last []string) error {
	const firstExtra = 3
	verb, args := i.args[0], i.args[1:]
	all := []string{verb}
	var pipes []*os.File
	defer func() {
		for _, f := range pipes {
			_ = f.Close() // it was read, or the call failed
		}
	}()
	for n, key := range i.keys {
		r, err := filled(string(key))
		if err != nil {
			return fileError("pipe", err)
		}
		pipes = append(pipes, r)
		all = append(all, "--object", fmt.Sprintf("secret,id=key%d,file=/proc/self/fd/%d", n, firstExtra+n))
	}
	cmd := exec.CommandContext(ctx, "qemu-img", slices.Concat(all, args, last)...) //nolint:gosec // paths of the pool
	cmd.ExtraFiles = pipes
	return ran(cmd)
}

// filled is a pipe with a text that fits into it.
func filled(text string) (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	_, err = w.WriteString(text)
	if err = errors.Join(err, w.Close()); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}
