package dpath

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func rehearsed(t testing.TB, keys *Keyring, env string) http.Header {
	t.Helper()
	l, err := SignShadow(keys, env, traceA, t0, 0)
	require.NoError(t, err)
	h := http.Header{}
	l.Inject(h)
	return h
}

func TestShadowLabel(t *testing.T) {
	keys := keyring(t)
	for _, env := range []string{"", "newRetail"} {
		h := rehearsed(t, keys, env)
		require.Equal(t, "1", h.Get(HeaderShadow))
		require.Equal(t, env, h.Get(HeaderMirror))
		l, err := Verify(keys, h, t0)
		require.NoError(t, err)
		require.True(t, l.Shadow() && l.Valid())
		require.Equal(t, env, l.Env())
		further := http.Header{"Baggage": {"user=1"}}
		l.Inject(further)
		again, err := Verify(keys, further, t0)
		require.NoError(t, err)
		require.Equal(t, l, again)
	}
	_, err := SignShadow(keys, "not a name", traceA, t0, 0)
	require.Error(t, err)
}

// Whatever becomes of it on the way, a rehearsal's call is never taken for a real one.
func TestABrokenShadowLabelForbids(t *testing.T) {
	keys := keyring(t)
	other, err := NewKeyring("1", map[string][]byte{"1": []byte("another key of sixteen")})
	require.NoError(t, err)
	ordinary := labelled(t, keys, "newRetail")
	for name, c := range map[string]struct {
		change func(http.Header)
		keys   *Keyring
		after  time.Duration
	}{
		"baggage lost":          {change: func(h http.Header) { h.Del("Baggage") }},
		"mirror lost, expired":  {change: func(h http.Header) { h.Del(HeaderShadow) }, after: time.Hour},
		"expired":               {after: time.Hour},
		"forged":                {keys: other},
		"trace lost":            {change: func(h http.Header) { h.Del("Traceparent") }},
		"flag taken out":        {change: func(h http.Header) { h.Set("Baggage", strings.Replace(h.Get("Baggage"), ";shadow=1", "", 1)) }},
		"flag of another value": {change: func(h http.Header) { h.Set("Baggage", strings.Replace(h.Get("Baggage"), "shadow=1", "shadow=0", 1)) }},
		"twice":                 {change: func(h http.Header) { h.Add("Baggage", h.Get("Baggage")) }},
		"with a real label":     {change: func(h http.Header) { h.Set("Baggage", ordinary.Get("Baggage")) }},
		"other case":            {change: func(h http.Header) { h["x-DPATH-shadow"] = h[HeaderShadow]; h.Del(HeaderShadow); h.Del("Baggage") }},
	} {
		h := rehearsed(t, keys, "newRetail")
		if c.change != nil {
			c.change(h)
		}
		k := keys
		if c.keys != nil {
			k = c.keys
		}
		l, err := Verify(k, h, t0.Add(c.after))
		var why *LabelError
		require.ErrorAs(t, err, &why, name)
		require.True(t, l.Shadow(), name)
		require.False(t, l.Valid(), name)
		out := http.Header{}
		l.Inject(out)
		require.Equal(t, http.Header{HeaderShadow: {"1"}}, out, "%s: those further on refuse it too", name)
		_, err = NewTwin("real", "shadow").Of(WithLabel(context.Background(), l))
		require.ErrorIs(t, err, ErrShadowLost, name)
	}
	h := ordinary.Clone()
	h.Set("Baggage", strings.Replace(h.Get("Baggage"), ";kid", ";shadow=1;kid", 1))
	l, err := Verify(keys, h, t0)
	require.Error(t, err)
	require.True(t, l.Shadow() && !l.Valid(), "a flag that was added forbids, and no more")
}

