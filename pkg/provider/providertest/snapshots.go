package providertest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Content reads and writes volumes that no server has, and knows their bounds, with the backend's own tools.
type Content interface {
	// Fill writes one byte value over the first MiB.
	Fill(t *testing.T, volume string, value byte)
	// Value is the byte that all of the first MiB has; it fails the test when there are several.
	Value(t *testing.T, volume string) byte
	// Bound is how fast the hypervisor lets a server that is off use the volume, in operations and bytes per second.
	Bound(t *testing.T, server, volume string) provider.QoS
}

func (s *suite) fill(t *testing.T, volume string, value byte) {
	t.Helper()
	if s.Content != nil {
		s.Content.Fill(t, volume, value)
	}
}

func (s *suite) requireValue(t *testing.T, volume string, value byte) {
	t.Helper()
	if s.Content != nil {
		require.Equal(t, value, s.Content.Value(t, volume))
	}
}

func (s *suite) newSnapshot(t *testing.T, volume string) provider.Snapshot {
	t.Helper()
	want := provider.Snapshot{ID: newID(t), Name: "conformance", Project: "providertest", Volume: volume}
	t.Cleanup(func() { require.NoError(t, s.DeleteSnapshot(context.Background(), s.Host, want.ID)) })
	return want
}

func (s *suite) ensureSnapshot(t *testing.T, want provider.Snapshot, sizeGiB int) provider.SnapshotState {
	t.Helper()
	st, err := s.EnsureSnapshot(t.Context(), s.Host, want)
	require.NoError(t, err)
	require.Equal(t, provider.SnapshotState{ID: want.ID, Host: s.Host, Volume: want.Volume, SizeGiB: sizeGiB, CreatedAt: st.CreatedAt}, st)
	require.WithinDuration(t, time.Now(), st.CreatedAt, s.BootTimeout)
	return st
}

