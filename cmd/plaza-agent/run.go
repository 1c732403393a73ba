package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/plazacloud/plaza/agents/agent"
	"github.com/plazacloud/plaza/agents/kvm"
)

type runOptions struct {
	dir, pool, backups, runDir, libvirt  string
	probeKernel                          string
	cephConf, cephUser, cephPool, cephFS string
	commands                             string
	roles                                []string
	stopGrace                            time.Duration
	logLevel                             string
}

func (o *runOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.dir, "dir", defaultDir, "where the host's identity and small records are kept")
	f.StringSliceVar(&o.roles, "roles", []string{"kvm"}, "what the host is for: kvm, and in plaza-agent-ceph also ceph")
	f.StringVar(&o.libvirt, "libvirt", "qemu:///system", "URI of libvirtd")
	f.StringVar(&o.pool, "pool", "", "where disks are kept (default: pool in --dir)")
	f.StringVar(&o.backups, "backups", "", "where backups of volumes are kept (default: backups in --pool); best on another disk")
	f.StringVar(&o.runDir, "run-dir", "/run/plaza", "where sockets and pid files of the networks are kept")
	f.StringVar(&o.probeKernel, "probe-kernel", "", "kernel that decides whether hardware acceleration works (default: that of the first image booted)")
	f.DurationVar(&o.stopGrace, "stop-grace", 30*time.Second, "from the power button to the hard power-off when a server is stopped")
	f.StringVar(&o.commands, "commands", "/etc/plaza-agent/commands.yaml", "file with the commands that runbooks may run on this host; without it, none")
	f.StringVar(&o.cephConf, "ceph-conf", "/etc/ceph/ceph.conf", "configuration of the Ceph cluster, for the role ceph")
	f.StringVar(&o.cephUser, "ceph-user", "admin", "client of the cluster whose key is used, without \"client.\"")
	f.StringVar(&o.cephPool, "ceph-pool", "", "RBD pool of volumes that name none (default: the cluster's first)")
	f.StringVar(&o.cephFS, "ceph-fs", "", "file system of shares (default: the cluster's first)")
	f.StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error")
}

func newRunCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Serve this host until a signal ends it",
		Long:  "Serve this host until SIGINT or SIGTERM ends it. Servers and networks go on without the agent.",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := runAgent(cmd.Context(), o, cmd.ErrOrStderr())
			if errors.Is(err, agent.ErrRestart) {
				return again(err)
			}
			return err
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

// again puts a new start of the program in the place of this one, which may have been replaced by a newer version meanwhile.
func again(why error) error {
	self, err := os.Executable()
	if err != nil {
		return errors.Join(why, err)
	}
	return errors.Join(why, syscall.Exec(self, os.Args, os.Environ())) //nolint:gosec // itself, as it was started
}

func runAgent(ctx context.Context, o runOptions, logTo io.Writer) error {
	log, err := newLogger(logTo, o.logLevel)
	if err != nil {
		return err
	}
	if err := checkRoles(o.roles); err != nil {
		return err
	}
	commands, err := agent.LoadCommands(o.commands)
	if err != nil {
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
	return errors.Join(serve(ctx, o, id, commands, log), unlock())
}

// service is what fills a role of the host.
type service struct {
	agent.Role
	run   func(ctx context.Context) error // nil: it has no work of its own
	close func() error
}

// starter makes the service of a role.
type starter func(ctx context.Context, o runOptions, id agent.Identity, log *slog.Logger) (service, error)

// serve runs the services and the runtime side by side; when one ends, the others are ended too.
func serve(ctx context.Context, o runOptions, id agent.Identity, commands map[string]agent.Command, log *slog.Logger) (err error) {
	var services []service
	var roles []agent.Role
	for _, name := range o.roles {
		s, failed := starters[name](ctx, o, id, log)
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, s.close()) }()
		services, roles = append(services, s), append(roles, s.Role)
	}
	log.Info("agent starts", "host", id.HostID, "roles", o.roles, "version", agentVersion(), "bus", id.BusURL)
	parts, ctx := errgroup.WithContext(ctx)
	for _, s := range services {
		if s.run != nil {
			parts.Go(func() error { return s.run(ctx) })
		}
	}
	parts.Go(func() error {
		return agent.Run(ctx, agent.Config{Identity: id, Dir: o.dir, Version: agentVersion(), Commands: commands, Logger: log}, roles...)
	})
	err = parts.Wait()
	log.Info("agent stopped")
	return err
}

func startKVM(ctx context.Context, o runOptions, id agent.Identity, log *slog.Logger) (service, error) {
	if o.pool == "" {
		o.pool = filepath.Join(o.dir, "pool")
	}
	driver, err := kvm.New(ctx, kvm.Config{Host: id.HostID, LibvirtURI: o.libvirt, StateDir: filepath.Join(o.dir, "kvm"),
		PoolDir: o.pool, BackupDir: o.backups, RunDir: o.runDir, StopGrace: o.stopGrace, ProbeKernel: o.probeKernel, AgentVersion: agentVersion(),
		Logger: log})
	if err != nil {
		return service{}, err
	}
	run := func(ctx context.Context) error {
		if err := driver.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("the KVM driver ended: %w", err)
		}
		return nil
	}
	return service{agent.KVM(id.HostID, driver, driver.Events()), run, driver.Close}, nil
}
