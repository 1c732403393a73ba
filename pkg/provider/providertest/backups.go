package providertest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (s *suite) newBackup(t *testing.T, volume string) provider.Backup {
	t.Helper()
	want := provider.Backup{ID: newID(t), Name: "conformance", Project: "providertest", Volume: volume}
	t.Cleanup(func() { require.NoError(t, s.DeleteBackup(context.Background(), s.Host, want.ID)) })
	return want
}

func (s *suite) ensureBackup(t *testing.T, want provider.Backup, sizeGiB int) provider.BackupState {
	t.Helper()
	st, err := s.EnsureBackup(t.Context(), s.Host, want)
	require.NoError(t, err)
	require.Equal(t, provider.BackupState{ID: want.ID, Host: s.Host, Volume: want.Volume, SizeGiB: sizeGiB, CreatedAt: st.CreatedAt}, st)
	require.WithinDuration(t, time.Now(), st.CreatedAt, s.BootTimeout)
	return st
}

// volumeBackup keeps what is on a volume, deletes the volume, and makes others with what was on it.
func (s *suite) volumeBackup(t *testing.T) {
	vol := s.newVolume(t)
	s.fill(t, vol.ID, 0xc3)
	want := s.newBackup(t, vol.ID)
	_, err := s.GetBackup(t.Context(), s.Host, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	st := s.ensureBackup(t, want, 1)
	s.fill(t, vol.ID, 0xd4)
	require.Equal(t, st, s.ensureBackup(t, want, 1), "it is not taken again")
	used := s.newBackup(t, vol.ID)
	s.backupOfAttached(t, vol, used)

	require.NoError(t, s.DeleteVolume(t.Context(), s.Host, vol.ID), "backups do not hold it")
	require.Equal(t, st, s.ensureBackup(t, want, 1), "it needs its volume no more")
	got, err := s.GetBackup(t.Context(), s.Host, want.ID)
	require.NoError(t, err)
	require.Equal(t, st, got)
	all, err := s.ListBackups(t.Context(), s.Host)
	require.NoError(t, err)
	require.Equal(t, 1, count(all, func(x provider.BackupState) bool { return x == st }))
	other := want
	other.Volume = newID(t)
	_, err = s.EnsureBackup(t.Context(), s.Host, other)
	requireReason(t, provider.ReasonConflict, err)

	first := s.volumeOf(t, provider.Volume{Backup: want.ID, SizeGiB: 2})
	s.requireValue(t, first.ID, 0xc3)
	second := s.volumeOf(t, provider.Volume{Backup: used.ID, SizeGiB: 1})
	s.requireValue(t, second.ID, 0xd4)
	s.backupRefusals(t, first, want)

	for range 2 {
		require.NoError(t, s.DeleteBackup(t.Context(), s.Host, want.ID))
		require.NoError(t, s.DeleteBackup(t.Context(), s.Host, used.ID))
	}
	_, err = s.GetBackup(t.Context(), s.Host, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	s.requireValue(t, first.ID, 0xc3)
	_, err = s.EnsureVolume(t.Context(), s.Host, provider.Volume{ID: newID(t), Name: "conformance", Project: "providertest", SizeGiB: 1, Backup: want.ID})
	requireReason(t, provider.ReasonNotFound, err)
}

// backupOfAttached keeps the volume while a server has it, which does not let go of it.
func (s *suite) backupOfAttached(t *testing.T, vol provider.Volume, want provider.Backup) {
	t.Helper()
	server := s.newServer(t)
	s.ensureServer(t, server)
	require.NoError(t, s.AttachVolume(t.Context(), s.Host, server.ID, provider.Disk{Volume: vol.ID}))
	s.ensureBackup(t, want, 1)
	st, err := s.GetVolume(t.Context(), s.Host, vol.ID)
	require.NoError(t, err)
	require.Equal(t, server.ID, st.AttachedTo)
	require.NoError(t, s.DeleteServer(t.Context(), s.Host, server.ID))
}

// backupRefusals asks for what can not be: large is a volume of 2 GiB, and have is a backup of 1 GiB.
func (s *suite) backupRefusals(t *testing.T, large provider.Volume, have provider.Backup) {
	t.Helper()
	larger := s.newBackup(t, large.ID)
	s.ensureBackup(t, larger, 2)
	_, err := s.EnsureVolume(t.Context(), s.Host, provider.Volume{ID: newID(t), Name: "conformance", Project: "providertest", SizeGiB: 1, Backup: larger.ID})
	requireReason(t, provider.ReasonInvalid, err)
	require.NoError(t, s.DeleteBackup(t.Context(), s.Host, larger.ID))
	_, err = s.EnsureVolume(t.Context(), s.Host, provider.Volume{ID: newID(t), Name: "conformance", Project: "providertest", SizeGiB: 1, Backup: have.ID, Snapshot: newID(t)})
	requireReason(t, provider.ReasonInvalid, err)
	_, err = s.EnsureBackup(t.Context(), s.Host, s.newBackup(t, newID(t)))
	requireReason(t, provider.ReasonNotFound, err)
	_, err = s.EnsureBackup(t.Context(), s.Host, provider.Backup{ID: "../x", Volume: large.ID})
	requireReason(t, provider.ReasonInvalid, err)
}
