package kvm_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
)

// content reads and writes volumes with QEMU's own tools.
type content struct{ *bench }

func (c content) Fill(t *testing.T, volume string, value byte) {
	t.Helper()
	run(t, "qemu-io", "-f", "qcow2", "-c", fmt.Sprintf("write -P %d 0 1M", value), c.volumePath(volume))
}

func (c content) Value(t *testing.T, volume string) byte {
	t.Helper()
	return c.first(t, "volumes", volume)
}

func (c content) Bound(t *testing.T, server, volume string) provider.QoS {
	t.Helper()
	return c.bound(t, server, c.volumePath(volume), "--config")
}

// bound asks libvirt's own client.
func (b *bench) bound(t *testing.T, server, disk, where string) provider.QoS {
	t.Helper()
	var q provider.QoS
	for _, line := range strings.Split(run(t, "virsh", "-c", b.libvirt.URI(), "blkdeviotune", server, disk, where), "\n") {
		key, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		switch strings.TrimSpace(key) {
		case "total_iops_sec":
			q.IOPS = n
		case "total_bytes_sec":
			q.BytesPerSecond = n
		}
	}
	return q
}

func (b *bench) volumePath(volume string) string {
	return filepath.Join(b.cfg.PoolDir, "volumes", volume, "disk.qcow2")
}

// first is the byte that all of the first MiB has.
func (b *bench) first(t *testing.T, sub, id string) byte {
	t.Helper()
	return b.firstAt(t, filepath.Join(b.cfg.PoolDir, sub, id, "disk.qcow2"))
}

func (b *bench) firstAt(t *testing.T, disk string) byte {
	t.Helper()
	raw := filepath.Join(t.TempDir(), "raw")
	run(t, "qemu-img", "dd", "-f", "qcow2", "-O", "raw", "bs=1M", "count=1", "if="+disk, "of="+raw)
	data, err := os.ReadFile(raw)
	require.NoError(t, err)
	require.Len(t, data, 1<<20)
	require.Equal(t, 1<<20, bytes.Count(data, data[:1]), "all bytes are equal")
	return data[0]
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	require.NoError(t, err, "%s: %s", name, out)
	return string(out)
}

// write lets QEMU write to the disk of a running guest, as the guest itself would: one byte value over a range.
func (b *bench) write(t *testing.T, server, device string, value byte, span string) {
	t.Helper()
	out := run(t, "virsh", "-c", b.libvirt.URI(), "qemu-monitor-command", "--hmp", server,
		fmt.Sprintf(`qemu-io -d /machine/peripheral/%s/virtio-backend "write -P %d %s"`, device, value, span))
	require.Empty(t, strings.TrimSpace(out), "QEMU says here what was wrong")
}

// running is a server with a volume of 1 GiB as its second disk.
func (b *bench) running(t *testing.T) (provider.Server, provider.Volume) {
	t.Helper()
	vol := provider.Volume{ID: newID(), Name: "books", Project: "p1", SizeGiB: 1}
	_, err := b.driver.EnsureVolume(t.Context(), host, vol)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteVolume(context.Background(), host, vol.ID)) })
	s := serverOf(b.image(t))
	s.Disks = append(s.Disks, provider.Disk{Volume: vol.ID, Device: "vdb"})
	b.ensure(t, s)
	b.awaitConsole(t, s.ID, libvirttest.ReadyMark)
	return s, vol
}

func (b *bench) snapshotOf(t *testing.T, volume string) provider.Snapshot {
	t.Helper()
	want := provider.Snapshot{ID: newID(), Name: "evening", Project: "p1", Volume: volume}
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteSnapshot(context.Background(), host, want.ID)) })
	return want
}

