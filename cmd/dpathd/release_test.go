package main

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/store"
)

// TestChainIsFollowed: a gateway has rules and nodes from a chain alone, takes an environment over, and tells what it decides.
func TestChainIsFollowed(t *testing.T) {
	p := newPlaza(t, store.SQLite)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("X-Dpath-Env")+".")
	}))
	t.Cleanup(service.Close)
	of := "?project=" + url.QueryEscape(shop)
	make := func(plural, name string, spec map[string]any) {
		t.Helper()
		status, answer := p.call(http.MethodPost, "/v1/"+plural+"?wait=30s", map[string]any{"project": shop, "name": name, "spec": spec})
		require.Less(t, status, 300, answer)
	}
	make("dpathchains", "chain", map[string]any{"entry": []string{"shop"}, "apps": []map[string]any{{"name": "shop", "port": 1, "addresses": []string{strings.TrimPrefix(service.URL, "http://")}}}})

	dir := t.TempDir()
	text, err := json.Marshal(map[string]any{"keys": "keys.yaml", "snapshot": "snapshot", "routes": []map[string]string{{"prefix": "/shop", "app": "shop"}},
		"centre": map[string]string{"url": "http://" + p.addr + "/v1/configs/chain" + of, "tokenFile": "token", "name": "edge"}})
	require.NoError(t, err)
	keys, err := json.Marshal(map[string]any{"current": "1", "keys": map[string]string{"1": base64.StdEncoding.EncodeToString([]byte("label key of sixteen"))}})
	require.NoError(t, err)
	for name, content := range map[string][]byte{"edge.yaml": text, "keys.yaml": keys, "token": []byte(p.token)} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	e := &edge{t: t, config: filepath.Join(dir, "edge.yaml")}
	e.start()
	require.Eventually(t, func() bool { return e.serves("X-Vip") == "." }, 30*time.Second, 50*time.Millisecond, "nodes come with the rules")

	make("dpathenvs", "vip", map[string]any{"chain": "chain", "identify": []map[string]any{{"conditions": []map[string]any{{"type": "header", "key": "X-Vip", "op": "present"}}}}})
	require.Eventually(t, func() bool { return e.serves("X-Vip") == "vip." && e.serves("X-Other") == "." }, 30*time.Second, 50*time.Millisecond, "an environment without nodes of its own is known, and shares")
	var m kinds.LaneMap
	require.Eventually(t, func() bool {
		e.serves("X-Vip")
		_, answer := p.call(http.MethodGet, "/v1/dpathchains/chain/lanes"+of, nil)
		require.NoError(t, json.Unmarshal([]byte(answer), &m), answer)
		for _, f := range m.Apps[0].Flows {
			if f.Env == "vip" && f.Pool == "public" && f.Decision == "shared" && f.CallsPerSecond > 0 {
				return true
			}
		}
		return false
	}, time.Minute, 100*time.Millisecond, "it tells what it decides")
	require.Equal(t, []int{1, 1, 0}, []int{m.Subscribers, m.Reporting, m.Behind})

	p.kill()
	e.stop()
	e.start()
	require.Equal(t, "vip.", e.serves("X-Vip"), "a start while the centre is away has rules and nodes from the snapshot")
}
