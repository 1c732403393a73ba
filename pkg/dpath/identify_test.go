package dpath

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func identifier(t testing.TB, rules ...IdentifyRule) *Config {
	t.Helper()
	d := &Document{Enable: true, EnvRules: []EnvRule{{EnvName: "a"}, {EnvName: "b"}, {EnvName: "over", NotAfter: &t0}}, Identify: rules}
	c, err := Compile(d, &Registry{}, t0)
	require.NoError(t, err)
	return c
}

func TestIdentifyConditions(t *testing.T) {
	f := &Facts{
		Header:   http.Header{"X-Campaign": {"1111", "second"}, "Cookie": {"lane=gold"}},
		RawQuery: "src=app",
		Path:     "/v1/orders", StoreID: "s7", MemberID: "m9", Channel: "pos", TLSClient: "CN=till",
		Source: netip.MustParseAddr("10.1.2.3"),
	}
	for _, c := range []struct {
		cond Condition
		want bool
	}{
		{Condition{"header", "x-campaign", "equal", []string{"1111"}}, true},
		{Condition{"header", "x-campaign", "equal", []string{"second"}}, false},
		{Condition{"header", "x-none", "present", nil}, false},
		{Condition{"header", "x-none", "not_equal", []string{"1"}}, true},
		{Condition{"cookie", "lane", "in", []string{"silver", "gold"}}, true},
		{Condition{"cookie", "none", "not_in", []string{"gold"}}, true},
		{Condition{"query", "src", "present", nil}, true},
		{Condition{"path", "", "prefix", []string{"/v1/"}}, true},
		{Condition{"path", "", "regex", []string{`^/v\d+/orders$`}}, true},
		{Condition{"storeId", "", "equal", []string{"s7"}}, true},
		{Condition{"storeId", "", "not_in", []string{"s7"}}, false},
		{Condition{"memberId", "", "percentage", []string{"100"}}, true},
		{Condition{"memberId", "", "percentage", []string{"0"}}, false},
		{Condition{"channel", "", "not_equal", []string{"pos"}}, false},
		{Condition{"tlsClient", "", "prefix", []string{"CN="}}, true},
		{Condition{"sourceCIDR", "", "in", []string{"10.0.0.0/8"}}, true},
		{Condition{"sourceCIDR", "", "not_in", []string{"10.0.0.0/8"}}, false},
	} {
		got := identifier(t, IdentifyRule{EnvName: "a", Conditions: []Condition{c.cond}}).Identify(f)
		require.Equal(t, c.want, got == "a", "%+v", c.cond)
	}
	unknown := &Facts{}
	require.Equal(t, "a", identifier(t, IdentifyRule{EnvName: "a", Conditions: []Condition{{"sourceCIDR", "", "not_in", []string{"10.0.0.0/8"}}}}).Identify(unknown))
	require.Equal(t, "", identifier(t, IdentifyRule{EnvName: "a", Conditions: []Condition{{"memberId", "", "percentage", []string{"100"}}}}).Identify(unknown))
}

func TestIdentifyOrderAndLogic(t *testing.T) {
	pos := Condition{"channel", "", "equal", []string{"pos"}}
	s7 := Condition{"storeId", "", "equal", []string{"s7"}}
	c := identifier(t,
		IdentifyRule{EnvName: "b", Priority: 2, Logic: "any", Conditions: []Condition{pos, s7}},
		IdentifyRule{EnvName: "a", Priority: 1, Conditions: []Condition{pos, s7}},
		IdentifyRule{EnvName: "over", Conditions: []Condition{pos}},
	)
	require.Equal(t, "a", c.Identify(&Facts{Channel: "pos", StoreID: "s7"}))
	require.Equal(t, "b", c.Identify(&Facts{Channel: "pos"}), "an expired environment is passed over")
	require.Equal(t, "", c.Identify(&Facts{}))
	require.Equal(t, "", c.Unfiltered().Identify(&Facts{Channel: "pos"}), "off means common")
}

// T30 in small: the percentage is exact, stable and monotonic.
func TestT30Percentage(t *testing.T) {
	at := func(p string) *Config {
		return identifier(t, IdentifyRule{EnvName: "a", Conditions: []Condition{{"memberId", "", "percentage", []string{p}}}})
	}
	twenty, thirty := at("20"), at("30")
	const n = 100_000
	in20, in30 := 0, 0
	for i := range n {
		f := &Facts{MemberID: fmt.Sprintf("member-%d", i)}
		low, high := twenty.Identify(f) == "a", thirty.Identify(f) == "a"
		require.False(t, low && !high, "raising the percentage never removes a member")
		if low {
			in20++
		}
		if high {
			in30++
		}
	}
	require.InDelta(t, 0.20, float64(in20)/n, 0.01)
	require.InDelta(t, 0.30, float64(in30)/n, 0.01)
}
