package kvm_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/agents/kvm"
	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
)

func (b *bench) backupOf(t *testing.T, volume string) provider.Backup {
	t.Helper()
	want := provider.Backup{ID: newID(), Name: "nightly", Project: "p1", Volume: volume}
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteBackup(context.Background(), host, want.ID)) })
	return want
}

// entries are the names in a folder, hidden ones too.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := []string{}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestBackupUnderARunningGuestOutlivesServerAndVolume(t *testing.T) {
	b := newBench(t)
	s, vol := b.running(t)
	b.write(t, s.ID, "virtio-disk1", 0xa1, "0 1M")
	b.write(t, s.ID, "virtio-disk1", 0x77, "100M 500M")
	want := b.backupOf(t, vol.ID)
	begin := time.Now()
	_, err := b.driver.EnsureBackup(t.Context(), host, want)
	require.NoError(t, err)
	took := time.Since(begin)
	b.write(t, s.ID, "virtio-disk1", 0xb2, "0 1M")
	st, err := b.driver.GetServer(t.Context(), host, s.ID)
	require.NoError(t, err)
	require.Equal(t, provider.PowerRunning, st.Power)
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
	require.NoError(t, b.driver.DeleteVolume(t.Context(), host, vol.ID))

	folder := filepath.Join(b.cfg.PoolDir, "backups", want.ID)
	require.ElementsMatch(t, []string{"disk.qcow2", "backup.json"}, entries(t, folder))
	run(t, "qemu-img", "check", "-q", filepath.Join(folder, "disk.qcow2"))
	info, err := os.Stat(filepath.Join(folder, "disk.qcow2"))
	require.NoError(t, err)
	t.Logf("EnsureBackup of a volume with 501 MiB: %s, %d KiB", took, info.Size()>>10)
	require.Less(t, info.Size(), int64(64<<20), "it is compressed")

	restored := provider.Volume{ID: newID(), Name: "restored", Project: "p1", SizeGiB: 2, Backup: want.ID}
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteVolume(context.Background(), host, restored.ID)) })
	got, err := b.driver.EnsureVolume(t.Context(), host, restored)
	require.NoError(t, err)
	require.Equal(t, 2, got.SizeGiB)
	require.EqualValues(t, 0xa1, b.first(t, "volumes", restored.ID))
	run(t, "qemu-io", "-f", "qcow2", "-c", "read -P 0x77 100M 500M", b.volumePath(restored.ID))
	require.NoError(t, b.driver.DeleteBackup(t.Context(), host, want.ID))
	require.Empty(t, entries(t, filepath.Join(b.cfg.PoolDir, "backups")))
	run(t, "qemu-img", "check", "-q", b.volumePath(restored.ID))
}

func TestBackupOnAFullDiskLeavesNothing(t *testing.T) {
	libvirttest.Need(t)
	small := libvirttest.Dir(t)
	require.NoError(t, unix.Mount("tmpfs", small, "tmpfs", 0, "size=16m,mode=755")) // before libvirtd has a view of its own
	t.Cleanup(func() { require.NoError(t, unix.Unmount(small, unix.MNT_DETACH)) })
	b := newBench(t)
	s, vol := b.running(t)
	b.write(t, s.ID, "virtio-disk1", 0xa1, "0 64M")
	cfg := b.cfg
	cfg.BackupDir = small
	d, err := kvm.New(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	full := func(when string) {
		_, err := d.EnsureBackup(t.Context(), host, b.backupOf(t, vol.ID))
		require.Equal(t, provider.ReasonNoSpace, provider.ReasonOf(err), "%s: %v", when, err)
		require.Empty(t, entries(t, cfg.BackupDir), when)
	}
	full("of a running guest")
	st, err := b.driver.GetServer(t.Context(), host, s.ID)
	require.NoError(t, err)
	require.Equal(t, provider.PowerRunning, st.Power, "the guest goes on")
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
	full("of a volume that no server has")
	require.NoError(t, unix.Mount("tmpfs", cfg.BackupDir, "tmpfs", unix.MS_REMOUNT, "size=256m"))
	want := b.backupOf(t, vol.ID)
	_, err = d.EnsureBackup(t.Context(), host, want)
	require.NoError(t, err)
	require.Equal(t, []string{want.ID}, entries(t, cfg.BackupDir))
	require.NoError(t, d.DeleteBackup(t.Context(), host, want.ID))
}

func TestBackupKilledInTheMiddle(t *testing.T) {
	b := newBench(t)
	s, vol := b.running(t)
	b.write(t, s.ID, "virtio-disk1", 0xa1, "0 1M")
	b.write(t, s.ID, "virtio-disk1", 0x77, "100M 500M")
	folder := filepath.Join(b.cfg.PoolDir, "backups")
	for _, ms := range []int{0, 20, 80, 200, 400, 700, 1000} {
		after := time.Duration(ms) * time.Millisecond
		want := b.backupOf(t, vol.ID)
		b.kill(t, crashPlan{Backup: &want}, after)
		t.Logf("killed after %s: found %q", after, entries(t, folder))
		// libvirtd may still work on the last call of the dead process.
		require.Eventually(t, func() bool { _, err := b.driver.EnsureBackup(t.Context(), host, want); return err == nil }, 90*time.Second, 100*time.Millisecond)
		require.Equal(t, []string{want.ID}, entries(t, folder))
		require.EqualValues(t, 0xa1, b.first(t, "backups", want.ID))
		require.NoError(t, b.driver.DeleteBackup(t.Context(), host, want.ID))

		want = b.backupOf(t, vol.ID)
		b.kill(t, crashPlan{Backup: &want}, after)
		require.NoError(t, b.driver.DeleteBackup(t.Context(), host, want.ID))
		require.Empty(t, entries(t, folder), "what was half done goes with it")
	}
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
}
