package httpdpath_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

// here calls handlers in this process, so that nothing but the toolkit is measured.
type here map[string]http.Handler

func (h here) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &blank{header: http.Header{}}
	h[r.URL.Host].ServeHTTP(w, r)
	return &http.Response{StatusCode: http.StatusOK, Header: w.header, Body: http.NoBody, Request: r}, nil
}

type blank struct{ header http.Header }

func (w *blank) Header() http.Header         { return w.header }
func (w *blank) WriteHeader(int)             {}
func (w *blank) Write(b []byte) (int, error) { return len(b), nil }

// BenchmarkAdded measures Transport and Guard one upon the other, beside the handler alone.
func BenchmarkAdded(b *testing.B) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	store, err := dpath.NewStore(dpath.StoreOptions{})
	require.NoError(b, err)
	keys, err := dpath.NewKeyring("1", map[string][]byte{"1": []byte("a key for measuring")})
	require.NoError(b, err)
	nodes := here{"shop": page}
	for _, addr := range []string{"10.0.0.1:80", "10.0.0.2:80"} {
		p := &httpdpath.Peer{Peer: carrier.Peer{Store: store, Keys: keys, App: "shop", Addr: addr}}
		nodes[addr] = p.Guard(page, httpdpath.GuardOptions{})
	}
	doc := &dpath.Document{Enable: true, Version: 1, EnvRules: []dpath.EnvRule{{EnvName: "vip", FailoverPolicy: dpath.PolicyStrict, EnvAppRules: []dpath.EnvAppRule{{AppName: "shop", IPs: []string{"10.0.0.2:80"}}}}}}
	require.NoError(b, store.Set(doc, &dpath.Registry{Apps: map[string][]dpath.Endpoint{"shop": {{ID: "public", Addr: "10.0.0.1:80"}, {ID: "vip", Addr: "10.0.0.2:80"}}}}))
	label, err := dpath.Sign(keys, "vip", dpath.NewTrace(), time.Now(), time.Hour)
	require.NoError(b, err)
	caller := &httpdpath.Peer{Peer: carrier.Peer{Store: store, Keys: keys}}
	transport := caller.Transport(httpdpath.TransportOptions{Closed: true, Base: nodes})
	for _, way := range []struct {
		name  string
		way   http.RoundTripper
		label dpath.Label
	}{{"handler", nodes, dpath.Label{}}, {"common", transport, dpath.Label{}}, {"labelled", transport, label}} {
		b.Run(way.name, func(b *testing.B) {
			ctx := dpath.WithLabel(context.Background(), way.label)
			b.ReportAllocs()
			for b.Loop() {
				req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://shop/", nil)
				resp, err := way.way.RoundTrip(req)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
	}
}
