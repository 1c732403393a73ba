package kvm_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
)

// secretText is written to encrypted disks, and must then be in no file of the host.
const secretText = 0x5e

// TestEncryptedVolumeTellsNothing writes to an encrypted volume from a running guest, copies it in every way, and looks for
// what was written, and for the keys, in all files of the host and in what libvirt tells.
func TestEncryptedVolumeTellsNothing(t *testing.T) {
	b := newBench(t)
	s := serverOf(b.image(t))
	vol := b.encrypted(t, provider.Volume{})
	s.Disks = append(s.Disks, provider.Disk{Volume: vol.ID, Device: "vdb", Key: vol.Key})
	s.Interfaces = nil
	b.ensure(t, s)
	b.awaitConsole(t, s.ID, libvirttest.ReadyMark)
	b.write(t, s.ID, "virtio-disk1", secretText, "0 4M")

	snap := b.snapshotOf(t, vol.ID)
	snap.Key, snap.VolumeKey = provider.NewKey(), vol.Key
	kept, err := b.driver.EnsureSnapshot(t.Context(), host, snap)
	require.NoError(t, err)
	require.True(t, kept.Encrypted)
	b.write(t, s.ID, "virtio-disk1", 0x11, "0 1M")
	require.EqualValues(t, secretText, b.firstOf(t, "snapshots", snap.ID, snap.Key))
	restored := b.encrypted(t, provider.Volume{Snapshot: snap.ID, OriginKey: snap.Key, SizeGiB: 2})
	require.EqualValues(t, secretText, b.firstOf(t, "volumes", restored.ID, restored.Key))
	clone := b.encrypted(t, provider.Volume{Source: vol.ID, OriginKey: vol.Key})
	require.EqualValues(t, 0x11, b.firstOf(t, "volumes", clone.ID, clone.Key))
	backup := provider.Backup{ID: newID(), Name: "night", Project: "p1", Volume: restored.ID, Key: provider.NewKey(), VolumeKey: restored.Key}
	saved, err := b.driver.EnsureBackup(t.Context(), host, backup)
	require.NoError(t, err)
	require.True(t, saved.Encrypted)
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteBackup(context.Background(), host, backup.ID)) })
	require.EqualValues(t, secretText, b.firstOf(t, "backups", backup.ID, backup.Key))

	vol.SizeGiB = 2
	_, err = b.driver.EnsureVolume(t.Context(), host, vol)
	require.NoError(t, err, "it grows under the guest")
	b.write(t, s.ID, "virtio-disk1", secretText, "1500M 1M")

	b.requireHidden(t, vol.Key, snap.Key, restored.Key, clone.Key, backup.Key)
	require.NoError(t, exec.CommandContext(t.Context(), "virsh", "-c", b.libvirt.URI(), "secret-dumpxml", vol.ID).Run())
	require.Error(t, exec.CommandContext(t.Context(), "virsh", "-c", b.libvirt.URI(), "secret-get-value", vol.ID).Run(), "libvirt gives it to nobody")

	require.NoError(t, b.driver.DetachVolume(t.Context(), host, s.ID, vol.ID))
	b.requireKeys(t, 0)
	s.Disks[1].Key = ""
	require.ErrorContains(t, b.driver.AttachVolume(t.Context(), host, s.ID, s.Disks[1]), "without its key")
	s.Disks[1].Key = provider.NewKey()
	require.Error(t, b.driver.AttachVolume(t.Context(), host, s.ID, s.Disks[1]), "QEMU does not open it with another key")
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
}

// TestEncryptedVolumeOutlivesLibvirtd starts a server again after all that libvirtd kept in memory is gone.
func TestEncryptedVolumeOutlivesLibvirtd(t *testing.T) {
	b := newBench(t)
	s := serverOf(b.image(t))
	vol := b.encrypted(t, provider.Volume{})
	s.Disks = append(s.Disks, provider.Disk{Volume: vol.ID, Device: "vdb", Key: vol.Key})
	b.ensure(t, s)
	_, err := b.driver.ActOnServer(t.Context(), host, s.ID, provider.VerbKill)
	require.NoError(t, err)
	require.NotEmpty(t, run(t, "virsh", "-c", b.libvirt.URI(), "secret-undefine", vol.ID), "as the end of libvirtd does")
	_, err = b.driver.ActOnServer(t.Context(), host, s.ID, provider.VerbStart)
	require.Error(t, err, "without the key it does not start")
	st, err := b.driver.EnsureServer(t.Context(), host, s)
	require.NoError(t, err)
	require.Equal(t, provider.PowerRunning, st.Power)
	b.requireKeys(t, 1)
	b.awaitConsole(t, s.ID, libvirttest.ReadyMark) // else it does not let go of a disk
	with := s.Disks
	s.Disks = with[:1]
	_, err = b.driver.EnsureServer(t.Context(), host, s)
	require.NoError(t, err)
	b.requireKeys(t, 0)
	s.Disks = with
	_, err = b.driver.EnsureServer(t.Context(), host, s)
	require.NoError(t, err)
	b.requireKeys(t, 1)
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
	b.requireKeys(t, 0)
}

