package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/dpath/gateway"
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
		Short: "Identify outside traffic, set its label and route it to apps by host and path",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runGateway(c.Context(), o, slog.New(slog.NewTextHandler(os.Stderr, nil)))
		},
	}
	c.Flags().StringVar(&o.config, "config", "", "configuration file (YAML or JSON)")
	c.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8080", "address to serve on in the clear; TLS has its own in the file")
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
	n.peer.App, n.peer.Node, n.peer.Addr = o.app, o.node, o.listen
	n.peer.Rehearses = true // it keeps nothing
	g, identity := gateway.New(n.peer, log), &gateway.Identity{}
	part := func(c *fileConfig) (func(), error) { return planGateway(c, n.config, g, identity) }
	use, err := part(n.config)
	if err != nil {
		return fmt.Errorf("%s: %w", o.config, err)
	}
	use()
	return serve(ctx, n, service{listeners: n.listeners("gateway", o.listen, g, identity), part: part, probe: func(ctx context.Context) { g.Probe(ctx, n.config.Health) }, health: g.Health(), close: g.CloseIdleConnections}, o.ready)
}

// planGateway checks routes and certificates; use puts them in force.
func planGateway(c, begun *fileConfig, g *gateway.Gateway, identity *gateway.Identity) (use func(), err error) {
	plan, err := g.Plan(c.Config)
	if err != nil {
		return nil, err
	}
	identify, err := planTLS(c, begun, identity)
	if err != nil {
		return nil, err
	}
	return func() { g.Use(plan); identify() }, nil
}

// listeners are the address in the clear and, with TLS in the file, its own.
func (n *node) listeners(name, addr string, h http.Handler, identity *gateway.Identity) []listener {
	out := []listener{{name, addr, h, nil}}
	if n.config.TLS != nil {
		out = append(out, listener{"tls", n.config.TLS.Listen, h, identity.Config()})
	}
	return out
}

// planTLS checks certificates; use puts them in force.
func planTLS(c, begun *fileConfig, identity *gateway.Identity) (use func(), err error) {
	if c.TLS == nil {
		return func() {}, nil
	}
	if begun.TLS == nil || begun.TLS.Listen != c.TLS.Listen {
		return nil, errors.New("tls.listen is not changed while dpathd runs; restart it")
	}
	certificate, err := c.TLS.Load()
	if err != nil {
		return nil, err
	}
	return func() { identity.Use(certificate) }, nil
}
