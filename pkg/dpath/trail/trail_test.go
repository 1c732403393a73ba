package trail_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

var t0 = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

func keyring(t testing.TB, key string) *dpath.Keyring {
	k, err := dpath.NewKeyring("1", map[string][]byte{"1": []byte(key)})
	require.NoError(t, err)
	return k
}

func TestProbeToken(t *testing.T) {
	keys := keyring(t, "0123456789abcdef")
	want := trail.Probe{Env: "newRetail"}
	require.NoError(t, want.Disable("guard", "filter"))
	require.Error(t, want.Disable("everything"))
	minted := trail.Mint(keys, want, t0, time.Hour)
	read := func(at time.Time, k *dpath.Keyring, values ...string) (trail.Probe, bool, error) {
		return trail.Read(k, http.Header{trail.HeaderProbe: values}, at)
	}
	got, ok, err := read(t0, keys, minted.Token())
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, minted, got)
	require.True(t, got.NoGuard && got.NoFilter)

	common := trail.Mint(keys, trail.Probe{}, t0, time.Minute)
	got, _, err = read(t0, keys, common.Token())
	require.NoError(t, err)
	require.Equal(t, "", got.Env)

	_, ok, err = read(t0, keys)
	require.False(t, ok)
	require.NoError(t, err)
	for name, token := range map[string]string{
		"altered env":   strings.Replace(minted.Token(), "newRetail", "other", 1),
		"altered flags": strings.Replace(common.Token(), "..1.", ".gf.1.", 1),
		"short":         "v1.x",
		"no mac":        minted.Token()[:len(minted.Token())-10],
		"version":       "v2" + minted.Token()[2:],
	} {
		_, ok, err = read(t0, keys, token)
		require.ErrorIs(t, err, trail.ErrProbe, name)
		require.False(t, ok)
	}
	_, _, err = read(t0.Add(trail.MaxTTL), keys, minted.Token())
	require.ErrorIs(t, err, trail.ErrProbe, "the life of a token is bounded")
	_, _, err = read(t0.Add(-time.Hour), keys, minted.Token())
	require.ErrorIs(t, err, trail.ErrProbe, "nor is one from the future")
	_, _, err = read(t0, keys, minted.Token(), minted.Token())
	require.ErrorIs(t, err, trail.ErrProbe)
	_, _, err = read(t0, nil, minted.Token())
	require.ErrorIs(t, err, trail.ErrProbe)
	_, _, err = read(t0, keyring(t, "another key of sixteen"), minted.Token())
	require.ErrorIs(t, err, trail.ErrProbe)
}

func TestTrailChainsAndDetectsChanges(t *testing.T) {
	keys := keyring(t, "0123456789abcdef")
	p := trail.Mint(keys, trail.Probe{Env: "a"}, t0, time.Minute)
	inner, outer := trail.NewCollector(p, keys), trail.NewCollector(p, keys)
	h2 := trail.Hop{App: "stock", Node: "n;1,2", Lane: "a", Env: "a", Version: 1 << 60, Decision: "dedicated"}
	h1 := trail.Hop{App: "trade", Node: "t-1", Version: 7, Decision: "common"}
	innerHeader := inner.Seal(&h2, strings.Repeat("ab", 32))
	outer.Add(innerHeader)
	header := outer.Seal(&h1, "short")
	got, err := trail.Open(keys, p.ID, header)
	require.NoError(t, err)
	require.Equal(t, trail.Trail{Hops: []trail.Hop{h1, h2}, ConfigHash: "short"}, got)
	require.Equal(t, "public dedicated", h1.Pool()+" "+h2.Pool())

	for _, bad := range []string{"", ";", header[1:], strings.Replace(header, "trade", "fraud", 1), header + "A", header[:len(header)-5], "v1;x;0;0;1.AAAA"} {
		_, err = trail.Open(keys, p.ID, bad)
		require.ErrorIs(t, err, trail.ErrTrail, bad)
	}
	_, err = trail.Open(keys, "another probe", header)
	require.ErrorIs(t, err, trail.ErrTrail, "a trail cannot be replayed")

	outer.Add("altered")
	outer.Add(strings.Replace(innerHeader, "dedicated", "common", 1))
	got, err = trail.Open(keys, p.ID, outer.Seal(nil, ""))
	require.NoError(t, err)
	require.Equal(t, 2, got.Broken)
	require.Len(t, got.Hops, 1)
}

func TestTrailIsBounded(t *testing.T) {
	keys := keyring(t, "0123456789abcdef")
	p := trail.Mint(keys, trail.Probe{}, t0, time.Minute)
	header := ""
	for i := range 200 {
		c := trail.NewCollector(p, keys)
		if header != "" {
			c.Add(header)
		}
		header = c.Seal(&trail.Hop{App: "some-application", Node: fmt.Sprintf("some-application-%d", i), Decision: "common"}, "h")
	}
	got, err := trail.Open(keys, p.ID, header)
	require.NoError(t, err)
	require.Len(t, got.Hops, trail.MaxHops)
	require.Equal(t, 200-trail.MaxHops, got.Dropped)
	require.Less(t, len(header), 6<<10)
}
