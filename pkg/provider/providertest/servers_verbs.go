package providertest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// rests brings a running server to each state that can be wanted; twice changes nothing. The plug is pulled, as a guest that
// is just booting hears no button.
func (s *suite) rests(t *testing.T, want provider.Server) {
	t.Helper()
	for _, power := range []provider.PowerState{provider.PowerPaused, provider.PowerSuspended, provider.PowerRunning, provider.PowerStopped, provider.PowerShelved, provider.PowerRunning} {
		if power == provider.PowerStopped {
			_, err := s.ActOnServer(t.Context(), s.Host, want.ID, provider.VerbKill)
			require.NoError(t, err)
		}
		want.Power = power
		s.ensureServer(t, want)
		again := s.ensureServer(t, want)
		require.Empty(t, again.Found, power)
		require.Equal(t, power, s.get(t, want.ID).Power)
	}
}

// resizeBack resizes so that it can be reverted, does that, resizes again and confirms.
func (s *suite) resizeBack(t *testing.T, is, other provider.Server) {
	t.Helper()
	has := func(want provider.Server) {
		t.Helper()
		for range 2 {
			st := s.ensureServer(t, want)
			require.Equal(t, [2]int{want.VCPUs, want.MemoryMiB}, [2]int{st.VCPUs, st.MemoryMiB})
		}
	}
	other.Keep = true
	has(other)
	has(is) // reverted
	has(other)
	other.Keep = false
	has(other) // confirmed
}

// rebuild makes the root disk anew; cards and volumes stay.
func (s *suite) rebuild(t *testing.T) {
	vol, want := s.newVolume(t), s.newServer(t)
	want.Disks = append(want.Disks, provider.Disk{Volume: vol.ID})
	before := s.ensureServer(t, want)
	s.fillRoot(t, want.ID)
	for _, build := range []string{"first", "second"} {
		want.Build = build
		for range 2 {
			st := s.ensureServer(t, want)
			require.Len(t, st.Disks, 2)
			require.Equal(t, before.MACs, st.MACs)
		}
		s.requireNewRoot(t, want.ID)
		s.fillRoot(t, want.ID)
	}
	st, err := s.GetVolume(t.Context(), s.Host, vol.ID)
	require.NoError(t, err)
	require.Equal(t, want.ID, st.AttachedTo)
}

// rescue boots a server that is off from another disk, and brings it back.
func (s *suite) rescue(t *testing.T, want provider.Server) {
	t.Helper()
	own := s.get(t, want.ID).Disks
	want.Power = provider.PowerRunning
	want.Rescue = &provider.Rescue{Image: s.Image.ID}
	if s.Image.Kernel != nil {
		want.Rescue.Boot.Image = s.Image.ID
	}
	for range 2 {
		require.True(t, s.ensureServer(t, want).Rescued)
	}
	require.Len(t, s.get(t, want.ID).Disks, len(own), "the disk of a rescue is not the server's")
	_, _ = s.ActOnServer(t.Context(), s.Host, want.ID, provider.VerbKill) // it saves the grace; Nova refuses it in rescue
	want.Rescue, want.Power = nil, provider.PowerStopped
	for range 2 {
		require.False(t, s.ensureServer(t, want).Rescued)
	}
}

// migration moves a server where the place has another hypervisor, and is refused where it has none.
func (s *suite) migration(t *testing.T) {
	want := s.newServer(t)
	if s.Migrates {
		want.Power = provider.PowerRunning
	}
	from := s.ensureServer(t, want).Node
	if !s.Migrates {
		_, err := s.MigrateServer(t.Context(), s.Host, want.ID, provider.Migration{From: from})
		requireReason(t, provider.ReasonUnsupported, err)
		_, err = s.MigrateServer(t.Context(), s.Host, newID(t), provider.Migration{})
		requireReason(t, provider.ReasonNotFound, err)
		return
	}
	m := provider.Migration{From: from, Live: true}
	for range 2 {
		st, err := s.MigrateServer(t.Context(), s.Host, want.ID, m)
		require.NoError(t, err)
		require.NotEqual(t, from, st.Node)
		require.Equal(t, provider.PowerRunning, st.Power)
	}
	m = provider.Migration{From: s.get(t, want.ID).Node, To: from}
	st, err := s.MigrateServer(t.Context(), s.Host, want.ID, m)
	require.NoError(t, err)
	require.Equal(t, from, st.Node)
	s.ensureServer(t, want)
}

// RootContent writes on the root disk of a server that is off, with the backend's own tools.
type RootContent interface {
	FillRoot(t *testing.T, server string)
	// FilledRoot tells whether the root disk holds what FillRoot wrote.
	FilledRoot(t *testing.T, server string) bool
}

func (s *suite) fillRoot(t *testing.T, server string) {
	t.Helper()
	if c, ok := s.Content.(RootContent); ok {
		c.FillRoot(t, server)
		require.True(t, c.FilledRoot(t, server))
	}
}

func (s *suite) requireNewRoot(t *testing.T, server string) {
	t.Helper()
	if c, ok := s.Content.(RootContent); ok {
		require.False(t, c.FilledRoot(t, server), "the root disk is the old one")
		return
	}
	require.WithinDuration(t, time.Now(), s.get(t, server).ObservedAt, time.Minute)
}