func TestShadowNeverTurnsReal(t *testing.T) {
	keys := keyring(t)
	rapid.Check(t, func(rt *rapid.T) {
		h := rehearsed(t, keys, rapid.SampledFrom([]string{"", "a"}).Draw(rt, "env"))
		text := []byte(h.Get("Baggage"))
		for range rapid.IntRange(1, 3).Draw(rt, "bytes") {
			text[rapid.IntRange(0, len(text)-1).Draw(rt, "at")] = rapid.Byte().Draw(rt, "byte")
		}
		h.Set("Baggage", string(text))
		if rapid.Bool().Draw(rt, "cut") {
			h.Set("Baggage", string(text[:rapid.IntRange(0, len(text)).Draw(rt, "length")]))
		}
		l, _ := Verify(keys, h, t0)
		require.True(rt, l.Shadow())
	})
}

func TestStripRemovesShadow(t *testing.T) {
	h := rehearsed(t, keyring(t), "a")
	h["X_Dpath_Shadow"] = []string{"1"}
	require.Positive(t, Strip(h))
	l, err := Verify(keyring(t), h, t0)
	require.NoError(t, err)
	require.Equal(t, Label{}, l)
}

func TestTwin(t *testing.T) {
	keys := keyring(t)
	l, err := SignShadow(keys, "", traceA, time.Now(), 0)
	require.NoError(t, err)
	rehearsal := WithLabel(context.Background(), l)
	require.True(t, Shadow(rehearsal))
	for _, c := range []struct {
		twin Twin[string]
		ctx  context.Context
		want string
		err  error
	}{
		{NewTwin("real", "shadow"), context.Background(), "real", nil},
		{NewTwin("real", "shadow"), rehearsal, "shadow", nil},
		{Single("real"), context.Background(), "real", nil},
		{Single("real"), rehearsal, "", ErrNoShadow},
		{Twin[string]{}, rehearsal, "", ErrNoShadow},
	} {
		got, err := c.twin.Of(c.ctx)
		require.True(t, errors.Is(err, c.err) || err == nil && c.err == nil)
		require.Equal(t, c.want, got)
	}
}

func TestRehearsalRules(t *testing.T) {
	read := func(text string) (*Config, error) {
		d, err := Parse(strings.NewReader(`{"enable":false,"envRules":[],"rehearsal":` + text + `}`))
		if err != nil {
			return nil, err
		}
		return Compile(d, &Registry{}, t0)
	}
	c, err := read(`{"enable":true,"conditions":[{"type":"header","key":"X-Rehearsal","op":"present"},{"type":"tlsClient","op":"equal","value":["CN=generator"]}],"simulators":["Bank.example.net"]}`)
	require.NoError(t, err)
	both := &Facts{Header: http.Header{"X-Rehearsal": {"1"}}, TLSClient: "CN=generator"}
	require.True(t, c.Rehearses(both), "also while dedicated sets are off")
	require.False(t, c.Rehearses(&Facts{Header: both.Header}))
	require.True(t, c.Rehearsal())
	require.True(t, c.Simulates("bank.example.net"))
	require.False(t, c.Simulates("real.example.net"))
	c, err = read(`{"enable":false,"logic":"any","conditions":[{"type":"path","op":"prefix","value":["/r/"]}]}`)
	require.NoError(t, err)
	require.True(t, c.Rehearses(&Facts{Path: "/r/x"}), "so that the entry can refuse it")
	require.False(t, c.Rehearsal())
	for _, bad := range []string{`{"enable":true}`, `{"enable":true,"conditions":[]}`, `{"enable":true,"conditions":[{"type":"x","op":"present"}]}`,
		`{"enable":1,"conditions":[{"type":"path","op":"present"}]}`, `{"enable":true,"conditions":[{"type":"path","op":"present"}],"simulators":["http://x/"]}`,
		`{"enable":true,"logic":"one","conditions":[{"type":"path","op":"present"}]}`, `{"enable":true,"conditions":[{"type":"path","op":"present"}],"more":1}`} {
		_, err := read(bad)
		var invalid *InvalidError
		require.ErrorAs(t, err, &invalid, bad)
	}
	c, err = Compile(&Document{}, &Registry{}, t0)
	require.NoError(t, err)
	require.False(t, c.Rehearses(both))
}
