package providertest

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (s *suite) newFloating(t *testing.T) provider.FloatingIP {
	t.Helper()
	want := provider.FloatingIP{ID: newID(t), Name: "conformance", Project: "providertest", Address: s.Floating}
	t.Cleanup(func() { require.NoError(t, s.DeleteFloatingIP(context.Background(), s.Host, want.ID)) })
	return want
}

// floatingHeld holds an address that leads nowhere.
// floating has both of its parts in turn, as a host may hold one address only.
func (s *suite) floating(t *testing.T) {
	t.Run("Held", s.floatingHeld)
	t.Run("Moves", s.floatingMoves)
}

func (s *suite) floatingHeld(t *testing.T) {
	want := s.newFloating(t)
	st, err := s.EnsureFloatingIP(t.Context(), s.Host, want)
	require.NoError(t, err)
	require.NotEmpty(t, st.Address)
	require.Equal(t, want.ID, st.ID)
	again, err := s.EnsureFloatingIP(t.Context(), s.Host, want)
	require.NoError(t, err)
	require.Equal(t, st, again)
	got, err := s.GetFloatingIP(t.Context(), s.Host, want.ID)
	require.NoError(t, err)
	require.Equal(t, st, got)
	other := s.newFloating(t)
	other.Address = st.Address
	_, err = s.EnsureFloatingIP(t.Context(), s.Host, other)
	requireReason(t, provider.ReasonConflict, err)
	all, err := s.ListFloatingIPs(t.Context(), s.Host)
	require.NoError(t, err)
	require.Equal(t, 1, count(all, func(x provider.FloatingIPState) bool { return x.Address == st.Address }))
	for range 2 {
		require.NoError(t, s.DeleteFloatingIP(t.Context(), s.Host, want.ID))
	}
	_, err = s.GetFloatingIP(t.Context(), s.Host, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
}

// floatingMoves leads an address to a guest, on to another, and nowhere; who answers by HTTP tells where it leads. The
// network has no egress, and the address waits for the first guest, as it is led there before that is made.
func (s *suite) floatingMoves(t *testing.T) {
	if s.Ready == "" {
		t.Skip("no guest that answers")
	}
	f, n := s.newFloating(t), s.newNetwork(t)
	st, err := s.EnsureFloatingIP(t.Context(), s.Host, f)
	require.NoError(t, err)
	guests := [2]provider.Interface{{MAC: "52:54:00:d5:00:50", Address: s.address(80)}, {MAC: "52:54:00:d5:00:51", Address: s.address(81)}}
	for i := range guests {
		guests[i].Network, guests[i].Rules = n.ID, []provider.Rule{{Protocol: "tcp", FromPort: 80, ToPort: 80}}
		n.Leases = append(n.Leases, provider.Lease{MAC: guests[i].MAC, Address: guests[i].Address, Name: []string{"one", "two"}[i]})
	}
	lead := func(inside string) provider.NetState {
		t.Helper()
		n.Floating = nil
		if inside != "" {
			n.Floating = []provider.Floating{{ID: f.ID, Address: st.Address, Inside: inside}}
		}
		state, err := s.EnsureNetwork(t.Context(), s.Host, n)
		require.NoError(t, err)
		return state
	}
	lead(guests[0].Address)
	for _, nic := range guests {
		want := s.newServer(t)
		want.Power, want.Interfaces = provider.PowerRunning, []provider.Interface{nic}
		s.ensureServer(t, want)
	}
	first := s.answers(t, st.Address, "")
	require.Equal(t, n.Floating, lead(guests[0].Address).Floating)
	require.Equal(t, guests[1].Address, lead(guests[1].Address).Floating[0].Inside)
	second := s.answers(t, st.Address, first)
	require.NotEqual(t, first, second)
	require.Empty(t, lead("").Floating)
	require.Eventually(t, func() bool { return !isGuest(fetch(st.Address)) }, 20*time.Second, 300*time.Millisecond, "it leads nowhere")
}

// answers waits until someone else than the former answers on an address by HTTP.
func (s *suite) answers(t *testing.T, address, former string) (text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		got, err := fetch(address)
		text = got
		return isGuest(got, err) && got != former
	}, s.BootTimeout, 300*time.Millisecond, "HTTP on %s", address)
	return text
}

// isGuest tells a guest's answer from that of whoever else is on the way.
func isGuest(text string, err error) bool { return err == nil && strings.HasPrefix(text, "hello") }

func fetch(address string) (string, error) {
	c, err := net.DialTimeout("tcp", net.JoinHostPort(address, "80"), 2*time.Second) // a client would leave a dial behind
	if err != nil {
		return "", err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(c, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		return "", err
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}
