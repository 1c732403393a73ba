package kinds

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// RegionSpec is a cloud that Plaza places orders in, and what operators decide about it.
type RegionSpec struct {
	Type            string            `json:"type" enum:"openstack" doc:"What sort of cloud it is"`
	AuthURL         string            `json:"authURL" minLength:"1" maxLength:"255" doc:"Identity service, e.g. https://cloud.example:5000/v3"`
	Region          string            `json:"region,omitempty" maxLength:"255" doc:"Name of the region in the cloud's catalogue; the only one when empty"`
	Username        string            `json:"username" minLength:"1" maxLength:"255" doc:"Of the account that Plaza uses there"`
	Password        string            `json:"password" maxLength:"1024" doc:"Encrypted at rest and never returned"`
	Project         string            `json:"project" minLength:"1" maxLength:"255" doc:"Project in which Plaza is an administrator"`
	UserDomain      string            `json:"userDomain,omitempty" maxLength:"255" doc:"Default: Default"`
	ProjectDomain   string            `json:"projectDomain,omitempty" maxLength:"255" doc:"Default: that of the user"`
	CACert          string            `json:"caCert,omitempty" maxLength:"65536" doc:"PEM; the system's authorities when empty"`
	Interface       string            `json:"interface,omitempty" enum:"public,internal" doc:"Which endpoints of the catalogue to use; default public"`
	ExternalNetwork string            `json:"externalNetwork,omitempty" maxLength:"255" doc:"Where floating addresses come from, by name or id; the only external network when empty"`
	Notifications   string            `json:"notifications,omitempty" maxLength:"1024" doc:"amqp:// or amqps:// URL of the cloud's message bus; encrypted at rest and never returned. Without it, changes made outside show at the next survey"`
	Schedulable     bool              `json:"schedulable" doc:"New orders may be placed here"`
	Labels          map[string]string `json:"traits,omitempty" doc:"What flavors and orders can ask for"`
	Drift           DriftPolicy       `json:"drift,omitzero" doc:"What is done about differences between Plaza and the cloud"`
}

// RegionStatus is what was last read of the region.
type RegionStatus struct {
	provider.Inventory
	Alive    bool       `json:"alive" doc:"Its compute and identity services answer"`
	LastSeen *time.Time `json:"lastSeen,omitempty"`
	Foreign  Foreign    `json:"foreign" doc:"What is used there by others than Plaza"`
}

// Foreign is the use of a region that is not Plaza's.
type Foreign struct {
	VCPUs     int64 `json:"vcpus"`
	MemoryMiB int64 `json:"memoryMiB"`
	VolumeGiB int64 `json:"volumeGiB"`
}

// Region is a cloud that Plaza places orders in.
type Region = resource.Object[RegionSpec, RegionStatus]

const (
	regionEvery = 30 * time.Second // a region is looked at when nothing calls for it
	regionSoon  = 5 * time.Second  // while a service of it does not answer: orders wait for that
)

func regionKind(b Backends) resource.Kind[RegionSpec, RegionStatus] {
	return resource.Kind[RegionSpec, RegionStatus]{
		Name: "region", Plural: "regions", Doc: "A cloud, such as an OpenStack region, that orders are placed in.", Scoping: resource.Global, HeedsLimits: true,
		Columns: []resource.Column{{Header: "TYPE", Path: "spec.type"}, {Header: "ALIVE", Path: "status.alive"}, {Header: "HYPERVISORS", Path: "status.hypervisors.name"},
			{Header: "SERVICES", Path: "status.services.type"}},
		Secrets:  []string{"password", "notifications"},
		Default:  defaultRegion,
		Validate: validateRegion,
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *Region) error {
			for _, kind := range []string{"server", "volume", "snapshot", "backup", "network", "router", "floatingip"} {
				if err := refuseInUse(ctx, a, o.Meta, kind, "status.host"); err != nil {
					return err
				}
			}
			if err := refuseInUse(ctx, a, o.Meta, "servergroup", "status.places"); err != nil {
				return err
			}
			return refuseInUse(ctx, a, o.Meta, "baremetal", "spec.region")
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Region) (resource.Result, error) {
			return reconcileRegion(ctx, b, r, o)
		},
		Delete: func(_ context.Context, _ *resource.Reconciliation, o *Region) (resource.Result, error) {
			if b.Regions != nil {
				b.Regions.Forget(o.ID)
			}
			return resource.Result{Done: true}, nil
		},
	}
}

