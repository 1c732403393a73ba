package dpath

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	traceA = "0af7651916cd43dd8448eb211c80319c"
	traceB = "4bf92f3577b34da6a3ce929d0e0e4736"
)

func keyring(t testing.TB) *Keyring {
	t.Helper()
	k, err := NewKeyring("1", map[string][]byte{"1": []byte("0123456789abcdef"), "0": []byte("fedcba9876543210")})
	require.NoError(t, err)
	return k
}

func labelled(t testing.TB, keys *Keyring, env string) http.Header {
	t.Helper()
	l, err := Sign(keys, env, traceA, t0, time.Minute)
	require.NoError(t, err)
	h := http.Header{}
	l.Inject(h)
	return h
}

func reasonOf(err error) string {
	var l *LabelError
	if errors.As(err, &l) {
		return l.Reason
	}
	return fmt.Sprint(err)
}

func TestLabelRoundTrip(t *testing.T) {
	keys := keyring(t)
	h := labelled(t, keys, "newRetail")
	require.Regexp(t, `^dpath_env=newRetail;kid=1;exp=\d+;s=[A-Za-z0-9_-]{11}$`, h.Get("baggage"))
	require.Equal(t, "newRetail", h.Get("x-dpath-env"))
	require.Contains(t, h.Get("traceparent"), traceA)

	l, err := Verify(keys, h, t0)
	require.NoError(t, err)
	require.Equal(t, "newRetail", l.Env())
	require.Equal(t, traceA, l.Trace())
	require.Equal(t, t0.Add(time.Minute).Unix(), l.Expiry().Unix())

	again := http.Header{"Baggage": {"user=7,dpath_env=evil", "lang=de"}, "x-dpath-env": {"evil"}, "Traceparent": h["Traceparent"]}
	l.Inject(again)
	require.Equal(t, h.Get("baggage")+",user=7,lang=de", again.Get("baggage"), "first member, verbatim")
	require.Equal(t, h["Traceparent"], again["Traceparent"], "same trace is kept")
	require.NotContains(t, again, "x-dpath-env")

	Remove(again)
	require.Equal(t, http.Header{"Baggage": {"user=7,lang=de"}, "Traceparent": h["Traceparent"]}, again)

	ctx := WithLabel(context.Background(), l)
	require.Equal(t, "newRetail", Env(ctx))
	require.Equal(t, "", Env(context.Background()))

	lower := map[string][]string{"baggage": h["Baggage"], "traceparent": h["Traceparent"]}
	l, err = Verify(keys, lower, t0)
	require.NoError(t, err, "names in any case, as in gRPC metadata")
	require.Equal(t, "newRetail", l.Env())
}

func TestSignRefuses(t *testing.T) {
	for _, c := range [][2]string{{"", traceA}, {"a;b", traceA}, {"a", "xyz"}, {"a", strings.Repeat("0", 32)}} {
		_, err := Sign(keyring(t), c[0], c[1], t0, 0)
		require.Error(t, err)
	}
	l, err := Sign(keyring(t), "a", NewTrace(), t0, 0)
	require.NoError(t, err)
	require.Equal(t, t0.Add(DefaultTTL).Unix(), l.Expiry().Unix())
}

