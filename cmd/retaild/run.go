package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/retail/daemon"
	"github.com/plazacloud/plaza/pkg/retail/trade"
)

type runOptions struct {
	nodeOptions
	modules     []string
	databaseURL string
	conns       int32
	isolation   string
	simulator   bool
	policy      string
}

func newRunCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use: "run", Short: "Run service centres", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRun(cmd.Context(), o) },
	}
	o.AddFlags(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&o.modules, "modules", daemon.Apps(), "service centres to run here")
	f.StringVar(&o.databaseURL, "database-url", "", "postgres://host:5432/database?sslmode=…, without user; each centre logs in by its own role")
	f.Int32Var(&o.conns, "database-conns", 4, "database connections per centre")
	f.StringVar(&o.isolation, "isolation", "read committed", "transaction isolation: read committed, repeatable read or serializable")
	f.BoolVar(&o.simulator, "bank-simulator", false, `let payments with tender "simulator" succeed at once`)
	f.StringVar(&o.policy, "trade-policy", "", "file with the trade policy (JSON): currency, freight, freeFreightFrom, pickUpChannels, spendOff")
	return cmd
}

func runRun(ctx context.Context, o runOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	log, err := newLog(o.logLevel)
	if err != nil {
		return err
	}
	policy, err := readPolicy(o.policy)
	if err != nil {
		return err
	}
	began := time.Now()
	l, err := o.listener()
	if err != nil {
		return err
	}
	metrics := daemon.NewMetrics()
	lanes, err := o.lanes(o.modules, local(l), metrics, log)
	if err != nil {
		return err
	}
	d, err := daemon.New(ctx, daemon.Config{Modules: o.modules, Node: o.node, DatabaseURL: o.databaseURL, Secret: o.secret,
		Password: passwordFromEnvironment, MaxConns: o.conns, Isolation: pgx.TxIsoLevel(o.isolation), Simulator: o.simulator,
		Policy: policy, Lanes: lanes, Metrics: metrics, Log: log, Version: version})
	if err != nil {
		return err
	}
	log.Info("serving", "modules", o.modules, "listen", l.Addr().String(), "node", o.node, "env", o.env,
		"version", version, "start_ms", time.Since(began).Milliseconds())
	return d.Run(ctx, l)
}

// passwordFromEnvironment lets a node hold the logins of its own centres only.
func passwordFromEnvironment(role string) string {
	return os.Getenv("PLAZA_RETAIL_PASSWORD_" + strings.ToUpper(role))
}

func readPolicy(path string) (trade.Policy, error) {
	p := trade.DefaultPolicy()
	if path == "" {
		return p, nil
	}
	raw, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return p, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}
