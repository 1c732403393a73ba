package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/verify"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		storetest.Stop()
		os.Exit(code)
	}))
}

// chain is a gateway before two apps, shop → stock, each with a public and a
// dedicated node behind a sidecar. The services know nothing of the toolkit:
// they pass on baggage and traceparent.
type chain struct {
	t     *testing.T
	dir   string
	doc   dpath.Document
	stop  context.CancelFunc
	wg    sync.WaitGroup
	addrs map[string]string // what each process listens on
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func (c *chain) write(name string, v any) string {
	text, err := json.Marshal(v)
	require.NoError(c.t, err)
	path := filepath.Join(c.dir, name)
	require.NoError(c.t, os.WriteFile(path, text, 0o600))
	return path
}

func newChain(t *testing.T) *chain {
	c := &chain{t: t, dir: t.TempDir(), addrs: map[string]string{}}
	key := func(s string) keyFile {
		return keyFile{"1", map[string]string{"1": base64.StdEncoding.EncodeToString([]byte(s))}}
	}
	c.write("keys.yaml", map[string]any{"current": "1", "keys": key("label key of sixteen").Keys})
	c.write("probe.yaml", map[string]any{"current": "1", "keys": key("probe key of sixteen").Keys})
	groups := map[string][]string{}
	apps := map[string][]map[string]string{}
	c.doc = dpath.Document{Enable: true, Version: 1, EntryApps: []string{"shop"}, EnvRules: []dpath.EnvRule{{EnvName: "vip"}},
		Identify: []dpath.IdentifyRule{{EnvName: "vip", Conditions: []dpath.Condition{{Type: "header", Key: "X-Vip", Op: "present"}}}}}
	var sidecars []sidecarOptions
	for _, app := range []string{"shop", "stock"} {
		for _, pool := range []string{"public", "vip"} {
			o := sidecarOptions{app: app, node: app + "-" + pool, inbound: freePort(t), outbound: freePort(t), exempt: []string{"/healthz"}}
			o.service = c.service(o)
			apps[app] = append(apps[app], map[string]string{"id": o.node, "addr": o.inbound})
			if pool == "vip" {
				groups[app+"_vip"] = []string{o.inbound}
			}
			sidecars = append(sidecars, o)
		}
		c.doc.EnvRules[0].EnvAppRules = append(c.doc.EnvRules[0].EnvAppRules, dpath.EnvAppRule{AppName: app, MachineGroups: []string{app + "_vip"}})
	}
	c.write("rules.json", c.doc)
	config := func(name, admin string) string {
		return c.write(name+".yaml", map[string]any{"rules": "rules.json", "keys": "keys.yaml", "probeKeys": "probe.yaml", "admin": admin,
			"snapshot": name + ".snapshot", "registry": map[string]any{"apps": apps, "groups": groups},
			"routes": []map[string]string{{"prefix": "/shop", "app": "shop"}, {"prefix": "/shop/stock", "app": "stock"}}})
	}
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	t.Cleanup(c.close)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	for _, o := range sidecars {
		o.config = config(o.node, "")
		c.run(func(ready func(map[string]string)) error { o.ready = ready; return runSidecar(ctx, o, log) })
	}
	o := gatewayOptions{config: config("gateway", "127.0.0.1:0"), listen: "127.0.0.1:0"}
	c.run(func(ready func(map[string]string)) error { o.ready = ready; return runGateway(ctx, o, log) })
	return c
}

// run starts one process and waits until it listens.
func (c *chain) run(start func(ready func(map[string]string)) error) {
	up := make(chan map[string]string, 1)
	c.wg.Go(func() {
		if err := start(func(a map[string]string) { up <- a }); err != nil {
			c.t.Error(err)
			up <- nil
		}
	})
	for name, addr := range <-up {
		c.addrs[name] = addr
	}
}

func (c *chain) close() {
	c.stop()
	c.wg.Wait()
	http.DefaultClient.CloseIdleConnections()
}

// service is a program in some language: it calls stock by its sidecar.
func (c *chain) service(o sidecarOptions) string {
	client := &http.Client{Transport: &http.Transport{}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, o.node)
		if o.app != "shop" || r.URL.Path == "/healthz" {
			return
		}
		req, err := http.NewRequestWithContext(r.Context(), "GET", "http://"+o.outbound+"/x", nil)
		if err != nil {
			return
		}
		req.Host = "stock"
		req.Header["Baggage"], req.Header["Traceparent"] = r.Header["Baggage"], r.Header["Traceparent"]
		resp, err := client.Do(req)
		if err != nil {
			return
		}
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(resp.Body)
		_, _ = fmt.Fprintf(w, " %s", body)
	}))
	c.t.Cleanup(func() { client.CloseIdleConnections(); s.Close() })
	return strings.TrimPrefix(s.URL, "http://")
}

