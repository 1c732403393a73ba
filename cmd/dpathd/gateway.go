package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

type gatewayOptions struct {
	config, listen string
	app, node      string
	ready          func(map[string]string)
}

func newGatewayCommand() *cobra.Command {
	var o gatewayOptions
	c := &cobra.Command{
		Use:   "gateway",
		Short: "Identify outside traffic, set its label and route it to apps by path",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runGateway(c.Context(), o, slog.New(slog.NewTextHandler(os.Stderr, nil)))
		},
	}
	c.Flags().StringVar(&o.config, "config", "", "configuration file (YAML or JSON)")
	c.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8080", "address to serve on")
	c.Flags().StringVar(&o.app, "app", "", "app name of this gateway, when the registry lists it")
	c.Flags().StringVar(&o.node, "node", "", "node id of this gateway")
	_ = c.MarkFlagRequired("config")
	return c
}

// runGateway serves until ctx ends.
func runGateway(ctx context.Context, o gatewayOptions, log *slog.Logger) error {
	n, err := newNode(o.config, log)
	if err != nil {
		return err
	}
	if len(n.config.Routes) == 0 {
		return errors.New("routes is missing; map at least one path prefix to an app")
	}
	n.peer.App, n.peer.Node, n.peer.Addr = o.app, o.node, o.listen
	transport := n.peer.Transport(httpdpath.TransportOptions{Closed: true})
	routes := newRoutes(n.config.Routes)
	proxy := n.proxy(transport, true, func(r *http.Request) string { return routes.app(r.URL.Path) })
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if routes.app(r.URL.Path) == "" {
			http.NotFound(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	})
	entry := n.peer.Entry(handler, httpdpath.EntryOptions{})
	return serve(ctx, n, transport, []listener{{"gateway", o.listen, entry}}, o.ready)
}

// routes finds the app of a path, longest prefix first.
type routes []route

func newRoutes(list []route) routes {
	out := append(routes(nil), list...)
	sort.SliceStable(out, func(i, j int) bool { return len(out[i].Prefix) > len(out[j].Prefix) })
	return out
}

// app matches whole path segments: /v1/orders does not match /v1/orders2.
func (rs routes) app(path string) string {
	for _, r := range rs {
		rest, ok := strings.CutPrefix(path, r.Prefix)
		if ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(r.Prefix, "/")) {
			return r.App
		}
	}
	return ""
}
