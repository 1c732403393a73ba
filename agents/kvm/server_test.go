package kvm_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirtd"
	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/agents/kvm/tenantnet"
	"github.com/plazacloud/plaza/pkg/provider"
)

func (b *bench) virsh(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("virsh", append([]string{"-c", b.cfg.LibvirtURI}, args...)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return strings.TrimSpace(string(out))
}

// await drains events until one of the server has the change, and returns how long that took.
func (b *bench) await(t *testing.T, id, change string) (provider.Event, time.Duration) {
	t.Helper()
	begin := time.Now()
	limit := time.After(15 * time.Second)
	for {
		select {
		case e := <-b.driver.Events():
			if e.ID == id && e.Change == change {
				return e, time.Since(begin)
			}
		case <-limit:
			t.Fatalf("no event %q of %s", change, id)
		}
	}
}

func TestDestroyedBehindOurBackIsSeenAndRepaired(t *testing.T) {
	b := newBench(t)
	s := serverOf(b.image(t))
	b.ensure(t, s)
	b.await(t, s.ID, "started")
	b.virsh(t, "destroy", s.ID)
	e, took := b.await(t, s.ID, "stopped")
	require.Equal(t, "destroyed", e.Reason)
	require.Less(t, took, 2*time.Second)
	t.Logf("event after %s", took)
	st, err := b.driver.EnsureServer(t.Context(), host, s)
	require.NoError(t, err)
	require.Equal(t, provider.PowerRunning, st.Power)
	require.Equal(t, provider.PowerStopped, st.Found)
	st, err = b.driver.EnsureServer(t.Context(), host, s)
	require.NoError(t, err)
	require.Empty(t, st.Found, "nothing was to be done")

	b.virsh(t, "destroy", s.ID)
	b.virsh(t, "undefine", s.ID)
	b.await(t, s.ID, "undefined")
	_, err = b.driver.GetServer(t.Context(), host, s.ID)
	require.True(t, provider.IsNotFound(err))
	st, err = b.driver.EnsureServer(t.Context(), host, s)
	require.NoError(t, err)
	require.Equal(t, provider.PowerGone, st.Found)
}

func TestDeleteServerLeavesNothing(t *testing.T) {
	b := newBench(t)
	img, n := b.image(t), b.network(t)
	s := serverOf(img)
	s.Interfaces = []provider.Interface{{Network: n.ID, MAC: "52:54:00:77:00:0B", Address: "10.77.0.11"}}
	b.ensure(t, s)
	require.NoError(t, b.driver.SnapshotServer(t.Context(), host, s.ID, "before"))
	tap := tenantnet.TapName(s.ID, s.Interfaces[0].MAC)
	require.FileExists(t, "/sys/class/net/"+tap+"/ifindex")
	require.Contains(t, nftTables(t), tap)
	err := b.driver.DeleteNetwork(t.Context(), host, n.ID)
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err), "a card is plugged in")
	err = b.driver.DeleteImage(t.Context(), host, img.ID)
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err), "a disk is backed by it")

	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
	require.Empty(t, b.virsh(t, "list", "--all", "--name"))
	require.NoDirExists(t, filepath.Join(b.cfg.PoolDir, "servers", s.ID))
	require.NoFileExists(t, "/sys/class/net/"+tap+"/ifindex")
	require.NotContains(t, nftTables(t), tap)
	require.NoError(t, b.driver.DeleteImage(t.Context(), host, img.ID))
	left, err := os.ReadDir(filepath.Join(b.cfg.PoolDir, "images"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func nftTables(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("nft", "list", "tables").CombinedOutput()
	require.NoError(t, err)
	return string(out)
}

func TestSnapshotRevertRunningAndStopped(t *testing.T) {
	b := newBench(t)
	s := serverOf(b.image(t))
	b.ensure(t, s)
	b.awaitConsole(t, s.ID, libvirttest.ReadyMark)
	begin := time.Now()
	require.NoError(t, b.driver.SnapshotServer(t.Context(), host, s.ID, "warm"))
	require.NoError(t, b.driver.SnapshotServer(t.Context(), host, s.ID, "warm"), "again")
	t.Logf("snapshot of a running server: %s", time.Since(begin))
	_, err := b.driver.ActOnServer(t.Context(), host, s.ID, provider.VerbKill)
	require.NoError(t, err)
	require.NoError(t, b.driver.SnapshotServer(t.Context(), host, s.ID, "cold"))
	begin = time.Now()
	require.NoError(t, b.driver.RevertServer(t.Context(), host, s.ID, "warm"))
	t.Logf("revert to it: %s", time.Since(begin))
	st, err := b.driver.GetServer(t.Context(), host, s.ID)
	require.NoError(t, err)
	require.Equal(t, provider.PowerRunning, st.Power)
	require.ElementsMatch(t, []string{"warm", "cold"}, st.Snapshots)
	require.NoError(t, b.driver.RevertServer(t.Context(), host, s.ID, "cold"))
	st, err = b.driver.GetServer(t.Context(), host, s.ID)
	require.NoError(t, err)
	require.Equal(t, provider.PowerStopped, st.Power)
	require.True(t, provider.IsNotFound(b.driver.RevertServer(t.Context(), host, s.ID, "none")))
	require.NoError(t, b.driver.DeleteServerSnapshot(t.Context(), host, s.ID, "warm"))
	require.NoError(t, b.driver.DeleteServerSnapshot(t.Context(), host, s.ID, "warm"))
}

func TestVolumeComesAndGoesLive(t *testing.T) {
	b := newBench(t)
	s := serverOf(b.image(t))
	other := serverOf(provider.Image{ID: s.Disks[0].Image})
	other.Power = provider.PowerStopped
	b.ensure(t, s)
	b.ensure(t, other)
	vol := provider.Volume{ID: newID(), Name: "data", SizeGiB: 1}
	_, err := b.driver.EnsureVolume(t.Context(), host, vol)
	require.NoError(t, err)
	b.awaitConsole(t, s.ID, libvirttest.ReadyMark)
	disk := provider.Disk{Volume: vol.ID}
	for range 2 {
		require.NoError(t, b.driver.AttachVolume(t.Context(), host, s.ID, disk))
	}
	for _, flags := range [][]string{{"dumpxml", s.ID}, {"dumpxml", s.ID, "--inactive"}} {
		require.Equal(t, 1, strings.Count(b.virsh(t, flags...), "volumes/"+vol.ID))
	}
	err = b.driver.AttachVolume(t.Context(), host, other.ID, disk)
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err))
	err = b.driver.DeleteVolume(t.Context(), host, vol.ID)
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err))
	err = b.driver.SnapshotServer(t.Context(), host, s.ID, "x")
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err))
	vol.SizeGiB = 2
	st, err := b.driver.EnsureVolume(t.Context(), host, vol)
	require.NoError(t, err, "grown under the running guest")
	require.Equal(t, 2, st.SizeGiB)
	require.Equal(t, s.ID, st.AttachedTo)

	begin := time.Now()
	require.NoError(t, b.driver.DetachVolume(t.Context(), host, s.ID, vol.ID))
	t.Logf("live detach: %s", time.Since(begin))
	require.NotContains(t, b.virsh(t, "dumpxml", s.ID), vol.ID)
	// The same through the wanted state.
	s.Disks = append(s.Disks, disk)
	got, err := b.driver.EnsureServer(t.Context(), host, s)
	require.NoError(t, err)
	require.Len(t, got.Disks, 2)
	require.Equal(t, vol.ID, got.Disks[1].Volume)
	s.Disks = s.Disks[:1]
	got, err = b.driver.EnsureServer(t.Context(), host, s)
	require.NoError(t, err)
	require.Len(t, got.Disks, 1)
	require.NoError(t, b.driver.DeleteVolume(t.Context(), host, vol.ID))
}