// T11: labels from outside, in every disguise, leave a common call.
func TestT11SpoofedLabels(t *testing.T) {
	keys := keyring(t)
	good := labelled(t, keys, "newRetail").Get("baggage")
	parent := "00-" + traceA + "-00f067aa0ba902b7-01"
	filler := make([]string, 64)
	for i := range filler {
		filler[i] = fmt.Sprintf("k%d=v", i)
	}
	for name, c := range map[string]struct {
		header http.Header
		reason string
	}{
		"mirror only":       {http.Header{"X-Dpath-Env": {"newRetail"}}, "unsigned"},
		"mirror lower case": {http.Header{"x-dpath-env": {"newRetail"}}, "unsigned"},
		"unsigned":          {http.Header{"Baggage": {"dpath_env=newRetail"}}, "unsigned"},
		"mixed case key":    {http.Header{"Baggage": {strings.Replace(good, "dpath_env", "Dpath_Env", 1)}}, "malformed"},
		"encoded key":       {http.Header{"Baggage": {strings.Replace(good, "dpath_env", "dpath%5Fenv", 1)}}, "malformed"},
		"encoded value":     {http.Header{"Baggage": {strings.Replace(good, "newRetail", "new%52etail", 1)}}, "malformed"},
		"twice":             {http.Header{"Baggage": {good + "," + good}}, "duplicate"},
		"two headers":       {http.Header{"Baggage": {good, "dpath_env=other"}}, "duplicate"},
		"two spellings":     {http.Header{"Baggage": {good}, "baggage": {"DPATH_ENV=other"}}, "duplicate"},
		"other member":      {http.Header{"Baggage": {"dpath_shadow=1," + good}}, "duplicate"},
		"65th member":       {http.Header{"Baggage": {strings.Join(filler, ",") + "," + good}}, "malformed"},
		"after 9 KB":        {http.Header{"Baggage": {"k=" + strings.Repeat("x", 9<<10) + "," + good}}, "malformed"},
		"field twice":       {http.Header{"Baggage": {good + ";s=AAAAAAAAAAA"}}, "malformed"},
		"field more":        {http.Header{"Baggage": {good + ";x=1"}}, "malformed"},
		"flag":              {http.Header{"Baggage": {good + ";x"}}, "malformed"},
		"two traces":        {http.Header{"Baggage": {good}, "Traceparent": {parent, parent}}, "no_trace"},
	} {
		t.Run(name, func(t *testing.T) {
			h := c.header.Clone()
			if h["Traceparent"] == nil {
				h.Set("Traceparent", parent)
			}
			l, err := Verify(keys, h, t0)
			require.Equal(t, c.reason, reasonOf(err))
			require.Equal(t, Label{}, l)

			stripped := Strip(h)
			if c.reason != "no_trace" {
				require.Positive(t, stripped)
			}
			_, err = Verify(keys, h, t0)
			require.NoError(t, err, "after Strip the call is common")
			require.NotContains(t, strings.ToLower(fmt.Sprint(h)), "dpath")
		})
	}
	h := http.Header{"Cookie": {"dpath_env=newRetail"}, "X_Dpath_Env": {"a"}, "X-Mse-Tag": {"gray"}, "Baggage": {"a=1, b=2 ,"}}
	require.Equal(t, 3, Strip(h))
	require.Equal(t, http.Header{"Cookie": {"dpath_env=newRetail"}, "Baggage": {"a=1,b=2"}}, h)
}

// T12: forged, replayed, expired, old key.
func TestT12ForgedLabels(t *testing.T) {
	keys := keyring(t)
	good := labelled(t, keys, "newRetail")
	alter := func(old, with string) http.Header {
		h := good.Clone()
		h.Set("Baggage", strings.Replace(h.Get("Baggage"), old, with, 1))
		return h
	}
	check := func(h http.Header, at time.Time, reason string) {
		t.Helper()
		l, err := Verify(keys, h, at)
		require.Equal(t, reason, reasonOf(err))
		require.Equal(t, Label{}, l)
	}
	check(alter("newRetail", "other"), t0, "bad_signature")
	check(alter(";exp=1", ";exp=2"), t0, "bad_signature")
	check(alter("kid=1", "kid=0"), t0, "bad_signature")
	check(alter("kid=1", "kid=9"), t0, "unknown_key")
	check(alter(";s=", ";s=A"), t0, "malformed")
	forged := base64.RawURLEncoding.EncodeToString(make([]byte, 8))
	h := good.Clone()
	h.Set("Baggage", h.Get("Baggage")[:strings.Index(h.Get("Baggage"), ";s=")]+";s="+forged)
	check(h, t0, "bad_signature")
	check(good, t0.Add(time.Minute), "expired")
	foreign := good.Clone()
	foreign.Set("Traceparent", "00-"+traceB+"-00f067aa0ba902b7-01")
	check(foreign, t0, "bad_signature")
	foreign.Del("Traceparent")
	check(foreign, t0, "no_trace")

	require.NoError(t, keys.Add("2", []byte("another key of 16+")))
	require.NoError(t, keys.Use("2"))
	_, err := Verify(keys, good, t0)
	require.NoError(t, err, "the old key verifies until it is retired")
	require.NoError(t, keys.Retire("1"))
	check(good, t0, "unknown_key")
}