func defaultRegion(_ context.Context, _ *resource.Admission, o *Region) error {
	if o.Spec.UserDomain == "" {
		o.Spec.UserDomain = "Default"
	}
	if o.Spec.ProjectDomain == "" {
		o.Spec.ProjectDomain = o.Spec.UserDomain
	}
	if o.Spec.Interface == "" {
		o.Spec.Interface = "public"
	}
	return nil
}

func validateRegion(_ context.Context, _ *resource.Admission, old, o *Region) error {
	if u, err := url.Parse(o.Spec.AuthURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		p := resource.Invalid("region", "spec.authURL", o.Spec.AuthURL, "is not the URL of an identity service")
		p.Hint = "for example https://cloud.example:5000/v3"
		return p
	}
	if u, err := url.Parse(o.Spec.Notifications); err != nil || o.Spec.Notifications != "" && u.Scheme != "amqp" && u.Scheme != "amqps" {
		return resource.Invalid("region", "spec.notifications", "(secret)", "begins with amqp:// or amqps://")
	}
	if old != nil && (old.Spec.Type != o.Spec.Type || old.Spec.Region != o.Spec.Region) {
		return resource.Invalid("region", "spec.region", o.Spec.Region, "a region does not become another one under what is placed in it; make a new region")
	}
	return nil
}

// Settings are what the region's driver is opened with.
func (s RegionSpec) Settings() provider.RegionSettings {
	return provider.RegionSettings{Type: s.Type, AuthURL: s.AuthURL, Region: s.Region, Username: s.Username, Password: s.Password, Project: s.Project,
		UserDomain: s.UserDomain, ProjectDomain: s.ProjectDomain, CACert: s.CACert, Interface: s.Interface, ExternalNetwork: s.ExternalNetwork, Notifications: s.Notifications}
}

// reconcileRegion reads the region's inventory and tells placement how much there is. It looks again for ever.
func reconcileRegion(ctx context.Context, b Backends, r *resource.Reconciliation, o *Region) (resource.Result, error) {
	if b.Regions == nil {
		return resource.Result{}, errDriverless
	}
	region, err := b.Regions.Connect(ctx, o.ID, o.Spec.Settings())
	if err != nil {
		return resource.Result{}, Explain("region", err)
	}
	inventory, err := region.Inventory(ctx)
	if err != nil {
		return lostRegion(r, o, err), nil
	}
	o.Status.Inventory = keepLost(o.Status.Inventory, inventory)
	o.Status.Alive = !slices.ContainsFunc(inventory.Services, func(s provider.Service) bool {
		return !s.Up && (s.Type == "compute" || s.Type == "identity")
	})
	seen := inventory.ObservedAt.UTC().Truncate(time.Second)
	o.Status.LastSeen = &seen
	o.SetCondition(regionCondition(o.Status))
	if err := foreignUse(ctx, r, o); err != nil {
		return resource.Result{}, err
	}
	if err := r.SetCapacity(ctx, hostPool(o.ID), regionCapacity(*o)); err != nil {
		return resource.Result{}, err
	}
	if more := limitRegion(ctx, r, o, region); more || o.Condition("Services").Status == resource.False {
		return resource.Result{Done: true, Again: regionSoon}, nil
	}
	return resource.Result{Done: true, Again: regionEvery}, nil
}

// keepLost keeps the parts that services tell which do not answer now: what was last seen is better than nothing, and
// the service's state says how old it is.
func keepLost(was, is provider.Inventory) provider.Inventory {
	down := map[string]bool{}
	for _, s := range is.Services {
		down[s.Type] = !s.Up
	}
	if down["compute"] {
		is.Hypervisors = was.Hypervisors
	} else if down["placement"] {
		for i, h := range is.Hypervisors {
			if j := slices.IndexFunc(was.Hypervisors, func(w provider.Hypervisor) bool { return w.Name == h.Name }); j >= 0 {
				is.Hypervisors[i].Stock, is.Hypervisors[i].Traits = was.Hypervisors[j].Stock, was.Hypervisors[j].Traits
			}
		}
	}
	if down["volumev3"] {
		is.Storage = was.Storage
	}
	if down["network"] {
		is.Networks = was.Networks
	}
	if down["baremetal"] {
		is.Baremetal = was.Baremetal
	}
	return is
}

// lostRegion keeps what was last seen, with its age, and says that nothing can be placed there now.
func lostRegion(r *resource.Reconciliation, o *Region, err error) resource.Result {
	if o.Status.Alive {
		r.Note("region.lost", err.Error())
	}
	o.Status.Alive = false
	o.SetCondition(resource.Condition{Type: "Services", Status: resource.False, Reason: "Unreachable", Message: err.Error()})
	return resource.Result{Again: regionSoon, Message: err.Error(), Degraded: o.ObservedGeneration > 0}
}