func TestCardComesAndGoesLive(t *testing.T) {
	b := newBench(t)
	n := b.network(t)
	s := serverOf(b.image(t))
	b.ensure(t, s)
	b.awaitConsole(t, s.ID, libvirttest.ReadyMark)
	nic := provider.Interface{Network: n.ID, MAC: "52:54:00:77:00:0c", Address: "10.77.0.12"}
	for range 2 {
		require.NoError(t, b.driver.AttachInterface(t.Context(), host, s.ID, nic))
	}
	st, err := b.driver.GetServer(t.Context(), host, s.ID)
	require.NoError(t, err)
	require.Equal(t, []string{nic.MAC}, st.MACs)
	for range 2 {
		require.NoError(t, b.driver.DetachInterface(t.Context(), host, s.ID, nic.MAC))
	}
	require.NotContains(t, nftTables(t), tenantnet.TapName(s.ID, nic.MAC))
}

func TestResizeTakesAPowerCycle(t *testing.T) {
	b := newBench(t)
	s := serverOf(b.image(t))
	b.ensure(t, s)
	b.awaitConsole(t, s.ID, libvirttest.ReadyMark)
	s.VCPUs, s.MemoryMiB = 2, 256
	before, err := b.driver.GetServer(t.Context(), host, s.ID)
	require.NoError(t, err)
	require.NotEqual(t, s.HardwareDigest(), before.Digest)
	st, err := b.driver.EnsureServer(t.Context(), host, s)
	require.NoError(t, err)
	require.Equal(t, [2]int{2, 256}, [2]int{st.VCPUs, st.MemoryMiB})
	require.Equal(t, s.HardwareDigest(), st.Digest)
	require.Equal(t, provider.PowerRunning, st.Power)
}

