package kinds

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// HostSpec is what operators decide about a host.
type HostSpec struct {
	Site              string            `json:"site" minLength:"1" maxLength:"63" doc:"KVM site or region the host belongs to"`
	Schedulable       bool              `json:"schedulable" doc:"New servers may be placed here"`
	CPUOvercommit     float64           `json:"cpuOvercommit,omitempty" minimum:"0.1" maximum:"64" doc:"vCPUs per physical CPU; default 8"`
	MemoryOvercommit  float64           `json:"memoryOvercommit,omitempty" minimum:"0.1" maximum:"4" doc:"Default 1"`
	ReservedMemoryMiB int               `json:"reservedMemoryMiB,omitempty" minimum:"0" doc:"Kept for the host itself; default 1024"`
	Roles             []string          `json:"roles,omitempty" maxItems:"8" enum:"kvm,ceph,bmc" doc:"What it is for; default kvm"`
	Labels            map[string]string `json:"traits,omitempty" doc:"What flavors and orders can ask for"`
	ReservedFor       string            `json:"reservedFor,omitempty" maxLength:"63" doc:"Name of one of its traits: only servers whose flavor asks for that are placed here, and their volumes"`
	FloatingCIDRs     []string          `json:"floatingCIDRs,omitempty" maxItems:"8" doc:"Addresses that projects may hold: routed to this host, or of a network it is on"`
	PublicKey         string            `json:"publicKey,omitempty" doc:"NKey of the host's agent"`
	Drift             DriftPolicy       `json:"drift,omitzero" doc:"What is done about differences between Plaza and the host"`
}

// Is tells whether the host is for something; one that says nothing runs servers.
func (s HostSpec) Is(role string) bool {
	return slices.Contains(s.Roles, role) || len(s.Roles) == 0 && role == roleKVM
}

// Roles of hosts.
const (
	roleKVM  = "kvm"
	roleCeph = "ceph"
)

// HostStatus is what the host's agent reports.
type HostStatus struct {
	provider.HostState
	Alive    bool       `json:"alive"`
	LastSeen *time.Time `json:"lastSeen,omitempty"`
}

// Host is a machine that runs servers.
type Host = resource.Object[HostSpec, HostStatus]

// deadAfter is how long a host may be silent; it reports every second.
const deadAfter = 5 * time.Second

func hostKind(b Backends) resource.Kind[HostSpec, HostStatus] {
	return resource.Kind[HostSpec, HostStatus]{
		Name: "host", Plural: "hosts", Doc: "A machine with an agent on it, that runs servers or storage.", Scoping: resource.Global,
		Columns: []resource.Column{{Header: "SITE", Path: "spec.site"}, {Header: "ROLES", Path: "spec.roles"}, {Header: "ALIVE", Path: "status.alive"}, {Header: "ACCEL", Path: "status.accel"},
			{Header: "CPUS", Path: "status.cpus"}, {Header: "MEMORY MIB", Path: "status.memoryMiB"}, {Header: "SERVERS", Path: "status.runningServers"}},
		Indexed: []string{"spec.site", "spec.publicKey"},
		Default: func(_ context.Context, _ *resource.Admission, o *Host) error {
			if len(o.Spec.Roles) == 0 {
				o.Spec.Roles = []string{roleKVM}
			}
			if o.Spec.CPUOvercommit == 0 {
				o.Spec.CPUOvercommit = 8
			}
			if o.Spec.MemoryOvercommit == 0 {
				o.Spec.MemoryOvercommit = 1
			}
			if o.Spec.ReservedMemoryMiB == 0 {
				o.Spec.ReservedMemoryMiB = 1024
			}
			return nil
		},
		Validate: func(_ context.Context, _ *resource.Admission, _, o *Host) error {
			if _, has := o.Spec.Labels[o.Spec.ReservedFor]; !has && o.Spec.ReservedFor != "" {
				return resource.Invalid("host", "spec.reservedFor", o.Spec.ReservedFor, "is none of the host's traits, so that no server could be placed here")
			}
			return validateRanges(o.Spec.FloatingCIDRs)
		},
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *Host) error {
			for _, kind := range []string{"server", "volume", "snapshot", "backup", "network", "router", "floatingip"} {
				if err := refuseInUse(ctx, a, o.Meta, kind, "status.host"); err != nil {
					return err
				}
			}
			return refuseInUseByName(ctx, a, o.Meta, "cluster", "spec.hosts")
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Host) (resource.Result, error) {
			return reconcileHost(ctx, b, r, o)
		},
	}
}

