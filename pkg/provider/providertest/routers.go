package providertest

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

const unreachable = "unreachable"

// beside makes a network with the n-th range after that of the test networks.
func (s *suite) beside(t *testing.T, n int) provider.Net {
	t.Helper()
	net := s.newNetwork(t)
	prefix := netip.MustParsePrefix(s.CIDR)
	a := prefix.Addr().As4()
	a[1] += byte(n)
	net.CIDR, net.Gateway = netip.PrefixFrom(netip.AddrFrom4(a), prefix.Bits()).String(), netip.AddrFrom4(a).Next().String()
	return net
}

// probing makes an image whose guests ask an address by HTTP each second and say on their consoles what they hear.
func (s *suite) probing(t *testing.T, address string) provider.Image {
	t.Helper()
	image := s.Image
	image.ID, image.Cmdline = newID(t), strings.TrimSpace(s.Image.Cmdline+" probe="+address)
	t.Cleanup(func() { require.NoError(t, s.DeleteImage(context.Background(), s.Host, image.ID)) })
	_, err := s.EnsureImage(t.Context(), s.Host, image)
	require.NoError(t, err)
	return image
}

// prober makes a guest of a probing image on a network.
func (s *suite) prober(t *testing.T, on provider.Net, image provider.Image) provider.Server {
	t.Helper()
	want := s.newServer(t)
	want.Disks[0].Image, want.Boot.Image, want.Boot.Cmdline = image.ID, image.ID, image.Cmdline
	want.Power, want.Interfaces = provider.PowerRunning, []provider.Interface{cardOn(on)}
	s.ensureServer(t, want)
	return want
}

// cardOn is the card of a network's one guest.
func cardOn(n provider.Net) provider.Interface {
	return provider.Interface{Network: n.ID, MAC: n.Leases[0].MAC, Address: n.Leases[0].Address}
}

// heard is what a prober said last; "" before it said anything.
func (s *suite) heard(id string) string {
	log, err := s.ConsoleLog(context.Background(), s.Host, id, 4096)
	if err != nil {
		return ""
	}
	_, after, ok := cutLast(string(log), s.Probe)
	line, _, whole := strings.Cut(after, "\n")
	if !ok || !whole { // the last line is being written: the one before it counts
		_, after, _ = cutLast(strings.TrimSuffix(string(log), s.Probe+after), s.Probe)
		line, _, _ = strings.Cut(after, "\n")
	}
	return strings.TrimSpace(line)
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func (s *suite) hears(t *testing.T, id, why string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.HasPrefix(s.heard(id), "hello") }, s.BootTimeout, s.Every, why)
}

func (s *suite) hearsNothing(t *testing.T, id, why string) {
	t.Helper()
	require.Eventually(t, func() bool { return s.heard(id) == unreachable }, s.BootTimeout, s.Every, why)
}