func (c *chain) get(path string, header ...string) (int, string) {
	req, err := http.NewRequest("GET", "http://"+path, nil)
	require.NoError(c.t, err)
	for _, h := range header {
		req.Header.Set(h, "1")
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(c.t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return resp.StatusCode, string(body)
}

func TestGatewayAndSidecars(t *testing.T) {
	c := newChain(t)
	gw := c.addrs["gateway"]
	for range 20 {
		_, body := c.get(gw + "/shop/a")
		require.Equal(t, "shop-public stock-public", body)
		_, body = c.get(gw+"/shop/a", "X-Vip")
		require.Equal(t, "shop-vip stock-vip", body)
		_, body = c.get(gw+"/shop/stock", "X-Vip")
		require.Equal(t, "stock-vip", body)
	}
	status, _ := c.get(gw + "/shopping")
	require.Equal(t, http.StatusNotFound, status)

	status, _ = c.get(c.addrs["admin"] + "/healthz")
	require.Equal(t, http.StatusNoContent, status)
	_, metrics := c.get(c.addrs["admin"] + "/metrics")
	require.Contains(t, metrics, `dpath_calls_total{app="shop",decision="dedicated",env="vip",pool="dedicated"} 20`)
	require.Contains(t, metrics, "dpath_config_version 1")

	keys, err := readKeys(filepath.Join(c.dir, "probe.yaml"))
	require.NoError(t, err)
	o := verify.Options{Entry: "http://" + gw, Paths: []string{"/shop/a"}, Common: 200, Labelled: 200, Envs: []string{"vip"}, Key: keys}
	report, err := verify.Run(context.Background(), o)
	require.NoError(t, err)
	require.NoError(t, report.Err())
	for _, app := range []string{"shop", "stock"} {
		require.Equal(t, map[string]int{"public": 200, "dedicated": 200}, report.Hops[app], "trails cross services that know nothing of them")
	}
	o.Control = []string{"guard", "filter"}
	report, err = verify.Run(context.Background(), o)
	require.NoError(t, err)
	require.Positive(t, report.ByKind[verify.Exclusion])

	// Changed rules are taken over; broken ones are not.
	c.doc.Enable, c.doc.Version = false, 2
	c.write("rules.json", c.doc)
	version := func(v string) func() bool {
		return func() bool {
			_, m := c.get(c.addrs["admin"] + "/metrics")
			return strings.Contains(m, "dpath_config_version "+v) && strings.Contains(m, "dpath_config_refused_total 0")
		}
	}
	require.Eventually(t, version("2"), 10*time.Second, 50*time.Millisecond)
	require.NoError(t, os.WriteFile(filepath.Join(c.dir, "rules.json"), []byte("{"), 0o600))
	time.Sleep(watchEvery + 200*time.Millisecond)
	require.True(t, version("2")())
	require.FileExists(t, filepath.Join(c.dir, "gateway.snapshot"))
}

func TestRefusesBadConfiguration(t *testing.T) {
	c := &chain{t: t, dir: t.TempDir()}
	c.write("keys.yaml", map[string]any{"current": "1", "keys": map[string]string{"1": base64.StdEncoding.EncodeToString(make([]byte, 16))}})
	c.write("short.yaml", map[string]any{"current": "1", "keys": map[string]string{"1": "QQ=="}})
	c.write("text.yaml", map[string]any{"current": "1", "keys": map[string]string{"1": "***"}})
	c.write("rules.json", dpath.Document{Enable: true, EnvRules: []dpath.EnvRule{}})
	c.write("bad.json", map[string]any{"colour": 1})
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	for want, config := range map[string]map[string]any{
		"keys is missing":   {"rules": "rules.json"},
		"16 are needed":     {"keys": "short.yaml"},
		"is not base64":     {"keys": "text.yaml"},
		"rules is missing":  {"keys": "keys.yaml"},
		"unknown field":     {"keys": "keys.yaml", "colour": 1},
		"$.colour":          {"keys": "keys.yaml", "rules": "bad.json"},
		"no such file":      {"keys": "keys.yaml", "rules": "none.json"},
		"routes is missing": {"keys": "keys.yaml", "rules": "rules.json"},
		"begins with /":     {"keys": "keys.yaml", "rules": "rules.json", "routes": []map[string]string{{"prefix": "x", "app": "a"}}},
	} {
		err := runGateway(context.Background(), gatewayOptions{config: c.write("c.yaml", config), listen: "127.0.0.1:0"}, log)
		require.ErrorContains(t, err, want)
	}
	config := c.write("c.yaml", map[string]any{"keys": "keys.yaml", "rules": "rules.json", "routes": []map[string]string{{"prefix": "/", "app": "a"}}})
	require.ErrorContains(t, runGateway(context.Background(), gatewayOptions{config: config, listen: "nowhere:x"}, log), "listen for gateway")
	require.ErrorContains(t, runSidecar(context.Background(), sidecarOptions{config: config, outbound: "0.0.0.0:0"}, log), "loopback")

	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs([]string{"sidecar", "--help"})
	require.NoError(t, root.Execute())
	require.Contains(t, out.String(), "--inbound")
	root.SetArgs([]string{"gateway"})
	require.ErrorContains(t, root.Execute(), "config")
}