// reconcileHost takes over the last report and tells placement how much there is.
func reconcileHost(ctx context.Context, b Backends, r *resource.Reconciliation, o *Host) (resource.Result, error) {
	if b.Vitals == nil {
		return resource.Result{}, errDriverless
	}
	state, seen := b.Vitals(o.ID)
	if seen.IsZero() || time.Since(seen) > deadAfter {
		if o.Status.Alive {
			r.Note("host.silent", "the agent has not been heard of since "+o.Status.LastSeen.Format(time.RFC3339))
		}
		o.Status.Alive = false
		return resource.Result{Again: 2 * time.Second, Message: "the agent does not report", Degraded: o.ObservedGeneration > 0}, nil
	}
	if state.ObservedAt.IsZero() {
		return resource.Result{Again: time.Second, Message: "the agent is looking at the host"}, nil
	}
	o.Status.HostState, o.Status.Alive = state, true
	seen = seen.UTC().Truncate(time.Second)
	o.Status.LastSeen = &seen
	if !o.Spec.Is(roleKVM) {
		return resource.Result{Done: true}, nil // it has no hypervisor and no room to promise
	}
	up := resource.Condition{Type: "Hypervisor", Status: resource.True, Reason: "Answers", Message: state.Hypervisor + ", " + state.AccelReason}
	if !state.LibvirtUp {
		up.Status, up.Reason, up.Message = resource.False, "LibvirtDown", state.LibvirtError
	}
	o.SetCondition(up)
	if err := r.SetCapacity(ctx, hostPool(o.ID), hostCapacity(*o)); err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Done: true}, nil
}

func hostPool(id string) string { return "host:" + id }

func hostCapacity(h Host) resource.Charges {
	if !h.Spec.Is(roleKVM) {
		return resource.Charges{}
	}
	memory := float64(h.Status.MemoryMiB-h.Spec.ReservedMemoryMiB) * h.Spec.MemoryOvercommit
	return resource.Charges{"vcpus": int64(float64(h.Status.CPUs) * h.Spec.CPUOvercommit), "memory_mib": max(int64(memory), 0), "disk_gib": int64(h.Status.DiskGiB)}
}

// Hosts reads every host that runs servers as placement sees it.
func Hosts(ctx context.Context, r resource.Reader, claims func(context.Context, string) (map[string]resource.QuotaUsage, error)) ([]pool.Host, error) {
	var out []pool.Host
	err := resource.All(ctx, r, resource.Query{Kind: "host"}, func(raw resource.Raw) error {
		h, err := resource.As[HostSpec, HostStatus](raw)
		if err != nil || !h.Spec.Is(roleKVM) {
			return err
		}
		used, err := claims(ctx, hostPool(h.ID))
		if err != nil {
			return err
		}
		out = append(out, hostPlace(h, used))
		return nil
	})
	return out, err
}

func hostPlace(h Host, used map[string]resource.QuotaUsage) pool.Host {
	capacity := hostCapacity(h)
	return pool.Host{ID: h.ID, Name: h.Name, Site: h.Spec.Site, Arch: h.Status.Arch, Alive: h.Status.Alive && h.Status.LibvirtUp, Schedulable: h.Spec.Schedulable,
		VCPUs: capacity["vcpus"], MemoryMiB: capacity["memory_mib"], DiskGiB: capacity["disk_gib"], UsedVCPUs: used["vcpus"].Committed,
		UsedMemoryMiB: used["memory_mib"].Committed, UsedDiskGiB: used["disk_gib"].Committed, Labels: h.Spec.Labels, ReservedFor: h.Spec.ReservedFor, Groups: map[string]int{}, Why: why(h)}
}

func why(h Host) string {
	switch {
	case !h.Status.Alive && h.Status.LastSeen == nil:
		return "its agent has never reported"
	case !h.Status.Alive:
		return fmt.Sprintf("its agent was last heard of at %s", h.Status.LastSeen.Format(time.RFC3339))
	case !h.Status.LibvirtUp:
		return "libvirtd does not answer: " + h.Status.LibvirtError
	}
	return "closed to new servers by its operator"
}
