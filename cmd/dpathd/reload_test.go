package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// door is a running gateway whose files a test rewrites.
type door struct {
	*chain
	config map[string]any
}

// put replaces a file at once, as whoever changes a running process's files must.
func (d *door) put(name string, text []byte) {
	path := filepath.Join(d.dir, name)
	require.NoError(d.t, os.WriteFile(path+".new", text, 0o600))
	require.NoError(d.t, os.Rename(path+".new", path))
}

func (d *door) putJSON(name string, v any) {
	text, err := json.Marshal(v)
	require.NoError(d.t, err)
	d.put(name, text)
}

// certify writes a certificate of its own for loopback.
func (d *door) certify(name string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(d.t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	require.NoError(d.t, err)
	private, err := x509.MarshalECPrivateKey(key)
	require.NoError(d.t, err)
	both := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})...)
	d.put("edge.pem", both)
}

// newDoor starts a gateway before a public and a dedicated node of two apps.
func newDoor(t *testing.T, serve func(name string, w http.ResponseWriter, r *http.Request)) *door {
	d := &door{chain: &chain{t: t, dir: t.TempDir(), addrs: map[string]string{}}}
	apps := map[string][]map[string]string{}
	d.doc = dpath.Document{Enable: true, Version: 1, EntryApps: []string{"shop", "stock"}, EnvRules: []dpath.EnvRule{{EnvName: "vip"}},
		Identify: []dpath.IdentifyRule{{EnvName: "vip", Conditions: []dpath.Condition{{Type: "header", Key: "X-Vip", Op: "present"}}}}}
	for _, app := range []string{"shop", "stock"} {
		for _, pool := range []string{"public", "vip"} {
			name := app + "-" + pool
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(name, w, r) }))
			t.Cleanup(s.Close)
			addr := strings.TrimPrefix(s.URL, "http://")
			apps[app] = append(apps[app], map[string]string{"id": name, "addr": addr})
			if pool == "vip" {
				d.doc.EnvRules[0].EnvAppRules = append(d.doc.EnvRules[0].EnvAppRules, dpath.EnvAppRule{AppName: app, IPs: []string{addr}})
			}
		}
	}
	d.putJSON("keys.yaml", map[string]any{"current": "1", "keys": map[string]string{"1": base64.StdEncoding.EncodeToString([]byte("label key of sixteen"))}})
	d.putJSON("rules.json", d.doc)
	d.certify("first")
	d.config = map[string]any{"rules": "rules.json", "keys": "keys.yaml", "admin": "127.0.0.1:0", "registry": map[string]any{"apps": apps}, "routes": []map[string]any{{"prefix": "/", "app": "shop"}},
		"tls": map[string]string{"listen": "127.0.0.1:0", "cert": "edge.pem", "key": "edge.pem"}}
	d.putJSON("gateway.yaml", d.config)
	var ctx context.Context
	ctx, d.stop = context.WithCancel(context.Background())
	t.Cleanup(d.close)
	d.run(func(ready func(map[string]string)) error {
		return runGateway(ctx, gatewayOptions{config: filepath.Join(d.dir, "gateway.yaml"), listen: "127.0.0.1:0", ready: ready}, slog.New(slog.DiscardHandler))
	})
	return d
}

// caller sends requests over kept connections until it is told to stop; each failure is told.
func (d *door) caller(stop *atomic.Bool, calls *atomic.Int64, base string, body func() io.Reader) {
	t := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: calls.Load()%2 == 0} //nolint:gosec // what is tested is that the connection lives
	defer t.CloseIdleConnections()
	for n := 0; !stop.Load(); n++ {
		req, err := http.NewRequest("POST", base+"/x", body())
		if req != nil && n%2 == 0 {
			req, err = http.NewRequest("GET", base+"/x", nil)
		}
		if err != nil {
			d.t.Error(err)
			return
		}
		lane := n%3 == 0
		if lane {
			req.Header.Set("X-Vip", "1")
		}
		resp, err := t.RoundTrip(req)
		if err != nil {
			d.t.Error(err)
			return
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || strings.HasSuffix(string(text), "vip") != lane {
			d.t.Error(resp.Status, string(text), err)
		}
		calls.Add(1)
	}
}