// The private libvirtd has no cgroups: it bounds disks, and refuses to bound processors without leaving the server half bound.
func TestBoundsOfARunningServer(t *testing.T) {
	b := newBench(t)
	s := serverOf(b.image(t))
	b.ensure(t, s)
	free := s
	s.Disks = []provider.Disk{{Image: s.Disks[0].Image, SizeGiB: 1, QoS: &provider.QoS{IOPS: 300, BytesPerSecond: 4 << 20}}}
	for _, want := range []provider.Server{s, s, free} {
		_, err := b.driver.EnsureServer(t.Context(), host, want)
		require.NoError(t, err)
		for _, where := range []string{"--live", "--config"} {
			bound := b.bound(t, s.ID, "vda", where)
			if want.Disks[0].QoS == nil {
				require.Zero(t, bound)
				continue
			}
			require.Equal(t, *want.Disks[0].QoS, bound)
		}
	}
	for _, cpu := range []provider.CPU{{Weight: 50}, {Percent: 40}} {
		s.CPU = cpu
		_, err := b.driver.EnsureServer(t.Context(), host, s)
		require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err), "%v", err)
		require.ErrorContains(t, err, "cgroup")
	}
	for _, verb := range []provider.PowerVerb{provider.VerbKill, provider.VerbStart} {
		_, err := b.driver.ActOnServer(t.Context(), host, s.ID, verb)
		require.NoError(t, err, "it starts as it was")
	}
	_, err := b.driver.ActOnServer(t.Context(), host, s.ID, provider.VerbKill)
	require.NoError(t, err)
	_, err = b.driver.EnsureServer(t.Context(), host, s)
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err), "%v", err)
	_, err = b.driver.EnsureServer(t.Context(), host, free)
	require.NoError(t, err)
}

func TestPowerVerbs(t *testing.T) {
	b := newBench(t)
	s := serverOf(b.image(t))
	b.ensure(t, s)
	for _, step := range []struct {
		verb provider.PowerVerb
		want provider.PowerState
	}{
		{provider.VerbPause, provider.PowerPaused}, {provider.VerbPause, provider.PowerPaused},
		{provider.VerbResume, provider.PowerRunning}, {provider.VerbReset, provider.PowerRunning},
		{provider.VerbKill, provider.PowerStopped}, {provider.VerbKill, provider.PowerStopped},
		{provider.VerbStart, provider.PowerRunning}, {provider.VerbStart, provider.PowerRunning},
		{provider.VerbPause, provider.PowerPaused}, {provider.VerbStop, provider.PowerStopped},
	} {
		st, err := b.driver.ActOnServer(t.Context(), host, s.ID, step.verb)
		require.NoError(t, err, step.verb)
		require.Equal(t, step.want, st.Power, step.verb)
	}
	_, err := b.driver.ActOnServer(t.Context(), host, s.ID, provider.VerbPause)
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err))
}

func TestManyAtOnceMakeOne(t *testing.T) {
	b := newBench(t)
	s := serverOf(b.image(t))
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteServer(context.Background(), host, s.ID)) })
	var all sync.WaitGroup
	errs := make(chan error, 6)
	for range 6 {
		all.Go(func() { _, err := b.driver.EnsureServer(context.Background(), host, s); errs <- err })
	}
	all.Wait()
	for range 6 {
		require.NoError(t, <-errs)
	}
	list, err := b.driver.ListServers(t.Context(), host)
	require.NoError(t, err)
	require.Len(t, list, 1)
}

func TestLibvirtdGoesAndComes(t *testing.T) {
	b := newBench(t)
	s := serverOf(b.image(t))
	b.ensure(t, s)
	b.libvirt.Stop()
	_, err := b.driver.GetServer(t.Context(), host, s.ID)
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err))
	st, err := b.driver.GetHost(t.Context(), host)
	require.NoError(t, err)
	require.False(t, st.LibvirtUp)
	require.NotEmpty(t, st.LibvirtError)
	again, err := libvirtd.Start(context.Background(), shared.libvirt, io.Discard)
	require.NoError(t, err)
	b.libvirt = again
	begin := time.Now()
	require.Eventually(t, func() bool {
		st, err := b.driver.GetServer(context.Background(), host, s.ID)
		return err == nil && st.Power == provider.PowerRunning
	}, 20*time.Second, 50*time.Millisecond)
	t.Logf("recovered after %s", time.Since(begin))
	// libvirtd reports what it had written down before it has found QEMU again; a pause waits for that.
	for _, verb := range []provider.PowerVerb{provider.VerbPause, provider.VerbResume} {
		_, err = b.driver.ActOnServer(t.Context(), host, s.ID, verb)
		require.NoError(t, err, "the guest outlived libvirtd")
	}
	b.virsh(t, "destroy", s.ID)
	b.await(t, s.ID, "stopped")
}
