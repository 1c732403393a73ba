package providertest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (s *suite) newServerBackup(t *testing.T, server provider.Server) provider.ServerBackup {
	t.Helper()
	want := provider.ServerBackup{Server: server.ID, Parts: []provider.Backup{{ID: newID(t), Name: "conformance-root", Project: "providertest", Server: server.ID}}}
	for _, disk := range server.Disks {
		if disk.Volume != "" {
			want.Parts = append(want.Parts, provider.Backup{ID: newID(t), Name: "conformance-1", Project: "providertest", Volume: disk.Volume})
		}
	}
	t.Cleanup(func() {
		for _, p := range want.Parts {
			require.NoError(t, s.DeleteBackup(context.Background(), s.Host, p.ID))
		}
	})
	return want
}

// backUp calls until the place has taken it: it may take longer than one call.
func (s *suite) backUp(t *testing.T, want provider.ServerBackup) provider.BackupState {
	t.Helper()
	st, err := s.BackupServer(t.Context(), s.Host, want)
	for end := time.Now().Add(s.BootTimeout); provider.ReasonOf(err) == provider.ReasonTimeout && time.Now().Before(end); {
		st, err = s.BackupServer(t.Context(), s.Host, want)
	}
	require.NoError(t, err)
	return st
}

// serverBackup keeps a whole server, deletes it with its volume, and makes another one of what was kept.
func (s *suite) serverBackup(t *testing.T) {
	vol := s.newVolume(t)
	s.fill(t, vol.ID, 0xe5)
	server := s.newServer(t)
	server.Disks = append(server.Disks, provider.Disk{Volume: vol.ID})
	_, err := s.BackupServer(t.Context(), s.Host, s.newServerBackup(t, server))
	requireReason(t, provider.ReasonNotFound, err)
	s.ensureServer(t, server)
	s.fillRoot(t, server.ID)

	want := s.newServerBackup(t, server)
	st := s.backUp(t, want)
	root := want.Parts[0].ID
	require.Equal(t, provider.BackupState{ID: root, Host: s.Host, Server: server.ID, SizeGiB: st.SizeGiB, CreatedAt: st.CreatedAt, Consistency: provider.AtRest}, st)
	require.Equal(t, st, s.backUp(t, want), "it is not taken again")
	all, err := s.ListBackups(t.Context(), s.Host)
	require.NoError(t, err)
	for _, p := range want.Parts {
		got, err := s.GetBackup(t.Context(), s.Host, p.ID)
		require.NoError(t, err)
		require.Equal(t, p.Volume, got.Volume)
		require.Equal(t, 1, count(all, func(x provider.BackupState) bool { return x == got }))
	}
	s.serverBackupRefusals(t, server, want)

	server.Power = provider.PowerRunning
	s.ensureServer(t, server)
	running := s.newServerBackup(t, server)
	require.Contains(t, []provider.Consistency{provider.Quiesced, provider.AtOnce, provider.Apart}, s.backUp(t, running).Consistency)
	after, err := s.GetServer(t.Context(), s.Host, server.ID)
	require.NoError(t, err)
	require.Equal(t, provider.PowerRunning, after.Power, "it goes on")
	require.NoError(t, s.DeleteServer(t.Context(), s.Host, server.ID))
	require.NoError(t, s.DeleteVolume(t.Context(), s.Host, vol.ID), "backups do not hold it")

	s.restoreServer(t, server, want)
}

// restoreServer makes a server of a backup, and brings it back to it in place.
func (s *suite) restoreServer(t *testing.T, server provider.Server, want provider.ServerBackup) {
	t.Helper()
	again := s.volumeOf(t, provider.Volume{Backup: want.Parts[1].ID, SizeGiB: 1})
	s.requireValue(t, again.ID, 0xe5)
	other := s.newServer(t)
	other.Disks = slices.Clone(server.Disks)
	other.Disks[0].Backup, other.Disks[1].Volume = want.Parts[0].ID, again.ID
	s.ensureServer(t, other)
	s.requireRoot(t, other.ID, true)
	other.Disks[0].Backup, other.Build = "", "of the image"
	s.ensureServer(t, other)
	s.requireRoot(t, other.ID, false)
	other.Disks[0].Backup, other.Build = want.Parts[0].ID, "in place"
	s.ensureServer(t, other)
	s.requireRoot(t, other.ID, true)
	for range 2 {
		for _, p := range want.Parts {
			require.NoError(t, s.DeleteBackup(t.Context(), s.Host, p.ID))
		}
	}
	_, err := s.GetBackup(t.Context(), s.Host, want.Parts[0].ID)
	requireReason(t, provider.ReasonNotFound, err)
	s.ensureServer(t, other) // it needs its backup no more
	lost := s.newServer(t)
	lost.Disks[0].Backup = want.Parts[0].ID
	_, err = s.EnsureServer(t.Context(), s.Host, lost)
	requireReason(t, provider.ReasonNotFound, err)
}

// serverBackupRefusals asks for what can not be; nothing of it may be left.
func (s *suite) serverBackupRefusals(t *testing.T, server provider.Server, have provider.ServerBackup) {
	t.Helper()
	loose := s.newVolume(t)
	with := server
	with.Disks = append(slices.Clone(server.Disks), provider.Disk{Volume: loose.ID})
	bad := s.newServerBackup(t, with)
	_, err := s.BackupServer(t.Context(), s.Host, bad)
	requireReason(t, provider.ReasonConflict, err)
	for _, p := range bad.Parts {
		_, err := s.GetBackup(t.Context(), s.Host, p.ID)
		requireReason(t, provider.ReasonNotFound, err)
	}
	other := have
	other.Server = newID(t)
	other.Parts = slices.Clone(have.Parts)
	other.Parts[0].Server = other.Server
	_, err = s.BackupServer(t.Context(), s.Host, other)
	requireReason(t, provider.ReasonConflict, err)
	_, err = s.BackupServer(t.Context(), s.Host, provider.ServerBackup{Server: server.ID, Parts: []provider.Backup{{ID: newID(t), Volume: loose.ID}}})
	requireReason(t, provider.ReasonInvalid, err)
}

func (s *suite) requireRoot(t *testing.T, server string, filled bool) {
	t.Helper()
	if c, ok := s.Content.(RootContent); ok {
		require.Equal(t, filled, c.FilledRoot(t, server))
	}
}