// Routes, limits, certificates and rules change under load, and no call fails.
func TestReloadUnderLoad(t *testing.T) {
	d := newDoor(t, func(name string, w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, name)
	})
	var stop atomic.Bool
	var calls atomic.Int64
	var wg sync.WaitGroup
	for _, base := range []string{"http://" + d.addrs["gateway"], "https://" + d.addrs["tls"]} {
		for range 4 {
			wg.Go(func() { d.caller(&stop, &calls, base, func() io.Reader { return strings.NewReader("an order") }) })
		}
	}
	defer func() { stop.Store(true); wg.Wait() }()
	insecure := func() *http.Client {
		return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // see above
	}
	soon := func(why string, is func() bool) {
		t.Helper()
		before := calls.Load()
		require.Eventually(t, is, time.Minute, 20*time.Millisecond, why)
		require.Eventually(t, func() bool { return calls.Load() > before+50 }, time.Minute, 5*time.Millisecond)
	}
	app := func(want string) func() bool {
		return func() bool { _, body := d.get(d.addrs["gateway"] + "/x"); return body == want+"-public" }
	}
	soon("as begun", app("shop"))
	for i, to := range []string{"stock", "shop", "stock"} {
		d.config["routes"] = []map[string]any{{"prefix": "/", "app": to, "timeout": "20s", "tryTimeout": "10s", "maxBody": 1000, "maxInFlight": 1000, "limit": map[string]any{"rate": 1e6}}, {"prefix": "/limited", "app": to, "limit": map[string]any{"rate": 0.001, "burst": 1}}}
		d.putJSON("gateway.yaml", d.config)
		soon("the other route", app(to))
		d.certify(fmt.Sprint("certificate ", i))
		soon("the new certificate", func() bool {
			resp, err := insecure().Get("https://" + d.addrs["tls"] + "/x")
			require.NoError(t, err)
			defer resp.Body.Close()
			return resp.TLS.PeerCertificates[0].Subject.CommonName == fmt.Sprint("certificate ", i)
		})
		d.doc.Version++
		d.putJSON("rules.json", d.doc)
		soon("the new rules", func() bool {
			_, m := d.get(d.addrs["admin"] + "/metrics")
			return strings.Contains(m, fmt.Sprintf("dpath_config_version %d\n", d.doc.Version))
		})
	}
	// A file with one fault changes nothing, also not what is right in it.
	d.config["routes"] = []map[string]any{{"prefix": "/", "app": "shop"}, {"prefix": "no slash", "app": "shop"}}
	d.putJSON("gateway.yaml", d.config)
	d.put("edge.pem", []byte("half"))
	time.Sleep(watchEvery + 300*time.Millisecond)
	require.True(t, app("stock")())
	stop.Store(true)
	wg.Wait()
	require.False(t, t.Failed())
	t.Logf("%d calls, none failed", calls.Load())
}

// On SIGTERM calls in flight end well, whatever they are, and nobody new comes in.
func TestDrain(t *testing.T) {
	hold, begun := make(chan struct{}), make(chan struct{}, 3)
	d := newDoor(t, func(name string, w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			begun <- struct{}{}
			<-hold
		}
		_, _ = io.WriteString(w, name)
	})
	var wg sync.WaitGroup
	call := func(method, url string) {
		tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true} //nolint:gosec // see above
		defer tr.CloseIdleConnections()
		req, err := http.NewRequest(method, url, strings.NewReader(map[string]string{"POST": "x"}[method]))
		require.NoError(t, err)
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "shop-public" {
			t.Error(resp.Status, string(body), err)
		}
	}
	wg.Go(func() { call("GET", "http://"+d.addrs["gateway"]+"/slow") })
	wg.Go(func() { call("POST", "http://"+d.addrs["gateway"]+"/slow") })
	wg.Go(func() { call("GET", "https://"+d.addrs["tls"]+"/slow") })
	for range 3 {
		<-begun
	}
	d.stop()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", d.addrs["gateway"])
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	}, 20*time.Second, 5*time.Millisecond)
	close(hold)
	wg.Wait()
}

// The file for HAProxy is made of the gateway's own.
func TestWritesForHAProxy(t *testing.T) {
	d := newDoor(t, func(string, http.ResponseWriter, *http.Request) {})
	root := newRoot()
	var out, said bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&said)
	d.doc.Identify = append(d.doc.Identify, dpath.IdentifyRule{EnvName: "vip", Conditions: []dpath.Condition{{Type: "storeId", Op: "present"}}})
	d.putJSON("rules2.json", d.doc)
	d.config["rules"] = "rules2.json"
	d.putJSON("other.yaml", d.config)
	root.SetArgs([]string{"haproxy", "--config", filepath.Join(d.dir, "other.yaml"), "--listen", "127.0.0.1:8081"})
	require.NoError(t, root.Execute())
	require.Contains(t, out.String(), "bind 127.0.0.1:8081")
	require.Contains(t, out.String(), "backend shop:vip\n    server shop-vip ")
	require.Contains(t, said.String(), "note: rule 2 for environment vip is left out: HAProxy does not know storeId")
	d.config["rules"] = "none.json"
	d.putJSON("other.yaml", d.config)
	require.ErrorContains(t, root.Execute(), "no such file")
}
