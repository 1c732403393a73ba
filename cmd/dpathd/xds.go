package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/gateway"
	"github.com/plazacloud/plaza/pkg/dpath/xds"
)

type xdsOptions struct {
	config, listen string
	ready          func(map[string]string)
}

func newXDSCommand() *cobra.Command {
	var o xdsOptions
	c := &cobra.Command{
		Use:   "xds",
		Short: "Tell gRPC clients by xDS which nodes serve each lane",
		Long: `Tell gRPC clients by xDS v3, over ADS, which nodes serve each lane.

Clients in any language dial xds:///APP with a bootstrap file that names this
server; with Go, they import google.golang.org/grpc/xds. They pass on the
metadata baggage, traceparent and x-dpath-env of the call they serve. Nodes keep
their guard. Changed rules and nodes are told at once.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runXDS(c.Context(), o, slog.New(slog.NewTextHandler(os.Stderr, nil)))
		},
	}
	c.Flags().StringVar(&o.config, "config", "", "configuration file (YAML or JSON)")
	c.Flags().StringVar(&o.listen, "listen", "127.0.0.1:18000", "address to serve on in the clear; TLS has its own in the file")
	_ = c.MarkFlagRequired("config")
	return c
}

// runXDS serves until ctx ends.
func runXDS(ctx context.Context, o xdsOptions, log *slog.Logger) error {
	n, err := newNode(o.config, log)
	if err != nil {
		return err
	}
	x, g, identity := xds.New(), grpc.NewServer(), &gateway.Identity{}
	x.Register(ctx, g)
	part := func(c *fileConfig) (func(), error) { return planTLS(c, n.config, identity) }
	use, err := part(n.config)
	if err != nil {
		return fmt.Errorf("%s: %w", o.config, err)
	}
	use()
	follow := func(ctx context.Context) {
		x.Follow(ctx, n.store, func(err error) { log.Error("clients are not told of the configuration", "error", err) })
	}
	// Clients find out about health themselves; nothing is probed from here.
	return serve(ctx, n, service{listeners: n.listeners("xds", o.listen, g, identity), part: part, probe: follow, health: dpath.NewTable(), close: g.Stop}, o.ready)
}
