package providertest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (s *suite) get(t *testing.T, id string) provider.ServerState {
	t.Helper()
	st, err := s.GetServer(t.Context(), s.Host, id)
	require.NoError(t, err)
	return st
}

func (s *suite) server(t *testing.T) {
	want := s.newServer(t)
	_, err := s.GetServer(t.Context(), s.Host, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	first := s.ensureServer(t, want)
	require.Equal(t, [2]int{want.VCPUs, want.MemoryMiB}, [2]int{first.VCPUs, first.MemoryMiB})
	require.Len(t, first.Disks, 1)
	require.Equal(t, want.Disks[0].Image, first.Disks[0].Image)
	require.Equal(t, provider.PowerGone, first.Found)
	s.ensureServer(t, want)
	want.Power = provider.PowerRunning
	s.ensureServer(t, want)
	again := s.ensureServer(t, want)
	require.Empty(t, again.Found)
	s.requireEvent(t, want.ID, "started")
	require.WithinDuration(t, time.Now(), again.ObservedAt, time.Minute)
	all, err := s.ListServers(t.Context(), s.Host)
	require.NoError(t, err)
	require.Equal(t, 1, count(all, func(x provider.ServerState) bool { return x.ID == want.ID }))
	stats, err := s.ServerStats(t.Context(), s.Host, want.ID)
	require.NoError(t, err)
	require.Positive(t, stats.CPUNanos)
	for range 2 {
		require.NoError(t, s.DeleteServer(t.Context(), s.Host, want.ID))
	}
	s.requireEvent(t, want.ID, "undefined")
	_, err = s.GetServer(t.Context(), s.Host, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	_, err = s.ConsoleLog(t.Context(), s.Host, want.ID, 100)
	requireReason(t, provider.ReasonNotFound, err)
	s.ensureServer(t, want) // the id may come back
}

func (s *suite) power(t *testing.T) {
	want := s.newServer(t)
	want.Power = provider.PowerRunning
	s.ensureServer(t, want)
	for _, step := range []struct {
		verb provider.PowerVerb
		want provider.PowerState
	}{
		{provider.VerbPause, provider.PowerPaused}, {provider.VerbPause, provider.PowerPaused},
		{provider.VerbResume, provider.PowerRunning}, {provider.VerbSuspend, provider.PowerSuspended}, {provider.VerbSuspend, provider.PowerSuspended},
		{provider.VerbResume, provider.PowerRunning}, {provider.VerbReset, provider.PowerRunning},
		{provider.VerbKill, provider.PowerStopped}, {provider.VerbKill, provider.PowerStopped},
		{provider.VerbStart, provider.PowerRunning}, {provider.VerbStart, provider.PowerRunning},
	} {
		st, err := s.ActOnServer(t.Context(), s.Host, want.ID, step.verb)
		require.NoError(t, err, step.verb)
		require.Equal(t, step.want, st.Power, step.verb)
	}
	s.requireEvent(t, want.ID, "stopped")
	s.rests(t, want)
	_, err := s.ActOnServer(t.Context(), s.Host, want.ID, "levitate")
	requireReason(t, provider.ReasonInvalid, err)
	_, err = s.ActOnServer(t.Context(), s.Host, want.ID, provider.VerbKill)
	require.NoError(t, err)
	_, err = s.ActOnServer(t.Context(), s.Host, want.ID, provider.VerbReboot)
	requireReason(t, provider.ReasonConflict, err)
	_, err = s.ActOnServer(t.Context(), s.Host, newID(t), provider.VerbStart)
	requireReason(t, provider.ReasonNotFound, err)
}

func (s *suite) attachWhileStopped(t *testing.T) {
	vol := s.newVolume(t)
	want, other := s.newServer(t), s.newServer(t)
	s.ensureServer(t, want)
	s.ensureServer(t, other)
	disk := provider.Disk{Volume: vol.ID}
	for range 2 {
		require.NoError(t, s.AttachVolume(t.Context(), s.Host, want.ID, disk))
	}
	st, err := s.GetVolume(t.Context(), s.Host, vol.ID)
	require.NoError(t, err)
	require.Equal(t, want.ID, st.AttachedTo)
	requireReason(t, provider.ReasonConflict, s.AttachVolume(t.Context(), s.Host, other.ID, disk))
	requireReason(t, provider.ReasonConflict, s.DeleteVolume(t.Context(), s.Host, vol.ID))
	require.Equal(t, 1, count(s.get(t, want.ID).Disks, func(d provider.Disk) bool { return d.Volume == vol.ID }))
	snap := s.newSnapshot(t, vol.ID)
	s.ensureSnapshot(t, snap, 1)
	require.NoError(t, s.DeleteSnapshot(t.Context(), s.Host, snap.ID))
	for range 2 {
		require.NoError(t, s.DetachVolume(t.Context(), s.Host, want.ID, vol.ID))
	}
	// The same by the wanted state; and a server's end leaves its volumes.
	other.Disks = append(other.Disks, disk)
	s.ensureServer(t, other)
	require.Equal(t, 1, count(s.get(t, other.ID).Disks, func(d provider.Disk) bool { return d.Volume == vol.ID }))
	require.NoError(t, s.DeleteServer(t.Context(), s.Host, other.ID))
	st, err = s.GetVolume(t.Context(), s.Host, vol.ID)
	require.NoError(t, err)
	require.Empty(t, st.AttachedTo)

	n := s.newNetwork(t)
	_, err = s.EnsureNetwork(t.Context(), s.Host, n)
	require.NoError(t, err)
	nic := provider.Interface{Network: n.ID, MAC: "52:54:00:d5:00:14", Address: s.address(20), Rules: []provider.Rule{{Protocol: "icmp"}}}
	for range 2 {
		require.NoError(t, s.AttachInterface(t.Context(), s.Host, want.ID, nic))
	}
	require.Equal(t, []string{nic.MAC}, s.get(t, want.ID).MACs)
	for range 2 {
		require.NoError(t, s.DetachInterface(t.Context(), s.Host, want.ID, nic.MAC))
	}
	require.Empty(t, s.get(t, want.ID).MACs)
}

func (s *suite) resize(t *testing.T) {
	want := s.newServer(t)
	s.ensureServer(t, want)
	old := want
	want.VCPUs, want.MemoryMiB = 2, want.MemoryMiB+64
	require.NotEqual(t, want.HardwareDigest(), s.get(t, want.ID).Digest)
	st := s.ensureServer(t, want)
	require.Equal(t, [2]int{want.VCPUs, want.MemoryMiB}, [2]int{st.VCPUs, st.MemoryMiB})
	s.resizeBack(t, want, old)
}

func (s *suite) snapshot(t *testing.T) {
	want := s.newServer(t)
	if s.Snapshots {
		want.Power = provider.PowerRunning
	}
	s.ensureServer(t, want)
	for range 2 {
		require.NoError(t, s.SnapshotServer(t.Context(), s.Host, want.ID, "before"))
	}
	require.Equal(t, []string{"before"}, s.get(t, want.ID).Snapshots)
	_, err := s.ActOnServer(t.Context(), s.Host, want.ID, provider.VerbKill)
	require.NoError(t, err)
	require.NoError(t, s.RevertServer(t.Context(), s.Host, want.ID, "before"))
	require.Equal(t, want.Power, s.get(t, want.ID).Power, "the power state comes back too")
	requireReason(t, provider.ReasonNotFound, s.RevertServer(t.Context(), s.Host, want.ID, "never"))
	for range 2 {
		require.NoError(t, s.DeleteServerSnapshot(t.Context(), s.Host, want.ID, "before"))
	}
	require.Empty(t, s.get(t, want.ID).Snapshots)
}

// boots waits until a guest says on its console that it has booted.
func (s *suite) boots(t *testing.T, id string) {
	t.Helper()
	require.Eventually(t, func() bool {
		log, err := s.ConsoleLog(context.Background(), s.Host, id, 1<<16)
		return err == nil && strings.Contains(string(log), s.Ready)
	}, s.BootTimeout, s.Every, "the guest's console")
}

// guest needs a guest that boots: console, live attach and detach, ACPI stop.
func (s *suite) guest(t *testing.T) {
	if s.Ready == "" {
		t.Skip("no guest that says when it has booted")
	}
	n := s.newNetwork(t)
	_, err := s.EnsureNetwork(t.Context(), s.Host, n)
	require.NoError(t, err)
	vol := s.newVolume(t)
	want := s.newServer(t)
	want.Power = provider.PowerRunning
	want.Interfaces = []provider.Interface{{Network: n.ID, MAC: "52:54:00:d5:00:1e", Address: s.address(30)}}
	s.ensureServer(t, want)
	s.boots(t, want.ID)
	tail, err := s.ConsoleLog(t.Context(), s.Host, want.ID, 5)
	require.NoError(t, err)
	require.LessOrEqual(t, len(tail), 5)
	s.consoles(t, want.ID)
	require.NoError(t, s.AttachVolume(t.Context(), s.Host, want.ID, provider.Disk{Volume: vol.ID}))
	requireReason(t, provider.ReasonConflict, s.DeleteNetwork(t.Context(), s.Host, n.ID))
	snap := s.newSnapshot(t, vol.ID)
	s.ensureSnapshot(t, snap, 1)
	require.NoError(t, s.DeleteSnapshot(t.Context(), s.Host, snap.ID))
	backup := s.newBackup(t, vol.ID)
	s.ensureBackup(t, backup, 1)
	require.NoError(t, s.DeleteBackup(t.Context(), s.Host, backup.ID))
	vol.SizeGiB = 2
	grown, err := s.EnsureVolume(t.Context(), s.Host, vol)
	if s.GrowsDetached {
		requireReason(t, provider.ReasonConflict, err)
		require.NoError(t, s.DetachVolume(t.Context(), s.Host, want.ID, vol.ID))
		grown, err = s.EnsureVolume(t.Context(), s.Host, vol)
	}
	require.NoError(t, err)
	require.Equal(t, 2, grown.SizeGiB)
	require.NoError(t, s.DetachVolume(t.Context(), s.Host, want.ID, vol.ID))
	// Nothing in this guest sets passwords, and that is what is said of it.
	requireReason(t, provider.ReasonUnsupported, s.SetServerPassword(t.Context(), s.Host, want.ID, "root", "correct horse"))
	st, err := s.ActOnServer(t.Context(), s.Host, want.ID, provider.VerbStop)
	require.NoError(t, err)
	require.Equal(t, provider.PowerStopped, st.Power)
	_, err = s.OpenConsole(t.Context(), s.Host, want.ID, provider.ConsoleSerial)
	requireReason(t, provider.ReasonConflict, err)
	s.rescue(t, want)
	require.NoError(t, s.DeleteServer(t.Context(), s.Host, want.ID))
	require.NoError(t, s.DeleteNetwork(t.Context(), s.Host, n.ID))
}

func (s *suite) concurrency(t *testing.T) {
	want := s.newServer(t)
	var all sync.WaitGroup
	errs := make(chan error, 4)
	for range cap(errs) {
		all.Go(func() { _, err := s.EnsureServer(context.Background(), s.Host, want); errs <- err })
	}
	all.Wait()
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
	list, err := s.ListServers(t.Context(), s.Host)
	require.NoError(t, err)
	require.Equal(t, 1, count(list, func(x provider.ServerState) bool { return x.ID == want.ID }))
}

func (s *suite) refusals(t *testing.T) {
	for name, spoil := range map[string]func(*provider.Server){
		"id":     func(x *provider.Server) { x.ID = "../etc" },
		"vcpus":  func(x *provider.Server) { x.VCPUs = 0 },
		"memory": func(x *provider.Server) { x.MemoryMiB = 1 },
		"power":  func(x *provider.Server) { x.Power = provider.PowerCrashed },
		"mac":    func(x *provider.Server) { x.Interfaces = []provider.Interface{{Network: newID(t), MAC: "nonsense"}} },
	} {
		want := s.newServer(t)
		spoil(&want)
		_, err := s.EnsureServer(t.Context(), s.Host, want)
		require.Error(t, err, name)
		require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err), name)
	}
	for name, spoil := range map[string]func(*provider.Server){
		"image":  func(x *provider.Server) { x.Disks[0].Image = newID(t) },
		"volume": func(x *provider.Server) { x.Disks = append(x.Disks, provider.Disk{Volume: newID(t)}) },
		"network": func(x *provider.Server) {
			x.Interfaces = []provider.Interface{{Network: newID(t), MAC: "52:54:00:d5:00:28", Address: s.address(40)}}
		},
	} {
		want := s.newServer(t)
		spoil(&want)
		_, err := s.EnsureServer(t.Context(), s.Host, want)
		require.Error(t, err, name)
		require.Equal(t, provider.ReasonNotFound, provider.ReasonOf(err), name)
		_, err = s.GetServer(t.Context(), s.Host, want.ID)
		requireReason(t, provider.ReasonNotFound, err)
	}
	_, err := s.EnsureVolume(t.Context(), s.Host, provider.Volume{ID: newID(t)})
	requireReason(t, provider.ReasonInvalid, err)
	_, err = s.EnsureNetwork(t.Context(), s.Host, provider.Net{ID: newID(t), CIDR: "nonsense"})
	requireReason(t, provider.ReasonInvalid, err)
	// Deleting what never was succeeds.
	ctx, id := t.Context(), newID(t)
	require.NoError(t, s.DeleteServer(ctx, s.Host, id))
	require.NoError(t, s.DeleteVolume(ctx, s.Host, id))
	require.NoError(t, s.DeleteImage(ctx, s.Host, id))
	require.NoError(t, s.DeleteNetwork(ctx, s.Host, id))
	require.NoError(t, s.DeleteServerSnapshot(ctx, s.Host, id, "never"))
	require.NoError(t, s.DetachVolume(ctx, s.Host, id, newID(t)))
	require.NoError(t, s.DetachInterface(ctx, s.Host, id, "52:54:00:d5:00:32"))
}
