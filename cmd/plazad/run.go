package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/plazacloud/plaza/bundles"
	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/bundle"
	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/console"
	"github.com/plazacloud/plaza/pkg/host"
	"github.com/plazacloud/plaza/pkg/imagestore"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/request"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/runbook"
	"github.com/plazacloud/plaza/pkg/schedule"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/tenancy"
	"github.com/plazacloud/plaza/pkg/tenancy/ldap"
	"github.com/plazacloud/plaza/portal"
)

// graceful is how long passes and requests under way may take to end.
const graceful = 10 * time.Second

func newRunCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{Use: "run", Short: "Run the control plane", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		c, err := o.load()
		if err != nil {
			return err
		}
		return run(cmd.Context(), c)
	}}
	o.AddFlags(cmd)
	return cmd
}

func newMigrateCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{Use: "migrate", Short: "Bring the database's schema up to date and end", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		c, err := o.load()
		if err != nil {
			return err
		}
		return withDatabase(cmd.Context(), c.Database, func(*store.DB) error { return nil })
	}}
	o.AddFlags(cmd)
	return cmd
}

// run wires the parts, starts them in order of need and stops them in reverse.
func run(ctx context.Context, c config) (err error) {
	log, err := c.log()
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	people := tenancy.New(db, nil)
	if err := bootstrap(ctx, people, c.Dir, log); err != nil {
		return err
	}
	var registry atomic.Pointer[host.Registry] // set once there are objects; until then no agent is let in
	nats, err := bus.Start(ctx, bus.Config{Listen: c.BusListen, StoreDir: busDir(c), Logger: log,
		Authorize: func(key string) (bus.Permissions, bool) {
			if r := registry.Load(); r != nil {
				return r.Authorize(key)
			}
			return bus.Permissions{}, false
		}})
	if err != nil {
		return err
	}
	defer nats.Close()
	conn, err := nats.Connect("plazad/" + c.Node)
	if err != nil {
		return err
	}
	defer conn.Close()
	images := imagestore.New(db, imagestore.Limits{Image: c.ImageMaxGiB << 30, Total: c.ImageStoreGiB << 30})
	back, err := openBackends(conn, people, images, func(host string) bool {
		r := registry.Load()
		return r == nil || r.Enrolled(host)
	}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back.Close()) }()

	reg := resource.NewRegistry()
	back.register(reg)
	catalogue, err := bundle.Load(bundles.FS, reg)
	if err != nil {
		return err
	}
	deployer := &bundle.Deployer{Catalogue: catalogue, HTTP: &http.Client{Timeout: time.Minute}}
	deployer.Register(reg)
	desk := &request.Desk{}
	desk.Register(reg)
	books := &runbook.Keeper{}
	books.Register(reg)
	keeper := &schedule.Keeper{}
	keeper.Register(reg)
	sealer, err := resource.LoadSealer(filepath.Join(c.Dir, sealingKey))
	if err != nil {
		return err
	}
	people.UseSealer(sealer)
	people.UseDirectory(ldap.Directory{})
	if c.SecondFactor != "" {
		people.DemandFactor()
	}
	objects := resource.NewStore(resource.Config{DB: db, Registry: reg, Authorizer: people, Tree: people, Sealer: sealer, Log: log})
	defer objects.Close()
	people.Attach(objects)
	back.useStore(objects)
	registry.Store(host.NewRegistry(objects, nats.URL, nats.CA))
	recorder := pool.NewRecorder(db, func(ctx context.Context, now time.Time) (pool.View, error) { return kinds.Pools(ctx, objects, now) })
	engine, err := operation.New(ctx, operation.Config{DB: db, Objects: objects, Node: c.Node, Log: log,
		Chores: []operation.Chore{{Name: "pools", Every: pool.RecordEvery, Run: recorder.Record}, {Name: "recount", Every: 24 * time.Hour, Run: objects.CheckQuota},
			{Name: "audit", Every: resource.ChainEvery, Run: objects.ChainAudit}, {Name: "nodes", Every: tenancy.SweepEvery, Run: people.Sweep},
			{Name: "images", Every: imagestore.SweepEvery, Run: images.Sweep}}})
	if err != nil {
		return err
	}
	objects.UseJobs(engine)
	consoles := console.New(console.Config{DB: db, Objects: objects, Driver: back.fleet, Log: log})
	defer consoles.Close()
	server, err := api.New(api.Config{Store: objects, Tenancy: people, Hosts: enroller{registry.Load()}, Portal: portal.FS(), Version: version, Log: log, Secure: c.TLSCert != "",
		Routes: []api.Routes{api.BundleRoutes(&bundle.Planner{Deployer: deployer, Objects: objects}), api.ComputeRoutes(back.fleet), api.StorageRoutes(back.clusters), api.ConsoleRoutes(consoles), api.ImageRoutes(images)}})
	if err != nil {
		return err
	}
	desk.Open(objects, people, server)
	caller, err := bus.NewCaller(conn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, caller.Close()) }()
	books.Open(runbook.Config{Objects: objects, People: people, Agents: caller, BusCA: nats.CA, Node: c.Node, Log: log})
	defer books.Close()
	if err := books.Install(ctx); err != nil {
		return err
	}
	keeper.Open(objects, people, server)
	return serve(ctx, c, log, server.HTTP(), engine, back.follow()...)
}

// bootstrap makes the first administrator on an empty database, and leaves the password where root can read it.
func bootstrap(ctx context.Context, people *tenancy.Service, dir string, log *slog.Logger) error {
	// The folder comes first: a password that can not be written down is lost.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	b, err := people.Bootstrap(ctx)
	if err != nil || !b.Created {
		return err
	}
	path := filepath.Join(dir, "initial-admin-password")
	if err := writeSecret(path, b.Password+"\n"); err != nil {
		return fmt.Errorf("%w; make a new one with: plazad reset-password %s", err, b.User)
	}
	log.Info("made the first administrator", "user", b.User, "password_file", path)
	return nil
}

// writeSecret replaces a file, whatever mode an older one of that name had.
func writeSecret(path, text string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o600)
}

func serve(ctx context.Context, c config, log *slog.Logger, web *http.Server, engine *operation.Engine, follow ...func(context.Context) error) error {
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("the API can not listen: %w", err)
	}
	if err := engine.Start(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, f := range follow {
		g.Go(func() error { return f(ctx) })
	}
	g.Go(func() error {
		log.Info("ready", "listen", listener.Addr().String(), "node", c.Node, "version", version)
		err := serveHTTP(web, listener, c)
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	})
	g.Go(func() error {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceful)
		defer cancel()
		// Watches and waits last as long as their clients like; they are cut after the grace.
		err := web.Shutdown(end)
		if errors.Is(err, context.DeadlineExceeded) {
			err = web.Close()
		}
		return errors.Join(err, engine.Stop(end))
	})
	return g.Wait()
}

func serveHTTP(web *http.Server, l net.Listener, c config) error {
	if c.TLSCert != "" {
		return web.ServeTLS(l, c.TLSCert, c.TLSKey)
	}
	return web.Serve(l)
}