// requireKeys counts what libvirtd keeps: no more than servers need.
func (b *bench) requireKeys(t *testing.T, n int) {
	t.Helper()
	require.Equal(t, n, strings.Count(run(t, "virsh", "-c", b.libvirt.URI(), "secret-list"), "plaza/"))
}

func TestVolumeIsNotEncryptedByHalves(t *testing.T) {
	b := newBench(t)
	keyless := provider.Volume{ID: newID(), Name: "books", Project: "p1", SizeGiB: 1, Encrypted: true}
	_, err := b.driver.EnsureVolume(t.Context(), host, keyless)
	require.ErrorContains(t, err, "without a key")
	vol := b.encrypted(t, provider.Volume{})
	plain := vol
	plain.Key, plain.Encrypted = "", false
	_, err = b.driver.EnsureVolume(t.Context(), host, plain)
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err))
	snap := b.snapshotOf(t, vol.ID)
	_, err = b.driver.EnsureSnapshot(t.Context(), host, snap)
	require.ErrorContains(t, err, "the keys say something else")
}

// encrypted is a volume with a key of its own.
func (b *bench) encrypted(t *testing.T, want provider.Volume) provider.Volume {
	t.Helper()
	want.ID, want.Name, want.Project, want.Encrypted, want.Key = newID(), "books", "p1", true, provider.NewKey()
	want.SizeGiB = max(want.SizeGiB, 1)
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteVolume(context.Background(), host, want.ID)) })
	st, err := b.driver.EnsureVolume(t.Context(), host, want)
	require.NoError(t, err)
	require.True(t, st.Encrypted)
	return want
}

// firstOf is the byte that all of the first MiB of an encrypted disk has.
func (b *bench) firstOf(t *testing.T, sub, id string, key provider.Key) byte {
	t.Helper()
	disk := filepath.Join(b.cfg.PoolDir, sub, id, "disk.qcow2")
	require.Contains(t, run(t, "qemu-img", "info", "-U", disk), "format: luks")
	secret := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(secret, []byte(key), 0o600))
	raw := filepath.Join(t.TempDir(), "raw")
	run(t, "qemu-img", "convert", "-U", "--object", "secret,id=k,file="+secret, "--image-opts", "driver=qcow2,encrypt.key-secret=k,file.filename="+disk, "-O", "raw", raw)
	f, err := os.Open(raw)
	require.NoError(t, err)
	defer f.Close()
	data := make([]byte, 1<<20)
	_, err = f.ReadAt(data, 0)
	require.NoError(t, err)
	require.Equal(t, 1<<20, bytes.Count(data, data[:1]), "all bytes are equal")
	return data[0]
}

// requireHidden looks through all files of the host, libvirt's among them.
func (b *bench) requireHidden(t *testing.T, keys ...provider.Key) {
	t.Helper()
	run(t, "sync")
	block, looked := bytes.Repeat([]byte{secretText}, 4096), 0
	for _, dir := range []string{b.dir, shared.libvirt} {
		require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return nil //nolint:nilerr // it is gone meanwhile
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			looked++
			require.False(t, bytes.Contains(data, block), path)
			for _, key := range keys {
				require.NotContains(t, string(data), string(key), path)
			}
			return nil
		}))
	}
	t.Logf("%d files tell nothing", looked)
	require.Greater(t, looked, 10)
	for _, key := range keys {
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", key, provider.Volume{Key: key}, provider.Disk{Key: key}), string(key))
	}
	commands := run(t, "ps", "-eo", "args")
	for _, key := range keys {
		require.NotContains(t, commands, string(key))
	}
}
