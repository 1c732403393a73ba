package providertest

import (
	"context"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (s *suite) host(t *testing.T) {
	st, err := s.GetHost(t.Context(), s.Host)
	require.NoError(t, err)
	require.Equal(t, s.Host, st.Name)
	require.Positive(t, st.CPUs)
	require.Positive(t, st.MemoryMiB)
	require.LessOrEqual(t, st.MemoryFreeMiB, st.MemoryMiB)
	require.NotEmpty(t, st.Arch)
	require.Contains(t, []string{"kvm", "tcg"}, st.Accel)
	require.NotEmpty(t, st.AccelReason)
	require.True(t, st.LibvirtUp, st.LibvirtError)
	_, err = s.GetHost(t.Context(), "no-such-host")
	requireReason(t, provider.ReasonNotFound, err)
}

func (s *suite) image(t *testing.T) {
	s.ensureImage(t)
	s.ensureImage(t)
	images, err := s.ListImages(t.Context(), s.Host)
	require.NoError(t, err)
	require.Equal(t, 1, count(images, func(i provider.ImageState) bool { return i.ID == s.Image.ID }))

	bad := s.Image
	bad.ID = newID(t)
	bad.Disk.SHA256 = "00" + s.Image.Disk.SHA256[2:]
	_, err = s.EnsureImage(t.Context(), s.Host, bad)
	requireReason(t, provider.ReasonInvalid, err)
	images, err = s.ListImages(t.Context(), s.Host)
	require.NoError(t, err)
	require.Zero(t, count(images, func(i provider.ImageState) bool { return i.ID == bad.ID }), "a bad checksum leaves nothing")
	require.NoError(t, s.DeleteImage(t.Context(), s.Host, bad.ID))

	want := s.newServer(t)
	s.ensureServer(t, want)
	requireReason(t, provider.ReasonConflict, s.DeleteImage(t.Context(), s.Host, s.Image.ID))
}

func (s *suite) newNetwork(t *testing.T) provider.Net {
	t.Helper()
	prefix := netip.MustParsePrefix(s.CIDR)
	n := provider.Net{ID: newID(t), Name: "conformance", Project: "providertest", CIDR: s.CIDR, Gateway: prefix.Addr().Next().String(), Egress: "none"}
	t.Cleanup(func() { require.NoError(t, s.DeleteNetwork(context.Background(), s.Host, n.ID)) })
	return n
}

// address is the n-th one of the test network.
func (s *suite) address(n int) string {
	a := netip.MustParsePrefix(s.CIDR).Addr()
	for range n {
		a = a.Next()
	}
	return a.String()
}

func (s *suite) network(t *testing.T) {
	n, twin := s.newNetwork(t), s.newNetwork(t) // the same CIDR twice on one host
	n.Publish = []provider.Publish{{Address: s.address(10), Port: 80}}
	n.Leases = []provider.Lease{{MAC: "52:54:00:d5:00:0a", Address: s.address(10), Name: "till"}}
	first, err := s.EnsureNetwork(t.Context(), s.Host, n)
	require.NoError(t, err)
	require.True(t, first.DHCP)
	require.Len(t, first.Publish, 1)
	require.NotRegexp(t, ":0$", first.Publish[0].Listen, "a port was chosen")
	other, err := s.EnsureNetwork(t.Context(), s.Host, twin)
	require.NoError(t, err)
	require.NotEqual(t, first.Bridge, other.Bridge)
	again, err := s.EnsureNetwork(t.Context(), s.Host, n)
	require.NoError(t, err)
	require.Equal(t, first, again, "the chosen port stays")
	got, err := s.GetNetwork(t.Context(), s.Host, n.ID)
	require.NoError(t, err)
	require.Equal(t, first, got)
	all, err := s.ListNetworks(t.Context(), s.Host)
	require.NoError(t, err)
	require.Equal(t, 2, count(all, func(x provider.NetState) bool { return x.ID == n.ID || x.ID == twin.ID }))
	for range 2 {
		require.NoError(t, s.DeleteNetwork(t.Context(), s.Host, n.ID))
	}
	_, err = s.GetNetwork(t.Context(), s.Host, n.ID)
	requireReason(t, provider.ReasonNotFound, err)
	_, err = s.GetNetwork(t.Context(), s.Host, twin.ID)
	require.NoError(t, err)
}

func (s *suite) volume(t *testing.T) {
	want := s.newVolume(t)
	st, err := s.EnsureVolume(t.Context(), s.Host, want)
	require.NoError(t, err)
	require.Equal(t, 1, st.SizeGiB)
	require.Empty(t, st.AttachedTo)
	want.SizeGiB = 2
	st, err = s.EnsureVolume(t.Context(), s.Host, want)
	require.NoError(t, err)
	require.Equal(t, 2, st.SizeGiB)
	want.SizeGiB = 1
	st, err = s.EnsureVolume(t.Context(), s.Host, want)
	require.NoError(t, err)
	require.Equal(t, 2, st.SizeGiB, "a volume never shrinks")
	all, err := s.ListVolumes(t.Context(), s.Host)
	require.NoError(t, err)
	require.Equal(t, 1, count(all, func(x provider.VolumeState) bool { return x.ID == want.ID }))
	for range 2 {
		require.NoError(t, s.DeleteVolume(t.Context(), s.Host, want.ID))
	}
	_, err = s.GetVolume(t.Context(), s.Host, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
}

func count[T any](list []T, is func(T) bool) int {
	n := 0
	for _, x := range list {
		if is(x) {
			n++
		}
	}
	return n
}
