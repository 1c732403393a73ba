package pool

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/provider"
)

func newPool(t *testing.T, dir string) *Pool {
	t.Helper()
	if _, err := exec.LookPath("qemu-img"); err != nil {
		t.Fatal("qemu-img is not installed: apt-get install qemu-utils")
	}
	p, err := New(dir, "", "h1")
	require.NoError(t, err)
	return p
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func blob(t *testing.T, size int) (string, provider.File) {
	t.Helper()
	data := bytes.Repeat([]byte("plaza..."), size/8)
	path := filepath.Join(t.TempDir(), "blob")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	sum := sha256.Sum256(data)
	return path, provider.File{URL: "file://" + path, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(size)}
}

func requireEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestImageIsCheckedAndImmutable(t *testing.T) {
	p := newPool(t, t.TempDir())
	path, file := blob(t, 1<<20)
	img := provider.Image{ID: newID(), Name: "i", Format: "raw", Disk: file, Kernel: &file}
	for range 2 {
		st, err := p.EnsureImage(t.Context(), img)
		require.NoError(t, err)
		require.Positive(t, st.Bytes)
	}
	other := img
	other.Disk.SHA256 = hex.EncodeToString(make([]byte, 32))
	_, err := p.EnsureImage(t.Context(), other)
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err))
	other.ID = newID()
	_, err = p.EnsureImage(t.Context(), other)
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err))
	require.Contains(t, err.Error(), "SHA-256")
	other.Disk = provider.File{URL: "file:///nowhere/at/all"}
	_, err = p.EnsureImage(t.Context(), other)
	require.Equal(t, provider.ReasonNotFound, provider.ReasonOf(err))
	other.Disk, other.Format = file, "qcow2"
	_, err = p.EnsureImage(t.Context(), other)
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err), "raw is not qcow2")
	require.NoError(t, p.DeleteImage(img.ID))
	requireEmpty(t, p.path("images"))
	require.FileExists(t, path, "the source stays")
}

func TestImageWithABackingFileIsRefused(t *testing.T) {
	p := newPool(t, t.TempDir())
	path := filepath.Join(t.TempDir(), "evil")
	out, err := exec.Command("qemu-img", "create", "-q", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", path, "1M").CombinedOutput()
	require.NoError(t, err, string(out))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	sum := sha256.Sum256(data)
	img := provider.Image{ID: newID(), Format: "qcow2", Disk: provider.File{URL: "file://" + path, SHA256: hex.EncodeToString(sum[:])}}
	_, err = p.EnsureImage(t.Context(), img)
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err))
	img.Format = "raw"
	_, err = p.EnsureImage(t.Context(), img)
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err))
	requireEmpty(t, p.path("images"))
}

func TestImageIsFetched(t *testing.T) {
	p := newPool(t, t.TempDir())
	path, file := blob(t, 1<<16)
	stall := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good":
			http.ServeFile(w, r, path)
		case "/stall":
			w.WriteHeader(http.StatusOK)
			_, _ = w.Write([]byte("begin"))
			w.(http.Flusher).Flush()
			<-stall
		default:
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	defer close(stall)
	img := provider.Image{ID: newID(), Format: "raw", Disk: file}
	img.Disk.URL = srv.URL + "/absent"
	_, err := p.EnsureImage(t.Context(), img)
	require.Equal(t, provider.ReasonNotFound, provider.ReasonOf(err))
	img.Disk.URL = srv.URL + "/stall"
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = p.EnsureImage(ctx, img)
	require.Equal(t, provider.ReasonTimeout, provider.ReasonOf(err))
	requireEmpty(t, p.path("images"))
	img.Disk.URL = srv.URL + "/good"
	_, err = p.EnsureImage(t.Context(), img)
	require.NoError(t, err)
}

func TestFullDiskIsSaidAndCleanedUp(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting a tmpfs needs root")
	}
	dir := t.TempDir()
	require.NoError(t, unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"))
	defer func() { require.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) }()
	p := newPool(t, dir)
	_, file := blob(t, 4<<20)
	_, err := p.EnsureImage(t.Context(), provider.Image{ID: newID(), Format: "raw", Disk: file})
	require.Equal(t, provider.ReasonNoSpace, provider.ReasonOf(err))
	requireEmpty(t, p.path("images"))
	made := 0
	for ; made < 20; made++ {
		if _, err = p.EnsureVolume(t.Context(), provider.Volume{ID: newID(), SizeGiB: 1}, nil); err != nil {
			break
		}
	}
	require.Equal(t, provider.ReasonNoSpace, provider.ReasonOf(err))
	left, err := os.ReadDir(p.path("volumes"))
	require.NoError(t, err)
	require.Len(t, left, made)
}

func TestConsoleIsBoundedAndReadFromItsEnd(t *testing.T) {
	p := newPool(t, t.TempDir())
	id := newID()
	require.NoError(t, p.SaveServer(provider.Server{ID: id}))
	f, err := os.OpenFile(p.ConsolePath(id), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	defer f.Close()
	for i := range 5 {
		_, err := f.Write(bytes.Repeat([]byte{byte('a' + i)}, consoleLimit/2))
		require.NoError(t, err)
		require.NoError(t, p.TrimConsoles())
	}
	got, err := p.ConsoleTail(id, consoleLimit)
	require.NoError(t, err)
	require.Len(t, got, consoleLimit)
	require.Equal(t, byte('e'), got[len(got)-1])
	require.Equal(t, byte('d'), got[0])
	require.LessOrEqual(t, allocated(p.ConsolePath(id))+allocated(p.ConsolePath(id)+".0"), int64(3*consoleLimit))
}

func TestVolumeOnlyGrows(t *testing.T) {
	p := newPool(t, t.TempDir())
	rapid.Check(t, func(r *rapid.T) {
		id, top := newID(), 0
		for _, size := range rapid.SliceOfN(rapid.IntRange(1, 64), 1, 5).Draw(r, "sizes") {
			st, err := p.EnsureVolume(context.Background(), provider.Volume{ID: id, SizeGiB: size}, nil)
			if err != nil {
				r.Fatal(err)
			}
			top = max(top, size)
			if st.SizeGiB != top {
				r.Fatalf("size %d, want %d", st.SizeGiB, top)
			}
		}
		if err := p.DeleteVolume(id); err != nil {
			r.Fatal(err)
		}
	})
}

func TestPathsOfOthersAreNoVolumes(t *testing.T) {
	p := newPool(t, t.TempDir())
	id := newID()
	require.Equal(t, id, p.VolumeOf(p.VolumePath(id)))
	require.Empty(t, p.VolumeOf(p.ServerDisk(id, 0)))
	require.Empty(t, p.VolumeOf(""))
	require.Empty(t, p.VolumeOf("/etc/passwd"))
	require.NoError(t, p.DeleteServer("../../etc"))
}