// volumeSnapshot keeps a volume's content, makes volumes from it, and lets it go.
func (s *suite) volumeSnapshot(t *testing.T) {
	vol := s.newVolume(t)
	s.fill(t, vol.ID, 0xa1)
	want := s.newSnapshot(t, vol.ID)
	_, err := s.GetSnapshot(t.Context(), s.Host, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	st := s.ensureSnapshot(t, want, 1)
	s.fill(t, vol.ID, 0xb2)
	require.Equal(t, st, s.ensureSnapshot(t, want, 1), "it is not taken again")
	got, err := s.GetSnapshot(t.Context(), s.Host, want.ID)
	require.NoError(t, err)
	require.Equal(t, st, got)
	all, err := s.ListSnapshots(t.Context(), s.Host)
	require.NoError(t, err)
	require.Equal(t, 1, count(all, func(x provider.SnapshotState) bool { return x == st }))
	requireReason(t, provider.ReasonConflict, s.DeleteVolume(t.Context(), s.Host, vol.ID))

	copied := s.volumeOf(t, provider.Volume{Snapshot: want.ID, SizeGiB: 2})
	s.requireValue(t, copied.ID, 0xa1)
	s.requireValue(t, vol.ID, 0xb2)
	clone := s.volumeOf(t, provider.Volume{Source: vol.ID, SizeGiB: 2})
	s.requireValue(t, clone.ID, 0xb2)
	s.fill(t, clone.ID, 0xc3)
	s.requireValue(t, vol.ID, 0xb2)
	require.NoError(t, s.DeleteVolume(t.Context(), s.Host, clone.ID))
	_, err = s.EnsureVolume(t.Context(), s.Host, provider.Volume{ID: newID(t), Name: "conformance", Project: "providertest", SizeGiB: 1, Source: newID(t)})
	requireReason(t, provider.ReasonNotFound, err)
	vol.SizeGiB = 2
	_, err = s.EnsureVolume(t.Context(), s.Host, vol)
	require.NoError(t, err, "a volume with snapshots grows")
	larger := s.newSnapshot(t, vol.ID)
	s.ensureSnapshot(t, larger, 2)
	_, err = s.EnsureVolume(t.Context(), s.Host, provider.Volume{ID: newID(t), Name: "conformance", Project: "providertest", SizeGiB: 1, Snapshot: larger.ID})
	requireReason(t, provider.ReasonInvalid, err)

	if s.Leans {
		requireReason(t, provider.ReasonConflict, s.DeleteSnapshot(t.Context(), s.Host, want.ID))
		require.Equal(t, st, s.ensureSnapshot(t, want, 1), "a refusal changes nothing")
		require.NoError(t, s.DeleteVolume(t.Context(), s.Host, copied.ID))
	}
	for range 2 {
		require.NoError(t, s.DeleteSnapshot(t.Context(), s.Host, want.ID))
		require.NoError(t, s.DeleteSnapshot(t.Context(), s.Host, larger.ID))
	}
	_, err = s.GetSnapshot(t.Context(), s.Host, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	require.NoError(t, s.DeleteVolume(t.Context(), s.Host, vol.ID))
	if !s.Leans {
		s.requireValue(t, copied.ID, 0xa1)
		require.NoError(t, s.DeleteVolume(t.Context(), s.Host, copied.ID))
	}

	_, err = s.EnsureSnapshot(t.Context(), s.Host, s.newSnapshot(t, newID(t)))
	requireReason(t, provider.ReasonNotFound, err)
	_, err = s.EnsureVolume(t.Context(), s.Host, provider.Volume{ID: newID(t), Name: "conformance", Project: "providertest", SizeGiB: 1, Snapshot: want.ID})
	requireReason(t, provider.ReasonNotFound, err)
	_, err = s.EnsureSnapshot(t.Context(), s.Host, provider.Snapshot{ID: "../x", Volume: vol.ID})
	requireReason(t, provider.ReasonInvalid, err)
}

// volumeOf makes a volume of a size from a snapshot or a backup.
func (s *suite) volumeOf(t *testing.T, want provider.Volume) provider.Volume {
	t.Helper()
	want.ID, want.Name, want.Project = newID(t), "conformance", "providertest"
	t.Cleanup(func() { require.NoError(t, s.DeleteVolume(context.Background(), s.Host, want.ID)) })
	for range 2 {
		st, err := s.EnsureVolume(t.Context(), s.Host, want)
		require.NoError(t, err)
		require.Equal(t, want.SizeGiB, st.SizeGiB)
	}
	return want
}

// volumeTier bounds a volume, gives it another bound, and none.
func (s *suite) volumeTier(t *testing.T) {
	want := provider.Volume{ID: newID(t), Name: "conformance", Project: "providertest", SizeGiB: 1, Tier: "conformance"}
	t.Cleanup(func() { require.NoError(t, s.DeleteVolume(context.Background(), s.Host, want.ID)) })
	server := s.newServer(t)
	s.ensureServer(t, server)
	for _, q := range []*provider.QoS{{IOPS: 500, BytesPerSecond: 50 << 20}, {IOPS: 800}, nil} {
		want.QoS = q
		for range 2 {
			_, err := s.EnsureVolume(t.Context(), s.Host, want)
			require.NoError(t, err)
		}
		require.NoError(t, s.AttachVolume(t.Context(), s.Host, server.ID, provider.Disk{Volume: want.ID}))
		if q == nil {
			q = &provider.QoS{}
		}
		if s.Content != nil {
			require.Equal(t, *q, s.Content.Bound(t, server.ID, want.ID))
		}
		require.NoError(t, s.DetachVolume(t.Context(), s.Host, server.ID, want.ID))
	}
	lost := provider.Volume{ID: newID(t), Name: "conformance", Project: "providertest", SizeGiB: 1, Tier: "conformance", Pool: "no-such-pool"}
	_, err := s.EnsureVolume(t.Context(), s.Host, lost)
	requireReason(t, provider.ReasonConflict, err)
	_, err = s.GetVolume(t.Context(), s.Host, lost.ID)
	requireReason(t, provider.ReasonNotFound, err)
}
