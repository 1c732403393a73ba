//go:build ceph

package ceph

import (
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/keyed"
)

// Config of a Driver. Zero values take the defaults named.
type Config struct {
	ConfFile string        // the cluster's configuration; default /etc/ceph/ceph.conf
	User     string        // client whose key is used, without "client."; default admin
	Pool     string        // RBD pool of volumes that name none; default the first of application rbd
	FS       string        // file system of shares; default the cluster's first
	Timeout  time.Duration // of a single operation of the cluster; default 30 s
	Logger   *slog.Logger
}

// Driver is one Ceph cluster.
type Driver struct {
	cfg   Config
	log   *slog.Logger
	locks keyed.Mutex // one change of an image, share or pool at a time
	link  connection
	seen  sync.Map // share id → group it was last found in
}

var (
	_ provider.Block   = (*Driver)(nil)
	_ provider.Files   = (*Driver)(nil)
	_ provider.Cluster = (*Driver)(nil)
)

// New returns a driver; it connects with the first call, so that a cluster without quorum keeps no agent from starting.
func New(cfg Config) *Driver {
	if cfg.ConfFile == "" {
		cfg.ConfFile = "/etc/ceph/ceph.conf"
	}
	if cfg.User == "" {
		cfg.User = "admin"
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &Driver{cfg: cfg, log: cfg.Logger.With("driver", "ceph")}
}

// Close ends the connection to the cluster; calls under way end first.
func (d *Driver) Close() { d.link.close() }

const prefix = "plaza-"

func nameOf(id string) string { return prefix + id }

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// idOf is the Plaza id in a name that Plaza gave, "" for others.
func idOf(name string) string {
	if id, ok := strings.CutPrefix(name, prefix); ok && uuid.MatchString(id) {
		return id
	}
	return ""
}

func checkID(kind, id string) error {
	if !uuid.MatchString(id) {
		return provider.Errorf(provider.ReasonInvalid, "", "%q is not the id of a %s", id, kind)
	}
	return nil
}
