package kvm_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm"
	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
)

func (b *bench) wholeOf(t *testing.T, s provider.Server) provider.ServerBackup {
	t.Helper()
	want := provider.ServerBackup{Server: s.ID, Parts: []provider.Backup{{ID: newID(), Name: "night-root", Project: "p1", Server: s.ID}}}
	for _, disk := range s.Disks[1:] {
		part := provider.Backup{ID: newID(), Name: "night-books", Project: "p1", Volume: disk.Volume, VolumeKey: disk.Key}
		if disk.Key != "" {
			part.Key = provider.NewKey()
		}
		want.Parts = append(want.Parts, part)
	}
	t.Cleanup(func() { b.dropWhole(t, want) })
	return want
}

func (b *bench) dropWhole(t *testing.T, want provider.ServerBackup) {
	t.Helper()
	for _, p := range want.Parts {
		require.NoError(t, b.driver.DeleteBackup(context.Background(), host, p.ID))
	}
}

func (b *bench) backupFolder() string { return filepath.Join(b.cfg.PoolDir, "backups") }

// jobOf waits until QEMU is at a backup of the server, or until it is over.
func (b *bench) jobOf(t *testing.T, server string, done chan error) {
	t.Helper()
	require.Eventually(t, func() bool {
		out, _ := exec.CommandContext(t.Context(), "virsh", "-c", b.libvirt.URI(), "domjobinfo", server).CombinedOutput()
		return strings.Contains(string(out), "Backup") || len(done) > 0
	}, 20*time.Second, time.Millisecond)
}

func TestServerBackupIsOfOneMomentAndRestores(t *testing.T) {
	b := newBench(t)
	s, vol := b.running(t)
	for _, disk := range []string{"virtio-disk0", "virtio-disk1"} {
		b.write(t, s.ID, disk, 0xa1, "0 1M")
	}
	b.write(t, s.ID, "virtio-disk1", 0x77, "100M 500M") // enough that the job takes a moment
	want := b.wholeOf(t, s)
	root, books := want.Parts[0].ID, want.Parts[1].ID
	done := make(chan error, 1)
	go func() { _, err := b.driver.BackupServer(context.Background(), host, want); done <- err }()
	b.jobOf(t, s.ID, done)
	for _, disk := range []string{"virtio-disk1", "virtio-disk0"} { // the copies are under way, and must not see this
		b.write(t, s.ID, disk, 0xb2, "0 1M")
	}
	t.Logf("the guest wrote while it was copied: %v", len(done) == 0)
	require.NoError(t, <-done)
	st, err := b.driver.BackupServer(t.Context(), host, want)
	require.NoError(t, err)
	require.Equal(t, provider.BackupState{ID: root, Host: host, Server: s.ID, SizeGiB: 1, CreatedAt: st.CreatedAt, Consistency: provider.AtOnce}, st, "nothing in the guest brings it to rest")
	part, err := b.driver.GetBackup(t.Context(), host, books)
	require.NoError(t, err)
	require.Equal(t, st.CreatedAt, part.CreatedAt)
	for _, id := range []string{root, books} {
		require.EqualValues(t, 0xa1, b.first(t, "backups", id))
		require.ElementsMatch(t, []string{"disk.qcow2", "backup.json"}, entries(t, filepath.Join(b.backupFolder(), id)))
	}
	require.NoDirExists(t, filepath.Join(b.cfg.StateDir, "frozen", s.ID))
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
	require.NoError(t, b.driver.DeleteVolume(t.Context(), host, vol.ID))
	b.restoreWhole(t, s, want)
}

// restoreWhole makes another server of a backup, and then brings that back to it in place.
func (b *bench) restoreWhole(t *testing.T, s provider.Server, want provider.ServerBackup) {
	t.Helper()
	again := provider.Volume{ID: newID(), Name: "again", Project: "p1", SizeGiB: 1, Backup: want.Parts[1].ID}
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteVolume(context.Background(), host, again.ID)) })
	_, err := b.driver.EnsureVolume(t.Context(), host, again)
	require.NoError(t, err)
	s.ID = newID()
	s.Disks = []provider.Disk{{Image: s.Disks[0].Image, SizeGiB: 2, Backup: want.Parts[0].ID}, {Volume: again.ID}}
	s.Power = provider.PowerStopped
	b.ensure(t, s)
	require.EqualValues(t, 0xa1, b.firstAt(t, content{b}.rootPath(s.ID)))
	require.EqualValues(t, 0xa1, b.first(t, "volumes", again.ID))
	content{b}.FillRoot(t, s.ID)
	b.ensure(t, s)
	require.True(t, content{b}.FilledRoot(t, s.ID), "what is there is not made anew")
	s.Build, s.Power = "now", provider.PowerRunning
	b.ensure(t, s)
	b.awaitConsole(t, s.ID, libvirttest.ReadyMark)
	require.Equal(t, "define,build,disk0.qcow2,seed.iso,server.json", b.footprint(t, s.ID))
	_, err = b.driver.ActOnServer(t.Context(), host, s.ID, provider.VerbKill)
	require.NoError(t, err)
	require.EqualValues(t, 0xa1, b.firstAt(t, content{b}.rootPath(s.ID)), "in place")
	b.dropWhole(t, want)
	run(t, "qemu-img", "check", "-q", content{b}.rootPath(s.ID))
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
}

