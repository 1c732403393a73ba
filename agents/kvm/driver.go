package kvm

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"libvirt.org/go/libvirt"

	"github.com/plazacloud/plaza/agents/kvm/pool"
	"github.com/plazacloud/plaza/agents/kvm/tenantnet"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/keyed"
)

// Config of a Driver. Host, StateDir and PoolDir are needed.
type Config struct {
	Host         string        // the only host this driver answers for
	LibvirtURI   string        // default qemu:///system
	StateDir     string        // small records: networks, probe results
	PoolDir      string        // disks
	BackupDir    string        // backups of volumes; default: backups in PoolDir
	RunDir       string        // runtime files of DHCP; default /run/plaza
	StopGrace    time.Duration // from the ACPI power button to the hard power-off; default 30 s
	ProbeKernel  string        // kernel that decides whether KVM works here; default: that of the first image booted
	ProbeTimeout time.Duration // until a guest with KVM must be up, if one without it is not yet; default 5 min
	AgentVersion string
	Logger       *slog.Logger
}

// attachLock keeps two servers from taking one volume; it comes after those of servers and volumes.
const attachLock = "attach"

// Driver is the provider.Driver of one KVM host.
type Driver struct {
	cfg     Config
	log     *slog.Logger
	pool    *pool.Pool
	nets    *tenantnet.Manager
	locks   keyed.Mutex     // by server, volume, image …, and attachLock
	copied  map[string]bool // volumes that are copied, and must not be attached meanwhile; under attachLock
	copies  copies
	serials serials
	accel   accelerator

	connMu sync.Mutex
	conn   *libvirt.Connect
	lost   chan struct{} // closed when conn is lost
	closed bool

	events chan provider.Event
	raw    chan rawEvent
	known  sync.Map // ids of servers seen, for events of domains that are gone
}

var _ provider.Driver = (*Driver)(nil)

// New prepares folders and tries libvirtd once; that it is down is no error, Run connects later.
func New(_ context.Context, cfg Config) (*Driver, error) {
	if cfg.Host == "" || cfg.StateDir == "" || cfg.PoolDir == "" {
		return nil, provider.Errorf(provider.ReasonInvalid, "", "the KVM driver needs host, state folder and pool folder")
	}
	if cfg.LibvirtURI == "" {
		cfg.LibvirtURI = "qemu:///system"
	}
	if cfg.StopGrace == 0 {
		cfg.StopGrace = 30 * time.Second
	}
	if cfg.ProbeTimeout == 0 {
		cfg.ProbeTimeout = 5 * time.Minute
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(cfg.StateDir, 0o711); err != nil { //nolint:gosec // nothing secret has wider modes inside
		return nil, provider.Errorf(provider.ReasonInternal, "", "state folder: %w", err)
	}
	disks, err := pool.New(cfg.PoolDir, cfg.BackupDir, cfg.Host)
	if err != nil {
		return nil, err
	}
	nets, err := tenantnet.New(tenantnet.Config{Host: cfg.Host, StateDir: cfg.StateDir, RunDir: cfg.RunDir, Logger: cfg.Logger})
	if err != nil {
		return nil, err
	}
	d := &Driver{
		cfg: cfg, log: cfg.Logger, pool: disks, nets: nets, copied: map[string]bool{},
		events: make(chan provider.Event, eventBacklog), raw: make(chan rawEvent, eventBacklog),
	}
	d.accel = accelerator{kernel: cfg.ProbeKernel, timeout: cfg.ProbeTimeout, cache: cfg.StateDir}
	if c, err := d.connect(); err == nil {
		closeConn(c)
	} else {
		d.log.Warn("libvirt is not reachable yet", "error", err)
	}
	return d, nil
}

// Run keeps the connection to libvirtd, turns its events into Events, and keeps DHCP, published ports, security rules
// and console logs in order, until ctx ends.
func (d *Driver) Run(ctx context.Context) error {
	// After a reboot the bridges come first: rules are written for them.
	if err := d.nets.Restore(ctx); err != nil {
		d.log.Error("restore networks", "error", err)
	}
	var parts sync.WaitGroup
	parts.Go(func() { d.nets.Run(ctx) })
	parts.Go(func() { d.stayConnected(ctx) })
	parts.Go(func() { d.translate(ctx) })
	parts.Go(func() { d.keepHouse(ctx) })
	parts.Wait()
	if err := ctx.Err(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// keepHouse restores the security rules once, as after a reboot, thaws guests that were left frozen, and bounds the console logs.
func (d *Driver) keepHouse(ctx context.Context) {
	d.guardAll(ctx)
	d.thawAll(ctx)
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			d.thawAll(ctx)
			if err := d.pool.TrimConsoles(); err != nil {
				d.log.Error("trim console logs", "error", err)
			}
		}
	}
}

func (d *Driver) guardAll(ctx context.Context) {
	ids, err := d.pool.Servers()
	if err != nil {
		d.log.Error("list servers", "error", err)
		return
	}
	for _, id := range ids {
		unlock, err := d.locks.Lock(ctx, id)
		if err != nil {
			return // the agent ends
		}
		if want, err := d.pool.Server(id); err == nil {
			if err := d.guard(ctx, want); err != nil {
				d.log.Error("restore security rules", "server", id, "error", err)
			}
		}
		unlock()
	}
}

// Close ends copies, stops proxies and leaves libvirtd. Servers and networks go on.
func (d *Driver) Close() error {
	d.copies.close()
	d.accel.close()
	d.nets.Close()
	d.connMu.Lock()
	defer d.connMu.Unlock()
	d.closed = true
	if d.conn == nil {
		return nil
	}
	d.unregister(d.conn)
	closeConn(d.conn)
	d.conn = nil
	return nil
}

func (d *Driver) checkHost(host string) error {
	if host != "" && host != d.cfg.Host {
		return provider.Errorf(provider.ReasonNotFound, "this driver serves "+d.cfg.Host, "host %q is not here", host)
	}
	return nil
}
