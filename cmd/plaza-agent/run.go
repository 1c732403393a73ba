package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/plazacloud/plaza/agents/agent"
	"github.com/plazacloud/plaza/agents/kvm"
)

type runOptions struct {
	dir, pool, runDir, libvirt, probeKernel string
	roles                                   []string
	stopGrace                               time.Duration
	logLevel                                string
}

func (o *runOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.dir, "dir", defaultDir, "where the host's identity and small records are kept")
	f.StringSliceVar(&o.roles, "roles", []string{"kvm"}, "what the host is for")
	f.StringVar(&o.libvirt, "libvirt", "qemu:///system", "URI of libvirtd")
	f.StringVar(&o.pool, "pool", "", "where disks are kept (default: pool in --dir)")
	f.StringVar(&o.runDir, "run-dir", "/run/plaza", "where sockets and pid files of the networks are kept")
	f.StringVar(&o.probeKernel, "probe-kernel", "", "kernel that decides whether hardware acceleration works (default: that of the first image booted)")
	f.DurationVar(&o.stopGrace, "stop-grace", 30*time.Second, "from the power button to the hard power-off when a server is stopped")
	f.StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error")
}

func newRunCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Serve this host until a signal ends it",
		Long:  "Serve this host until SIGINT or SIGTERM ends it. Servers and networks go on without the agent.",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runAgent(cmd.Context(), o, cmd.ErrOrStderr()) },
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func runAgent(ctx context.Context, o runOptions, logTo io.Writer) error {
	log, err := newLogger(logTo, o.logLevel)
	if err != nil {
		return err
	}
	if err := checkRoles(o.roles); err != nil {
		return err
	}
	id, err := agent.LoadIdentity(o.dir)
	if err != nil {
		return err
	}
	unlock, err := agent.Lock(o.dir)
	if err != nil {
		return err
	}
	return errors.Join(serveKVM(ctx, o, id, log), unlock())
}

// serveKVM runs the driver and the runtime side by side; when one ends, the other is ended too.
func serveKVM(ctx context.Context, o runOptions, id agent.Identity, log *slog.Logger) error {
	if o.pool == "" {
		o.pool = filepath.Join(o.dir, "pool")
	}
	driver, err := kvm.New(ctx, kvm.Config{Host: id.HostID, LibvirtURI: o.libvirt, StateDir: filepath.Join(o.dir, "kvm"),
		PoolDir: o.pool, RunDir: o.runDir, StopGrace: o.stopGrace, ProbeKernel: o.probeKernel, AgentVersion: agentVersion(),
		Logger: log})
	if err != nil {
		return err
	}
	log.Info("agent starts", "host", id.HostID, "version", agentVersion(), "bus", id.BusURL)
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error {
		if err := driver.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("the KVM driver ended: %w", err)
		}
		return nil
	})
	parts.Go(func() error {
		return agent.Run(ctx, agent.Config{Identity: id, Dir: o.dir, Logger: log}, driver, driver.Events())
	})
	err = errors.Join(parts.Wait(), driver.Close())
	log.Info("agent stopped")
	return err
}
