package dpath

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func BenchmarkLabel(b *testing.B) {
	keys, err := NewKeyring("1", map[string][]byte{"1": []byte("a key for measuring")})
	require.NoError(b, err)
	now := time.Now()
	label, err := Sign(keys, "campaign", NewTrace(), now, 0)
	require.NoError(b, err)
	plain := func() http.Header {
		return http.Header{"Accept": {"*/*"}, "User-Agent": {"x"}, "Content-Type": {"application/json"}, "Content-Length": {"12"}, "Traceparent": {"00-" + label.Trace() + "-00f067aa0ba902b7-01"}}
	}
	labelled := plain()
	label.Inject(labelled)
	common := plain()
	b.Run("sign", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = Sign(keys, "campaign", label.Trace(), now, 0)
		}
	})
	for _, c := range []struct {
		name string
		h    http.Header
	}{{"labelled", labelled}, {"common", common}} {
		b.Run("verify "+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Verify(keys, c.h, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("inject labelled", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			label.Inject(labelled)
		}
	})
	b.Run("inject common", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Label{}.Inject(common)
		}
	})
}