func TestSnapshotUnderARunningGuestKeepsTheMoment(t *testing.T) {
	b := newBench(t)
	s, vol := b.running(t)
	b.write(t, s.ID, "virtio-disk1", 0xa1, "0 1M")
	b.write(t, s.ID, "virtio-disk1", 0x77, "100M 500M") // enough that the job takes a moment
	want := b.snapshotOf(t, vol.ID)
	begin, done := time.Now(), make(chan error, 1)
	go func() { _, err := b.driver.EnsureSnapshot(context.Background(), host, want); done <- err }()
	require.Eventually(t, func() bool {
		out, _ := exec.CommandContext(t.Context(), "virsh", "-c", b.libvirt.URI(), "domjobinfo", s.ID).CombinedOutput()
		return strings.Contains(string(out), "Backup") || len(done) > 0
	}, 20*time.Second, time.Millisecond)
	b.write(t, s.ID, "virtio-disk1", 0xb2, "0 1M") // the job is under way, and must not see this
	t.Logf("the guest wrote while it was copied: %v", len(done) == 0)
	require.NoError(t, <-done)
	t.Logf("EnsureSnapshot of a volume with 501 MiB: %s", time.Since(begin))
	require.EqualValues(t, 0xa1, b.first(t, "snapshots", want.ID))
	st, err := b.driver.GetServer(t.Context(), host, s.ID)
	require.NoError(t, err)
	require.Equal(t, provider.PowerRunning, st.Power)

	restored := provider.Volume{ID: newID(), Name: "restored", Project: "p1", SizeGiB: 1, Snapshot: want.ID}
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteVolume(context.Background(), host, restored.ID)) })
	_, err = b.driver.EnsureVolume(t.Context(), host, restored)
	require.NoError(t, err)
	require.EqualValues(t, 0xa1, b.first(t, "volumes", restored.ID))
	run(t, "qemu-img", "check", "-q", b.volumePath(restored.ID))

	clone := provider.Volume{ID: newID(), Name: "clone", Project: "p1", SizeGiB: 2, Source: vol.ID}
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteVolume(context.Background(), host, clone.ID)) })
	for range 2 {
		st, err := b.driver.EnsureVolume(t.Context(), host, clone)
		require.NoError(t, err)
		require.Equal(t, 2, st.SizeGiB)
	}
	require.EqualValues(t, 0xb2, b.first(t, "volumes", clone.ID), "what the guest wrote last")
	run(t, "qemu-img", "check", "-q", b.volumePath(clone.ID))

	_, err = b.driver.ActOnServer(t.Context(), host, s.ID, provider.VerbKill)
	require.NoError(t, err)
	require.EqualValues(t, 0xb2, b.first(t, "volumes", vol.ID), "the volume itself has what came later")
	stopped := b.snapshotOf(t, vol.ID)
	_, err = b.driver.EnsureSnapshot(t.Context(), host, stopped)
	require.NoError(t, err)
	require.EqualValues(t, 0xb2, b.first(t, "snapshots", stopped.ID))
	require.NoError(t, b.driver.DeleteSnapshot(t.Context(), host, stopped.ID))
	require.NoError(t, b.driver.DeleteSnapshot(t.Context(), host, want.ID))
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
}

func TestBoundOfAVolumeHoldsUnderARunningGuest(t *testing.T) {
	b := newBench(t)
	s, vol := b.running(t)
	disk := b.volumePath(vol.ID)
	require.Zero(t, b.bound(t, s.ID, disk, "--live"))
	vol.QoS = &provider.QoS{IOPS: 40, BytesPerSecond: 1 << 20}
	for range 2 {
		_, err := b.driver.EnsureVolume(t.Context(), host, vol)
		require.NoError(t, err)
		require.Equal(t, *vol.QoS, b.bound(t, s.ID, disk, "--live"))
		require.Equal(t, *vol.QoS, b.bound(t, s.ID, disk, "--config"))
	}
	_, err := b.driver.ActOnServer(t.Context(), host, s.ID, provider.VerbKill)
	require.NoError(t, err)
	b.ensure(t, s) // it is defined anew
	require.Equal(t, *vol.QoS, b.bound(t, s.ID, disk, "--live"))
	vol.QoS = nil
	_, err = b.driver.EnsureVolume(t.Context(), host, vol)
	require.NoError(t, err)
	require.Zero(t, b.bound(t, s.ID, disk, "--live"))
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
}

func TestSnapshotLeavesTheBackupsOfOthersAlone(t *testing.T) {
	b := newBench(t)
	s, vol := b.running(t)
	job := filepath.Join(b.dir, "job.xml")
	require.NoError(t, os.WriteFile(job, []byte(`<domainbackup mode="pull"><server transport="unix" socket="`+b.dir+`/nbd"/><disks>
		<disk name="vdb" backup="yes" type="file"><scratch file="`+b.dir+`/scratch"/></disk></disks></domainbackup>`), 0o600))
	run(t, "virsh", "-c", b.libvirt.URI(), "backup-begin", s.ID, job) // it lasts until it is ended
	want := b.snapshotOf(t, vol.ID)
	_, err := b.driver.EnsureSnapshot(t.Context(), host, want)
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err), "%v", err)
	require.Contains(t, run(t, "virsh", "-c", b.libvirt.URI(), "domjobinfo", s.ID), "Backup")
	run(t, "virsh", "-c", b.libvirt.URI(), "domjobabort", s.ID)
	require.Eventually(t, func() bool { _, err := b.driver.EnsureSnapshot(t.Context(), host, want); return err == nil }, 20*time.Second, 200*time.Millisecond)
	require.NoError(t, b.driver.DeleteSnapshot(t.Context(), host, want.ID))
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
}
