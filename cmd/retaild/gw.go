package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/plazacloud/plaza/pkg/retail/daemon"
	"github.com/plazacloud/plaza/pkg/retail/entry"
)

type gatewayOptions struct {
	nodeOptions
	operatorToken string
	rate          float64
	burst         int
	maxBody       int64
	checks        time.Duration
}

func newGatewayCommand() *cobra.Command {
	var o gatewayOptions
	cmd := &cobra.Command{
		Use: "gw", Short: "Run the entry in front of the service centres", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runGateway(cmd.Context(), o) },
	}
	o.AddFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.operatorToken, "operator-token", "", "bearer token that may write products and stock; nobody may without one")
	f.Float64Var(&o.rate, "rate", 200, "requests per second and client address; 0 for no limit")
	f.IntVar(&o.burst, "burst", 400, "requests a client address may send at once")
	f.Int64Var(&o.maxBody, "max-body", 1<<20, "largest request body, in bytes")
	f.DurationVar(&o.checks, "checks-every", time.Minute, "how often to check the invariants and place and cancel an order; 0 for never")
	return cmd
}

func runGateway(ctx context.Context, o gatewayOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	log, err := newLog(o.logLevel)
	if err != nil {
		return err
	}
	l, err := o.listener()
	if err != nil {
		return err
	}
	metrics := daemon.NewMetrics()
	lanes, err := o.lanes(nil, local(l), metrics, log)
	if err != nil {
		return err
	}
	g, err := entry.New(entry.Config{Lanes: lanes, OperatorToken: o.operatorToken, Rate: o.rate, Burst: o.burst,
		MaxBody: o.maxBody, SmokeEvery: o.checks, Metrics: metrics, Log: log, Version: version})
	if err != nil {
		return err
	}
	log.Info("serving", "app", daemon.Gateway, "listen", l.Addr().String(), "node", o.node, "version", version)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return daemon.Serve(ctx, l, g.Handler()) })
	group.Go(func() error { return lanes.Watch(ctx) })
	group.Go(func() error { return g.Watch(ctx, "http://"+local(l)) })
	return group.Wait()
}
