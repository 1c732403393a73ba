package provider

import (
	"context"
	"time"
)

// Region is a cloud behind one API endpoint that chooses the hypervisor itself, such as a region of OpenStack. It is a
// Driver whose only place is the region: the host of each call is the region's id.
type Region interface {
	Driver
	// Inventory reads what the region has and how it feels. A service that does not answer is told in Services and its
	// part is left out; an error means that nothing could be read.
	Inventory(ctx context.Context) (Inventory, error)
	// Watch calls f, one event at a time, for what changes in the region, asked for or not, until ctx ends. Events may be
	// lost with a connection: gap is called each time the stream begins anew, and a full look is due then.
	Watch(ctx context.Context, f func(Event), gap func(cause string)) error
	// Limit sets the region's own quotas of a project, as a fence behind Plaza's; what has them already is left alone.
	Limit(ctx context.Context, project string, l Limits) error
	// Turned receives, soon after, when a service of the region is found to fail or to answer again: a look at the
	// region's Inventory is due then. It holds one at most, and never ends.
	Turned() <-chan struct{}
	// Close ends what the driver has opened.
	Close() error
}

// Inventory is what a region has. Amounts are physical; Ratio says how often one may be promised.
type Inventory struct {
	Services    []Service       `json:"services,omitempty"`
	Hypervisors []Hypervisor    `json:"hypervisors,omitempty"`
	Storage     []StoragePool   `json:"storage,omitempty"`
	Networks    []AddressPool   `json:"networks,omitempty"`
	Baremetal   []BaremetalPool `json:"baremetal,omitempty"`
	ObservedAt  time.Time       `json:"observedAt"`
}

// Service is one API of a region.
type Service struct {
	Type     string    `json:"type"` // compute, network, volumev3, image, identity, placement, baremetal …
	Version  string    `json:"version,omitempty"`
	Up       bool      `json:"up"`
	Circuit  string    `json:"circuit"`         // closed, half-open or open
	Error    string    `json:"error,omitempty"` // why it is not up
	Since    time.Time `json:"since"`           // of the present Up
	Requests uint64    `json:"requests"`
	Failures uint64    `json:"failures"`
}

// Hypervisor is a compute node that a region runs servers on.
type Hypervisor struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Zone       string            `json:"zone,omitempty"`
	Aggregates []string          `json:"aggregates,omitempty"`
	Traits     []string          `json:"traits,omitempty"`
	Arch       string            `json:"arch,omitempty"`
	Type       string            `json:"type"` // QEMU, ironic …
	Up         bool              `json:"up"`
	Enabled    bool              `json:"enabled"`
	Reason     string            `json:"reason,omitempty"` // why it is down or disabled
	Servers    int               `json:"servers"`
	Stock      map[string]Stock  `json:"stock"` // VCPU, MEMORY_MB, DISK_GB, custom resource classes
	Labels     map[string]string `json:"labels,omitempty"`
	Required   []string          `json:"required,omitempty"` // traits without which its aggregates let no server in
}

// Stock is one resource of a provider, as Placement counts: capacity is (Total-Reserved)*RatioMilli/1000.
type Stock struct {
	Total      int64 `json:"total"`
	Reserved   int64 `json:"reserved"`
	RatioMilli int64 `json:"ratioMilli"` // overcommit in thousandths
	Used       int64 `json:"used"`
}

// Capacity is what may be promised.
func (s Stock) Capacity() int64 { return (s.Total - s.Reserved) * s.RatioMilli / 1000 }

// Free is what may still be promised.
func (s Stock) Free() int64 { return max(s.Capacity()-s.Used, 0) }

// StoragePool is a backend's pool of one kind of storage.
type StoragePool struct {
	Name     string `json:"name"`
	Backend  string `json:"backend,omitempty"` // name that tiers ask for it by
	Tier     string `json:"tier,omitempty"`    // volume type that lands on it
	TotalGiB int64  `json:"totalGiB"`
	FreeGiB  int64  `json:"freeGiB"`
	Promised int64  `json:"promisedGiB"` // sum of the sizes of its volumes
	Up       bool   `json:"up"`
}

// AddressPool is a network that addresses reachable from outside come from.
type AddressPool struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Total int64  `json:"total"`
	Used  int64  `json:"used"`
}

// BaremetalPool counts the machines of one resource class.
type BaremetalPool struct {
	Class  string `json:"class"`
	Total  int    `json:"total"`
	Free   int    `json:"free"`
	Used   int    `json:"used"`
	Broken int    `json:"broken"` // in maintenance, or a step failed: never given out
	Busy   int    `json:"busy"`   // being cleaned, inspected or enrolled
}

// RegionSettings say where a region's cloud is and who Plaza is there.
type RegionSettings struct {
	Type            string `json:"type"`    // openstack
	AuthURL         string `json:"authURL"` // of the identity service, e.g. https://cloud.example:5000/v3
	Region          string `json:"region,omitempty"`
	Username        string `json:"username"`
	Password        string `json:"-"`
	Project         string `json:"project"`
	UserDomain      string `json:"userDomain,omitempty"`
	ProjectDomain   string `json:"projectDomain,omitempty"`
	CACert          string `json:"caCert,omitempty"`          // PEM; empty: the system's
	Interface       string `json:"interface,omitempty"`       // public or internal
	ExternalNetwork string `json:"externalNetwork,omitempty"` // name or id; empty: the only one
	Notifications   string `json:"-"`                         // amqp(s) URL of the region's message bus; empty: none
}

// Regions knows the regions by the ids of their objects.
type Regions interface {
	// Connect returns the region's driver, opened anew when the settings have changed. It does not wait for the cloud.
	Connect(ctx context.Context, place string, s RegionSettings) (Region, error)
	// Forget closes what Connect opened.
	Forget(place string)
}