func TestKeyringRefuses(t *testing.T) {
	_, err := NewKeyring("1", nil)
	require.Error(t, err)
	_, err = NewKeyring("1", map[string][]byte{"1": []byte("short")})
	require.Error(t, err)
	k := keyring(t)
	require.Error(t, k.Add("a b", make([]byte, 32)))
	require.Error(t, k.Use("9"))
	require.Error(t, k.Retire("1"), "the current key stays")
	_, mac := k.Sign([]byte("x"))
	ok, known := k.Verify("1", []byte("x"), mac[:4])
	require.True(t, known)
	require.False(t, ok, "a short mac proves nothing")
}

// The label is first, so carriers that shorten baggage keep it.
func TestLabelSurvivesTruncation(t *testing.T) {
	keys := keyring(t)
	l, err := Verify(keys, labelled(t, keys, "a"), t0)
	require.NoError(t, err)
	h := http.Header{"Traceparent": {"00-" + traceA + "-00f067aa0ba902b7-01"}}
	for i := range 200 {
		h.Add("Baggage", fmt.Sprintf("key%d=%s", i, strings.Repeat("v", 100)))
	}
	l.Inject(h)
	require.LessOrEqual(t, len(h.Get("Baggage")), maxBaggage)
	require.Len(t, slices.Collect(members(h["Baggage"])), maxMembers)
	h.Set("Baggage", h.Get("Baggage")+strings.Repeat("x", 9000))
	got, err := Verify(keys, h, t0)
	require.NoError(t, err)
	require.Equal(t, "a", got.Env())
}

func TestParseTraceparent(t *testing.T) {
	trace, parent, err := ParseTraceparent([]string{"00-" + traceA + "-00f067aa0ba902b7-01"})
	require.NoError(t, err)
	require.Equal(t, traceA+"00f067aa0ba902b7", trace+parent)
	_, _, err = ParseTraceparent([]string{"01-" + traceA + "-00f067aa0ba902b7-01-more"})
	require.NoError(t, err, "later versions may be longer")
	for _, bad := range []string{
		"", "00-" + traceA, "00-" + traceA + "-00f067aa0ba902b7-01-more", "ff-" + traceA + "-00f067aa0ba902b7-01",
		"00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01", "00-" + traceA + "-0000000000000000-01",
		"00-" + strings.ToUpper(traceA) + "-00f067aa0ba902b7-01", "00-" + traceA + "-00f067aa0ba902b7-zz",
	} {
		_, _, err = ParseTraceparent([]string{bad})
		require.Error(t, err, bad)
	}
}

func FuzzVerify(f *testing.F) {
	keys := keyring(f)
	good := labelled(f, keys, "a")
	f.Add(good.Get("Baggage"), good.Get("Traceparent"))
	f.Add("a=1,dpath_env=b;kid=1;exp=9;s=AAAAAAAAAAA", "x")
	f.Fuzz(func(t *testing.T, baggage, parent string) {
		h := http.Header{"Baggage": {baggage}, "Traceparent": {parent}}
		l, err := Verify(keys, h, t0)
		if err == nil && l.Env() != "" {
			require.Equal(t, "a", l.Env(), "only what was signed verifies")
		}
		Strip(h)
		_, err = Verify(keys, h, t0)
		require.NoError(t, err)
	})
}