// router joins networks of which guests are running, and parts them. The first has a way out of its own, which goes on the
// way; the others have none.
func (s *suite) router(t *testing.T) {
	if s.Probe == "" {
		t.Skip("no guest that says what it reaches")
	}
	var nets [3]provider.Net
	for i := range nets {
		nets[i] = s.beside(t, 1+i)
		base := strings.TrimSuffix(netip.MustParsePrefix(nets[i].CIDR).Addr().String(), "0")
		nets[i].Leases = []provider.Lease{{MAC: fmt.Sprintf("52:54:00:d5:07:%02x", i), Address: base + "90", Name: "guest"}}
	}
	nets[0].Egress = "nat"
	for _, n := range nets {
		_, err := s.EnsureNetwork(t.Context(), s.Host, n)
		require.NoError(t, err)
	}
	router := provider.Router{ID: newID(t), Name: "conformance", Project: "providertest", Networks: []string{nets[0].ID, nets[1].ID}}
	t.Cleanup(func() { require.NoError(t, s.DeleteRouter(context.Background(), s.Host, router.ID)) })
	target := s.newServer(t)
	card := cardOn(nets[1])
	card.Rules = []provider.Rule{{Protocol: "tcp", FromPort: 80, ToPort: 80, CIDR: nets[0].CIDR}}
	target.Power, target.Interfaces = provider.PowerRunning, []provider.Interface{card}
	s.ensureServer(t, target)
	probing := s.probing(t, card.Address)
	one, three := s.prober(t, nets[0], probing), s.prober(t, nets[2], probing)
	s.boots(t, target.ID)
	s.hearsNothing(t, one.ID, "networks are apart")
	s.hearsNothing(t, three.ID, "networks are apart")

	first := s.joins(t, router)
	require.Equal(t, first, s.joins(t, router))
	all, err := s.ListRouters(t.Context(), s.Host)
	require.NoError(t, err)
	require.Equal(t, 1, count(all, func(x provider.RouterState) bool { return x.ID == router.ID }))
	s.discovers(t, router)
	s.hears(t, one.ID, "joined")
	require.Equal(t, unreachable, s.heard(three.ID), "the third is not in it")
	other := provider.Router{ID: newID(t), Name: "second", Project: "providertest", Networks: []string{nets[1].ID, nets[2].ID}}
	_, err = s.EnsureRouter(t.Context(), s.Host, other)
	requireReason(t, provider.ReasonConflict, err)
	require.NoError(t, s.DeleteRouter(t.Context(), s.Host, other.ID))
	requireReason(t, provider.ReasonConflict, s.DeleteNetwork(t.Context(), s.Host, nets[1].ID))

	router.Networks = append(router.Networks, nets[2].ID)
	s.joins(t, router)
	time.Sleep(10 * time.Second) // it would hear something by then
	require.Equal(t, unreachable, s.heard(three.ID), "the rules of the guest hold over the router")
	target.Interfaces[0].Rules = append(target.Interfaces[0].Rules, provider.Rule{Protocol: "tcp", FromPort: 80, ToPort: 80, CIDR: nets[2].CIDR})
	s.ensureServer(t, target)
	s.hears(t, three.ID, "once they let it in")
	nets[0].Egress = "none"
	_, err = s.EnsureNetwork(t.Context(), s.Host, nets[0])
	require.NoError(t, err)
	router.Networks = router.Networks[:2]
	s.joins(t, router)
	s.hearsNothing(t, three.ID, "taken out")
	s.hears(t, one.ID, "the others go on, without a way out, too")

	for range 2 {
		require.NoError(t, s.DeleteRouter(t.Context(), s.Host, router.ID))
	}
	s.hearsNothing(t, one.ID, "apart again")
	_, err = s.GetRouter(t.Context(), s.Host, router.ID)
	requireReason(t, provider.ReasonNotFound, err)
}

// discovers expects a look at the whole place to tell of the router and of its networks, where a driver has such a look.
func (s *suite) discovers(t *testing.T, want provider.Router) {
	t.Helper()
	x, ok := s.Driver.(provider.Discoverer)
	if !ok {
		return
	}
	look, err := x.Discover(t.Context(), s.Host)
	require.NoError(t, err)
	require.True(t, look.Read["router"], look.Failed["router"])
	networks := map[string]string{}
	for _, f := range look.Found {
		if f.Kind == "network" {
			networks[f.Backend] = f.PlazaID
		}
	}
	var joined []string
	for _, f := range look.Found {
		require.False(t, f.Kind == "router" && f.PlazaID == "", "routers of others are not of the kind")
		if f.Kind == "router" && f.PlazaID == want.ID {
			for _, n := range f.Networks {
				joined = append(joined, networks[n])
			}
		}
	}
	require.ElementsMatch(t, want.Networks, joined)
}

// joins ensures a router, and expects it to say that it joins what is wanted.
func (s *suite) joins(t *testing.T, want provider.Router) provider.RouterState {
	t.Helper()
	st, err := s.EnsureRouter(t.Context(), s.Host, want)
	require.NoError(t, err)
	require.Equal(t, want.ID, st.ID)
	require.ElementsMatch(t, want.Networks, st.Networks)
	got, err := s.GetRouter(t.Context(), s.Host, want.ID)
	require.NoError(t, err)
	require.Equal(t, st, got)
	return st
}
