package gateway_test

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/dpath/gateway"
	"github.com/plazacloud/plaza/pkg/dpath/gateway/front"
)

// canned answers every request on a listener with the same bytes.
func canned(l net.Listener) {
	text := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Mon, 02 Jan 2006 15:04:05 GMT\r\nContent-Length: 1024\r\n\r\n" + strings.Repeat("x", 1024)
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			in := bufio.NewReader(c)
			for {
				line, err := in.ReadSlice('\n')
				if err != nil {
					return
				}
				if len(line) == 2 {
					if _, err := io.WriteString(c, text); err != nil {
						return
					}
				}
			}
		}()
	}
}

// One request through the gateway, from a kept connection to a kept connection.
func BenchmarkGateway(b *testing.B) {
	b.Run("common", func(b *testing.B) { through(b, "") })
	b.Run("labelled", func(b *testing.B) { through(b, "X-Lane: vip\r\n") })
}

func through(b *testing.B, header string) {
	node, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer node.Close()
	go canned(node)
	dedicated, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer dedicated.Close()
	go canned(dedicated)
	store, err := dpath.NewStore(dpath.StoreOptions{})
	require.NoError(b, err)
	rules := &dpath.Document{Enable: true, Version: 1, EntryApps: []string{"shop"},
		EnvRules: []dpath.EnvRule{{EnvName: "vip", EnvAppRules: []dpath.EnvAppRule{{AppName: "shop", IPs: []string{dedicated.Addr().String()}}}}},
		Identify: []dpath.IdentifyRule{{EnvName: "vip", Conditions: []dpath.Condition{{Type: "header", Key: "X-Lane", Op: "present"}}}}}
	require.NoError(b, store.Set(rules, &dpath.Registry{Apps: map[string][]dpath.Endpoint{"shop": {{ID: "a", Addr: node.Addr().String()}, {ID: "b", Addr: dedicated.Addr().String()}}}}))
	keys, err := dpath.NewKeyring("1", map[string][]byte{"1": make([]byte, 16)})
	require.NoError(b, err)
	g := gateway.New(&httpdpath.Peer{Peer: carrier.Peer{Store: store, Keys: keys}}, slog.New(slog.DiscardHandler))
	plan, err := g.Plan(gateway.Config{Routes: []gateway.Route{{Prefix: "/", App: "shop"}}})
	require.NoError(b, err)
	g.Use(plan)
	defer g.CloseIdleConnections()
	server := front.New(front.Options{Handler: g})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	go server.Serve(l)
	defer server.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	require.NoError(b, err)
	defer c.Close()
	in := bufio.NewReader(c)
	b.ReportAllocs()
	for b.Loop() {
		_, err := io.WriteString(c, "GET /v1/products?page=2 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: bench\r\nAccept: application/json\r\n"+header+"\r\n")
		require.NoError(b, err)
		resp, err := http.ReadResponse(in, nil)
		require.NoError(b, err)
		n, err := io.Copy(io.Discard, resp.Body)
		require.NoError(b, err)
		require.EqualValues(b, 1024, n)
	}
}
