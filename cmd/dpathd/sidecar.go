package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

type sidecarOptions struct {
	config            string
	app, node         string
	advertise         string
	inbound, outbound string
	service           string
	exempt            []string
	rehearses         bool
	ready             func(map[string]string)
}

func newSidecarCommand() *cobra.Command {
	var o sidecarOptions
	c := &cobra.Command{
		Use:   "sidecar",
		Short: "Guard a local service and route its calls to other apps",
		Long: `Guard a local service and route its calls to other apps.

Calls to the service come in at --inbound and reach it at --service when the
guard lets them through. The service calls other apps at --outbound, with the
app's name as Host, and passes on the headers baggage and traceparent of the
call it is serving. A label it cannot have received makes the call common.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runSidecar(c.Context(), o, slog.New(slog.NewTextHandler(os.Stderr, nil)))
		},
	}
	f := c.Flags()
	f.StringVar(&o.config, "config", "", "configuration file (YAML or JSON)")
	f.StringVar(&o.app, "app", "", "app of the service")
	f.StringVar(&o.node, "node", "", "node id of the service")
	f.StringVar(&o.advertise, "advertise", "", "ip:port the registry knows the service by (default: the inbound address)")
	f.StringVar(&o.inbound, "inbound", "", "address for calls to the service")
	f.StringVar(&o.outbound, "outbound", "127.0.0.1:15001", "loopback address for calls of the service")
	f.StringVar(&o.service, "service", "", "host:port of the service itself; loopback, so that nothing goes around the guard")
	f.BoolVar(&o.rehearses, "rehearses", false, "the service keeps what calls with the header X-Dpath-Shadow cause apart from what is real; others get no such calls")
	f.StringSliceVar(&o.exempt, "exempt", []string{"/healthz"}, "paths served to anybody")
	for _, name := range []string{"config", "app", "node", "inbound", "service"} {
		_ = c.MarkFlagRequired(name)
	}
	return c
}

// runSidecar serves until ctx ends.
func runSidecar(ctx context.Context, o sidecarOptions, log *slog.Logger) error {
	n, err := newNode(o.config, log)
	if err != nil {
		return err
	}
	if o.advertise == "" {
		o.advertise = o.inbound
	}
	if host, _, err := net.SplitHostPort(o.outbound); err != nil || !loopback(host) {
		return errors.New("outbound must be a loopback address; it trusts the local service")
	}
	n.peer.App, n.peer.Node, n.peer.Addr = o.app, o.node, o.advertise
	n.peer.Sidecar, n.peer.Rehearses = true, o.rehearses
	wire := httpdpath.NewWire(httpdpath.NewBase())
	local := n.proxy(wire, func(*http.Request) string { return o.service })
	inbound := n.peer.Guard(local, httpdpath.GuardOptions{Exempt: o.exempt})
	transport := n.peer.Transport(httpdpath.TransportOptions{Base: wire, Closed: true, Owned: true})
	out := n.proxy(transport, func(r *http.Request) string { return r.Host })
	return serve(ctx, n, service{
		listeners: []listener{{"inbound", o.inbound, inbound, nil}, {"outbound", o.outbound, n.peer.Outbound(out), nil}},
		part:      func(*fileConfig) (func(), error) { return func() {}, nil },
		probe:     func(ctx context.Context) { transport.Probe(ctx, httpdpath.ProbeOptions{Path: n.config.Health}) },
		health:    transport.Health(),
		close:     wire.CloseIdleConnections,
	}, o.ready)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