func regionCondition(s RegionStatus) resource.Condition {
	for _, x := range s.Services {
		if !x.Up {
			return resource.Condition{Type: "Services", Status: resource.False, Reason: "ServiceDown", Message: x.Type + ": " + x.Error}
		}
	}
	return resource.Condition{Type: "Services", Status: resource.True, Reason: "Answer", Message: fmt.Sprintf("%d services answer", len(s.Services))}
}

// foreignUse is what the region says is used beyond what Plaza has claimed there.
func foreignUse(ctx context.Context, r *resource.Reconciliation, o *Region) error {
	claimed, err := r.Pool(ctx, hostPool(o.ID))
	if err != nil {
		return err
	}
	var vcpus, memory, volumes int64
	for _, h := range o.Status.Hypervisors {
		vcpus, memory = vcpus+h.Stock["VCPU"].Used, memory+h.Stock["MEMORY_MB"].Used
	}
	for _, s := range o.Status.Storage {
		volumes += s.Promised
	}
	o.Status.Foreign = Foreign{VCPUs: max(vcpus-claimed["vcpus"].Committed, 0), MemoryMiB: max(memory-claimed["memory_mib"].Committed, 0),
		VolumeGiB: max(volumes-claimed["volume_gib"].Committed, 0)}
	return nil
}

// regionCapacity is what Plaza may promise: what hypervisors that take orders have, less what others use.
func regionCapacity(o Region) resource.Charges {
	c := resource.Charges{"vcpus": -o.Status.Foreign.VCPUs, "memory_mib": -o.Status.Foreign.MemoryMiB, "disk_gib": 0, "volume_gib": -o.Status.Foreign.VolumeGiB}
	for _, h := range o.Status.Hypervisors {
		if h.Up && h.Enabled {
			c["vcpus"] += h.Stock["VCPU"].Capacity()
			c["memory_mib"] += h.Stock["MEMORY_MB"].Capacity()
			c["disk_gib"] += h.Stock["DISK_GB"].Capacity()
		}
	}
	for _, s := range o.Status.Storage {
		c["volume_gib"] += s.TotalGiB
	}
	for metric, n := range c {
		c[metric] = max(n, 0)
	}
	return c
}

// Places reads everything that servers can be placed on: hosts of KVM sites, and regions.
func Places(ctx context.Context, r resource.Reader, claims func(context.Context, string) (map[string]resource.QuotaUsage, error)) ([]pool.Host, error) {
	out, err := Hosts(ctx, r, claims)
	if err != nil {
		return nil, err
	}
	err = resource.All(ctx, r, resource.Query{Kind: "region"}, func(raw resource.Raw) error {
		o, err := resource.As[RegionSpec, RegionStatus](raw)
		if err != nil {
			return err
		}
		used, err := claims(ctx, hostPool(o.ID))
		if err != nil {
			return err
		}
		out = append(out, regionPlace(o, used))
		return nil
	})
	return out, err
}

// backendsOf are the storage backends that take volumes now, by name.
func backendsOf(s RegionStatus) []string {
	var out []string
	for _, x := range s.Storage {
		if x.Up && x.Backend != "" && !slices.Contains(out, x.Backend) {
			out = append(out, x.Backend)
		}
	}
	return out
}

func regionPlace(o Region, used map[string]resource.QuotaUsage) pool.Host {
	c := regionCapacity(o)
	p := pool.Host{ID: o.ID, Name: o.Name, Site: o.Name, Region: true, Alive: o.Status.Alive, Schedulable: o.Spec.Schedulable, Labels: o.Spec.Labels, Groups: map[string]int{},
		VCPUs: c["vcpus"], MemoryMiB: c["memory_mib"], DiskGiB: c["disk_gib"], VolumeGiB: c["volume_gib"], Backends: backendsOf(o.Status), UsedVCPUs: used["vcpus"].Committed,
		UsedMemoryMiB: used["memory_mib"].Committed, UsedDiskGiB: used["disk_gib"].Committed, UsedVolumeGiB: used["volume_gib"].Committed}
	for _, h := range o.Status.Hypervisors {
		if !h.Up || !h.Enabled {
			continue
		}
		p.Nodes = append(p.Nodes, pool.Node{Name: h.Name, Arch: h.Arch, FreeVCPUs: h.Stock["VCPU"].Free(), FreeMemoryMiB: h.Stock["MEMORY_MB"].Free(), Labels: h.Labels, Required: h.Required})
	}
	p.Why = "closed to new orders by its operator"
	if !o.Status.Alive {
		services := o.Condition("Services")
		p.Why = "its cloud does not answer: " + services.Message
	}
	return p
}