func TestServerBackupOfAServerThatIsOffAndEncrypted(t *testing.T) {
	b := newBench(t)
	s := serverOf(b.image(t))
	vol := b.encrypted(t, provider.Volume{})
	s.Disks = append(s.Disks, provider.Disk{Volume: vol.ID, Device: "vdb", Key: vol.Key})
	b.ensure(t, s)
	b.awaitConsole(t, s.ID, libvirttest.ReadyMark)
	b.write(t, s.ID, "virtio-disk1", secretText, "0 4M")
	b.write(t, s.ID, "virtio-disk0", 0xa1, "0 1M")
	running := b.wholeOf(t, s)
	_, err := b.driver.BackupServer(t.Context(), host, running)
	require.NoError(t, err)
	_, err = b.driver.ActOnServer(t.Context(), host, s.ID, provider.VerbKill)
	require.NoError(t, err)
	off := b.wholeOf(t, s)
	st, err := b.driver.BackupServer(t.Context(), host, off)
	require.NoError(t, err)
	require.Equal(t, provider.AtRest, st.Consistency)
	for _, w := range []provider.ServerBackup{running, off} {
		part, err := b.driver.GetBackup(t.Context(), host, w.Parts[1].ID)
		require.NoError(t, err)
		require.True(t, part.Encrypted)
		require.EqualValues(t, secretText, b.firstOf(t, "backups", w.Parts[1].ID, w.Parts[1].Key))
		require.EqualValues(t, 0xa1, b.first(t, "backups", w.Parts[0].ID))
	}
	b.requireHidden(t, vol.Key, running.Parts[1].Key, off.Parts[1].Key)
	b.requireKeys(t, 1)
	bare := b.wholeOf(t, s)
	bare.Parts[1].Key = ""
	_, err = b.driver.BackupServer(t.Context(), host, bare)
	require.ErrorContains(t, err, "the keys say something else")
	require.NoDirExists(t, filepath.Join(b.backupFolder(), bare.Parts[0].ID))
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
}

func TestServerBackupIsWholeOrNotAtAll(t *testing.T) {
	b := newBench(t)
	s, vol := b.running(t)
	b.write(t, s.ID, "virtio-disk0", 0xa1, "0 1M")
	b.write(t, s.ID, "virtio-disk1", 0xa1, "0 1M")
	b.write(t, s.ID, "virtio-disk1", 0x77, "100M 500M")
	loose := provider.Volume{ID: newID(), Name: "loose", Project: "p1", SizeGiB: 1}
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteVolume(context.Background(), host, loose.ID)) })
	_, err := b.driver.EnsureVolume(t.Context(), host, loose)
	require.NoError(t, err)
	for name, disk := range map[string]struct {
		volume string
		reason provider.Reason
	}{"not attached": {loose.ID, provider.ReasonConflict}, "not there": {newID(), provider.ReasonNotFound}} {
		more := s
		more.Disks = append(s.Disks[:2:2], provider.Disk{Volume: disk.volume})
		_, err = b.driver.BackupServer(t.Context(), host, b.wholeOf(t, more))
		require.Equal(t, disk.reason, provider.ReasonOf(err), "%s: %v", name, err)
		require.Empty(t, entries(t, b.backupFolder()), name)
	}
	_, err = b.driver.BackupServer(t.Context(), host, provider.ServerBackup{Server: s.ID, Parts: []provider.Backup{{ID: newID(), Volume: vol.ID}}})
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err), "%v", err)

	for _, ms := range []int{0, 20, 80, 200, 400, 700, 1000} {
		after := time.Duration(ms) * time.Millisecond
		want := b.wholeOf(t, s)
		b.kill(t, crashPlan{Whole: &want}, after)
		t.Logf("killed after %s: found %q", after, entries(t, b.backupFolder()))
		// libvirtd may still work on the last call of the dead process.
		require.Eventually(t, func() bool { _, err := b.driver.BackupServer(t.Context(), host, want); return err == nil }, 90*time.Second, 100*time.Millisecond)
		require.ElementsMatch(t, []string{want.Parts[0].ID, want.Parts[1].ID}, entries(t, b.backupFolder()))
		require.EqualValues(t, 0xa1, b.first(t, "backups", want.Parts[0].ID))
		require.EqualValues(t, 0xa1, b.first(t, "backups", want.Parts[1].ID))
		b.dropWhole(t, want)

		want = b.wholeOf(t, s)
		b.kill(t, crashPlan{Whole: &want}, after)
		b.dropWhole(t, want)
		require.Empty(t, entries(t, b.backupFolder()), "what was half done goes with it")
	}
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
}

// TestGuestLeftFrozenIsThawed begins with what an agent leaves that is killed between freezing and thawing.
func TestGuestLeftFrozenIsThawed(t *testing.T) {
	b := newBench(t)
	s, _ := b.running(t)
	folder := filepath.Join(b.cfg.StateDir, "frozen")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	for _, id := range []string{s.ID, newID()} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, id), nil, 0o600))
	}
	d, err := kvm.New(t.Context(), b.cfg)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = d.Run(ctx) }()
	require.Eventually(t, func() bool { return len(entries(t, folder)) == 0 }, 20*time.Second, 50*time.Millisecond, "nothing there is frozen any more")
	stop()
	<-ended
	require.NoError(t, d.Close())
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
}
