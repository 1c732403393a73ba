package providertest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// volumeTransfer gives a volume to another project, with what is on it, and lets a server of that one have it.
func (s *suite) volumeTransfer(t *testing.T) {
	vol := s.newVolume(t)
	s.fill(t, vol.ID, 0xf6)
	requireReason(t, provider.ReasonNotFound, s.TransferableVolume(t.Context(), s.Host, newID(t)))
	requireReason(t, provider.ReasonNotFound, s.TransferVolume(t.Context(), s.Host, newID(t), "providertest-2"))
	snap := s.newSnapshot(t, vol.ID)
	s.ensureSnapshot(t, snap, 1)
	requireReason(t, provider.ReasonConflict, s.TransferableVolume(t.Context(), s.Host, vol.ID))
	require.NoError(t, s.DeleteSnapshot(t.Context(), s.Host, snap.ID))
	require.NoError(t, s.TransferableVolume(t.Context(), s.Host, vol.ID))
	for range 2 {
		require.NoError(t, s.TransferVolume(t.Context(), s.Host, vol.ID, "providertest-2"))
	}
	vol.Project, vol.SizeGiB = "providertest-2", 2
	st, err := s.EnsureVolume(t.Context(), s.Host, vol)
	require.NoError(t, err)
	require.Equal(t, 2, st.SizeGiB, "it grows there")
	s.requireValue(t, vol.ID, 0xf6)
	server := s.newServer(t)
	server.Project = vol.Project
	s.ensureServer(t, server)
	require.NoError(t, s.AttachVolume(t.Context(), s.Host, server.ID, provider.Disk{Volume: vol.ID}))
	requireReason(t, provider.ReasonConflict, s.TransferableVolume(t.Context(), s.Host, vol.ID))
	require.NoError(t, s.DeleteServer(t.Context(), s.Host, server.ID))
}
