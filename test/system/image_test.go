package system

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/test/system/rig"
)

// bootMark is what the disk below says on the serial line, by the program in its first sector.
const bootMark = "plaza booted what was uploaded"

// bootable is a disk of a few MiB that boots.
func bootable(t *testing.T, size int) []byte {
	t.Helper()
	disk := make([]byte, size)
	_, err := rand.Read(disk)
	require.NoError(t, err)
	clear(disk[:512])
	copy(disk, []byte{
		0x31, 0xc0, 0x8e, 0xd8, 0xfc, // ds = 0, upwards
		0xba, 0xf8, 0x03, 0xbe, 0x16, 0x7c, // to COM1, from the text below
		0xac, 0x84, 0xc0, 0x74, 0x03, 0xee, 0xeb, 0xf8, // byte by byte
		0xf4, 0xeb, 0xfd, // halt
	})
	copy(disk[0x16:], bootMark+"\r\n\x00")
	disk[510], disk[511] = 0x55, 0xaa
	return disk
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// command builds the command line and runs it as whoever the client is.
func command(t *testing.T) func(c *rig.Client, args ...string) string {
	t.Helper()
	plaza := filepath.Join(rig.Dir(t, "cli"), "plaza")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", plaza, "github.com/plazacloud/plaza/cmd/plaza").CombinedOutput() //nolint:gosec // a fixed program
	require.NoError(t, err, "%s", out)
	return func(c *rig.Client, args ...string) string {
		cmd := exec.CommandContext(t.Context(), plaza, args...) //nolint:gosec // our own program
		cmd.Env = append(os.Environ(), "PLAZA_SERVER="+c.Base(), "PLAZA_TOKEN="+c.Token(), "PLAZA_CONFIG="+plaza+".yaml", "NO_COLOR=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
}

// pieces counts what the database keeps of uploads.
func pieces(t *testing.T, p *rig.Plane) (n int) {
	t.Helper()
	db, err := store.Open(t.Context(), p.Database())
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	require.NoError(t, db.Read.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM image_pieces").Scan(&n))
	return n
}

// TestUploadedImageBoots sends a disk by the command line, makes a server of it in the same project, and reads on its serial
// line that it boots; nobody else may use it; then all of it goes.
func TestUploadedImageBoots(t *testing.T) {
	t.Parallel()
	plaza := command(t)
	p := rig.NewPlane(t, rig.PlaneOptions{})
	h := p.AddHost(t, "h1", rig.HostOptions{})
	p.Create(t, "flavors", "", "tiny", tiny)
	project, other := p.Project(t, "shop"), p.Project(t, "other")
	dir := rig.Dir(t, "disk")
	raw, qcow2 := filepath.Join(dir, "disk.raw"), filepath.Join(dir, "disk.qcow2")
	require.NoError(t, os.WriteFile(raw, bootable(t, 9<<20), 0o600))
	out, err := exec.CommandContext(t.Context(), "qemu-img", "convert", "-O", "qcow2", raw, qcow2).CombinedOutput() //nolint:gosec // paths of this test
	require.NoError(t, err, "%s", out)

	require.Contains(t, plaza(p.Client, "image", "upload", qcow2, "--name", "mine", "--project", project, "--wait"), "image mine uploaded")
	image := p.List(t, "images", "name=mine")[0]
	data, err := os.ReadFile(qcow2) //nolint:gosec // as above
	require.NoError(t, err)
	require.Equal(t, sumOf(data), rig.Status(image, "spec.disk.sha256"))
	require.Empty(t, rig.Status(image, "status.hosts"), "it comes to a host with a server")

	network := p.Create(t, "networks", project, "front", m{"cidr": "10.94.0.0/24"})
	foreign := p.Create(t, "networks", other, "front", m{"cidr": "10.95.0.0/24"})
	for _, name := range []string{"mine", image.ID} {
		p.Refused(t, http.StatusUnprocessableEntity, resource.ReasonInvalid, http.MethodPost, "/v1/servers", rig.Body(other, "thief", m{"flavor": "tiny", "image": name, "network": foreign.ID}))
	}
	server := p.Create(t, "servers", project, "web", m{"flavor": "tiny", "image": "mine", "network": network.ID})
	require.Equal(t, image.ID, rig.Status(server, "spec.image"))
	rig.Within(t, 90*time.Second, func() error {
		if text := p.Console(t, server.ID); !bytes.Contains([]byte(text), []byte(bootMark)) {
			return fmt.Errorf("console says %q", text)
		}
		return nil
	})
	there, err := os.ReadFile(filepath.Join(h.Pool, "images", image.ID, "disk")) //nolint:gosec // below the host's folder
	require.NoError(t, err)
	require.Equal(t, sumOf(data), sumOf(there))

	// Shared, it is used elsewhere; then it can not go.
	plaza(p.Client, "image", "share", "mine", "--with", "g-other", "--project", project)
	borrower := p.Create(t, "servers", other, "guest", m{"flavor": "tiny", "image": "mine", "network": foreign.ID, "power": "stopped"})
	plaza(p.Client, "image", "unshare", "mine", "--with", "g-other", "--project", project)
	p.Patch(t, "servers", borrower.ID, "1m", m{"publish": []any{}}) // it goes on with what it was made from
	p.Refused(t, http.StatusConflict, resource.ReasonInUse, http.MethodDelete, "/v1/images/"+image.ID, nil)
	p.Delete(t, "servers", server.ID)
	p.Refused(t, http.StatusConflict, resource.ReasonInUse, http.MethodDelete, "/v1/images/"+image.ID, nil)
	p.Delete(t, "servers", borrower.ID)
	require.Positive(t, pieces(t, p))
	p.Delete(t, "images", image.ID)
	require.Zero(t, pieces(t, p))
	require.NoDirExists(t, filepath.Join(h.Pool, "images", image.ID))
}

// slowly hands out what is left of a file.
type slowly struct{ io.Reader }

func (s slowly) Read(p []byte) (int, error) {
	time.Sleep(20 * time.Millisecond)
	return s.Reader.Read(p[:min(len(p), 64<<10)])
}

// TestUploadGoesOnThroughAnyPlane begins an upload at one of three plazads, kills that one with bytes under way, goes on at
// another and ends at the third: what came is what was sent.
func TestUploadGoesOnThroughAnyPlane(t *testing.T) {
	database := storetest.URL(t, store.Postgres)
	a := rig.NewPlane(t, rig.PlaneOptions{Database: database, Node: "node-a"})
	b, c := a.Beside(t, "node-b"), a.Beside(t, "node-c")
	b.Start(t)
	c.Start(t)
	project := a.Project(t, "shop")
	data := bootable(t, 12<<20)
	image := rig.Call[rig.Applied](t, a.Client, http.MethodPost, "/v1/images", rig.Body(project, "mine", m{"format": "raw", "disk": m{"url": kinds.Uploaded, "sha256": "", "bytes": len(data)}})).Object
	path := "/v1/images/" + image.ID + "/upload"

	sent := make(chan error, 1)
	go func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, a.Base()+path, slowly{bytes.NewReader(data)})
		if err == nil {
			req.Header.Set("Content-Type", "application/octet-stream")
			req.Header.Set("Authorization", "Bearer "+a.Token())
			var res *http.Response
			if res, err = http.DefaultClient.Do(req); err == nil {
				err = fmt.Errorf("%s, which nobody was there to say", res.Status)
				_ = res.Body.Close()
			}
		}
		sent <- err
	}()
	type upload struct {
		Received int64
		SHA256   string
	}
	rig.Within(t, time.Minute, func() error {
		if st := rig.Call[upload](t, b.Client, http.MethodGet, path, nil); st.Received < 2<<20 {
			return fmt.Errorf("%d bytes have come", st.Received)
		}
		return nil
	})
	a.Kill()
	require.Error(t, <-sent)
	st := rig.Call[upload](t, b.Client, http.MethodGet, path, nil)
	t.Logf("%d of %d bytes had come when the first plane was killed", st.Received, len(data))
	require.Positive(t, st.Received)
	require.Less(t, st.Received, int64(len(data)))
	octets := []string{"Content-Type", "application/octet-stream"}
	p := b.Refused(t, http.StatusConflict, resource.ReasonConflict, http.MethodPut, path+"?offset=1", []byte("elsewhere"))
	require.Contains(t, p.Hint, strconv.FormatInt(st.Received, 10))
	rest := data[st.Received:]
	part := rig.Call[upload](t, b.Client, http.MethodPut, path+"?offset="+strconv.FormatInt(st.Received, 10), rest[:3<<20], octets...)
	require.Equal(t, st.Received+(3<<20), part.Received)
	require.Empty(t, part.SHA256)
	st = rig.Call[upload](t, c.Client, http.MethodGet, path, nil)
	require.Equal(t, part, st)
	st = rig.Call[upload](t, c.Client, http.MethodPut, path+"?offset="+strconv.FormatInt(st.Received, 10), data[st.Received:], octets...)
	require.Equal(t, sumOf(data), st.SHA256)
	done := rig.Call[rig.Applied](t, b.Client, http.MethodPost, "/v1/images/"+image.ID+"/finish", m{"sha256": sumOf(data)})
	b.Succeeded(t, done.Operation.ID, time.Minute)
	require.Equal(t, sumOf(data), rig.Status(c.Get(t, "images", image.ID), "spec.disk.sha256"))
	require.Positive(t, pieces(t, b))
	c.Delete(t, "images", image.ID)
	require.Zero(t, pieces(t, b))
}
