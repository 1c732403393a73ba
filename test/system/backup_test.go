package system

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/test/system/rig"
)

// qemuIO reads or writes a disk file that no guest has.
func qemuIO(t *testing.T, disk string, commands ...string) {
	t.Helper()
	args := []string{"-f", "qcow2"}
	for _, c := range commands {
		args = append(args, "-c", c)
	}
	out, err := exec.CommandContext(t.Context(), "qemu-io", append(args, disk)...).CombinedOutput()
	require.NoError(t, err, string(out))
	require.NotContains(t, string(out), "failed")
}

// TestBackupOutlivesItsVolumeAndTheKillOfItsAgent takes backups while the agent is killed again and again, deletes the
// volume, and reads what was on it from another one.
func TestBackupOutlivesItsVolumeAndTheKillOfItsAgent(t *testing.T) {
	t.Parallel()
	p, h, project := site(t, rig.PlaneOptions{}, rig.HostOptions{})
	v := p.Create(t, "volumes", project, "books", m{"sizeGiB": 1})
	disk := func(id string) string { return filepath.Join(h.Pool, "volumes", id, "disk.qcow2") }
	qemuIO(t, disk(v.ID), "write -P 0xa1 0 1M", "write -P 0x77 100M 400M")
	a := rig.Call[rig.Applied](t, p.Client, http.MethodPost, "/v1/backups", rig.Body(project, "nightly", m{"volume": "books"}))
	for i := range 3 {
		time.Sleep(time.Duration(150+250*i) * time.Millisecond)
		h.KillAgent()
		h.StartAgent(t)
	}
	took := p.Succeeded(t, a.Operation.ID, 2*time.Minute)
	t.Logf("the backup is there %s after the last kill", took)
	folder := filepath.Join(h.Pool, "backups")
	list, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, list, 1, "nothing half done is left")
	require.Equal(t, a.Object.ID, list[0].Name())

	p.Delete(t, "volumes", v.ID)
	b := p.Get(t, "backups", a.Object.ID)
	require.Equal(t, []string{"books", "1", h.ID}, []string{rig.Status(b, "status.volumeName"), rig.Status(b, "status.sizeGiB"), rig.Status(b, "status.host")})
	r := p.Create(t, "volumes", project, "restored", m{"sizeGiB": 2, "backup": "nightly"})
	qemuIO(t, disk(r.ID), "read -P 0xa1 0 1M", "read -P 0x77 100M 400M")
	p.Delete(t, "backups", a.Object.ID)
	p.Delete(t, "volumes", r.ID)
	rig.Within(t, time.Minute, func() error {
		for _, sub := range []string{"backups", "volumes"} {
			if list, err := os.ReadDir(filepath.Join(h.Pool, sub)); err != nil || len(list) > 0 {
				return fmt.Errorf("%s has %d entries: %w", sub, len(list), err)
			}
		}
		return nil
	})
}
