package kinds

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// ServerSpec is a wanted server.
type ServerSpec struct {
	Flavor         string            `json:"flavor" doc:"Flavor name"`
	Image          string            `json:"image" doc:"Image name"`
	Network        string            `json:"network" doc:"Network name or id; kept as its id"`
	Address        string            `json:"address,omitempty" doc:"Fixed IPv4 address; given out when empty"`
	SecurityGroups []string          `json:"securityGroups,omitempty" maxItems:"16" doc:"Names or ids, kept as ids; without any, nothing may come in"`
	Keypair        string            `json:"keypair,omitempty" doc:"Name or id; kept as its id"`
	UserData       string            `json:"userData,omitempty" maxLength:"262144" doc:"cloud-config; encrypted at rest and never returned"`
	Volumes        []string          `json:"volumes,omitempty" maxItems:"8" doc:"Volume names or ids; kept as ids"`
	Ports          []string          `json:"ports,omitempty" maxItems:"7" doc:"Ports for further cards, by name or id; kept as ids"`
	Backup         string            `json:"backup,omitempty" maxLength:"63" doc:"Backup of a server's own disk, part of a server backup, that its own disk begins with; kept as its id, where that is"`
	Publish        []PublishSpec     `json:"publish,omitempty" maxItems:"32" doc:"TCP ports to make reachable from outside"`
	Power          string            `json:"power,omitempty" enum:"running,stopped,paused,suspended,shelved" doc:"Default running. paused stands still in memory, suspended has its memory on disk, shelved is off and holds neither vCPUs nor memory"`
	Host           string            `json:"host,omitempty" doc:"Host or region to run on; chosen when empty"`
	ServerGroup    string            `json:"serverGroup,omitempty" doc:"Name or id of the group whose policy it is placed by; kept as its id"`
	RestartedAt    string            `json:"restartedAt,omitempty" readOnly:"true" doc:"Changes with each reboot that was asked for"`
	Snapshots      []string          `json:"snapshots,omitempty" maxItems:"16" doc:"Snapshots to keep, of disk and memory"`
	Revert         *RevertSpec       `json:"revert,omitempty" readOnly:"true" doc:"The last return to a snapshot that was asked for"`
	Rebuild        *RebuildSpec      `json:"rebuild,omitempty" readOnly:"true" doc:"The last rebuild that was asked for"`
	Rescue         *RescueSpec       `json:"rescue,omitempty" readOnly:"true" doc:"Set while it is in rescue"`
	Resize         *ResizeSpec       `json:"resize,omitempty" readOnly:"true" doc:"A resize that is neither confirmed nor reverted"`
	Migrate        *MigrateSpec      `json:"migrate,omitempty" readOnly:"true" doc:"The last migration that was asked for"`
	Locked         *LockSpec         `json:"locked,omitempty" readOnly:"true" doc:"Set while it is locked against changes"`
	Metadata       map[string]string `json:"metadata,omitempty" maxProperties:"64" doc:"Keys and values that the guest can read"`
	Keep           bool              `json:"keep,omitempty" doc:"Of an adopted one: deletion leaves it at its cloud"`
	Adopted        *Adopted          `json:"adopted,omitempty" readOnly:"true" doc:"Set when others made it and Plaza took it over"`
}

// RevertSpec asks once for the return to a snapshot.
type RevertSpec struct {
	Snapshot string `json:"snapshot" doc:"To return to"`
	AskedAt  string `json:"askedAt" doc:"Tells one return from the next"`
}

// PublishSpec makes a TCP port reachable: on the host's loopback by default, on a floating address in production.
type PublishSpec struct {
	Port   int    `json:"port" minimum:"1" maximum:"65535" doc:"Of the server"`
	Listen string `json:"listen,omitempty" doc:"host:port to listen on; default 127.0.0.1 and a free port"`
}

// ServerStatus is what was seen of a server.
type ServerStatus struct {
	Host        string              `json:"host,omitempty" doc:"Id of the host or region"`
	HostName    string              `json:"hostName,omitempty"`
	Node        string              `json:"node,omitempty" doc:"Hypervisor within a region"`
	Power       provider.PowerState `json:"power,omitempty"`
	Address     string              `json:"address,omitempty"`
	MAC         string              `json:"mac,omitempty"`
	Published   []Published         `json:"published,omitempty"`
	Floating    string              `json:"floating,omitempty" doc:"Floating address that leads to it"`
	Accel       string              `json:"accel,omitempty" doc:"kvm or tcg"`
	VCPUs       int                 `json:"vcpus,omitempty"`
	MemoryMiB   int                 `json:"memoryMiB,omitempty"`
	DiskGiB     int                 `json:"diskGiB,omitempty"`
	Traits      map[string]string   `json:"traits,omitempty" doc:"What its flavor asks of hosts"`
	Since       *time.Time          `json:"since,omitempty" doc:"Start of the present power state"`
	RestartedAt string              `json:"restartedAt,omitempty"`
	Snapshots   []string            `json:"snapshots,omitempty"`
	RevertedAt  string              `json:"revertedAt,omitempty"`
	Rescued     bool                `json:"rescued,omitempty" doc:"It has booted for rescue"`
	ResizedFrom string              `json:"resizedFrom,omitempty" doc:"Flavor that a resize can be reverted to"`
	MigratedAt  string              `json:"migratedAt,omitempty"`
	Ports       []string            `json:"ports,omitempty" doc:"Ids of the ports that it has cards for"`
	Volumes     []string            `json:"volumes,omitempty" doc:"Of an adopted server: those that Plaza attached"`
	Gone        bool                `json:"gone,omitempty" doc:"The backend has nothing left of it"`
}

// Server is a virtual machine.
type Server = resource.Object[ServerSpec, ServerStatus]

func serverKind(b Backends) resource.Kind[ServerSpec, ServerStatus] {
	return resource.Kind[ServerSpec, ServerStatus]{
		Name: "server", Plural: "servers", Doc: "A virtual machine.",
		Columns: []resource.Column{{Header: "POWER", Path: "status.power"}, {Header: "ADDRESS", Path: "status.address"}, {Header: "FLAVOR", Path: "spec.flavor"},
			{Header: "IMAGE", Path: "spec.image"}, {Header: "HOST", Path: "status.hostName"}, {Header: "PUBLISHED", Path: "status.published.endpoint"}},
		Indexed: []string{"spec.flavor", "spec.image", "spec.network", "spec.volumes", "spec.ports", "spec.securityGroups", "spec.keypair", "spec.serverGroup",
			"spec.rescue.image", "spec.backup", "spec.adopted.backend", "status.host", "status.power", "status.address"},
		Secrets:  []string{"userData"},
		Default:  defaultServer,
		Validate: validateServer,
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *Server) error {
			if err := o.Spec.Locked.Refuse(o); err != nil {
				return err
			}
			if err := refuseUnderWay(ctx, a, o.Meta, "serverbackup", "spec.server", "status.createdAt"); err != nil {
				return err
			}
			return refuseInUse(ctx, a, o.Meta, "loadbalancer", "spec.listeners.members.servers")
		},
		Charge: chargeServer,
		Forecast: func(ctx context.Context, r resource.Reader, o *Server) (resource.Charges, error) {
			return forecastServers(ctx, r, o.Spec.Flavor, 1)
		},
		Meter: func(o *Server) resource.Measures {
			m := resource.Measures{"servers": 1, "disk_gib": int64(o.Status.DiskGiB)}
			if o.Status.Power == provider.PowerRunning || o.Status.Power == provider.PowerPaused {
				m["vcpus"], m["memory_mib"] = int64(o.Status.VCPUs), int64(o.Status.MemoryMiB)
			}
			return m
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Server) (resource.Result, error) {
			return serverPass{b, r, o}.reconcile(ctx)
		},
		Delete: func(ctx context.Context, r *resource.Reconciliation, o *Server) (resource.Result, error) {
			return serverPass{b, r, o}.remove(ctx)
		},
		Actions: serverActions(),
		Verbs:   []string{"console"},
	}
}

// forecastServers tells what n servers of a flavor take.
func forecastServers(ctx context.Context, r resource.Reader, flavor string, n int) (resource.Charges, error) {
	f, err := find[FlavorSpec, FlavorStatus](ctx, r, "flavor", "", flavor, "spec.flavor", "server")
	if err != nil {
		return nil, err
	}
	count := int64(n)
	return withTraits(resource.Charges{"servers": count, "vcpus": count * int64(f.Spec.VCPUs), "memory_mib": count * int64(f.Spec.MemoryMiB)}, f.Spec.Traits, count), nil
}

// defaultServer turns names into ids where the name may be given to another object later, and sizes the order.
func defaultServer(ctx context.Context, a *resource.Admission, o *Server) error {
	if o.Spec.Power == "" {
		o.Spec.Power = string(provider.PowerRunning)
	}
	for i := range o.Spec.Publish {
		if o.Spec.Publish[i].Listen == "" {
			o.Spec.Publish[i].Listen = "127.0.0.1:0"
		}
	}
	flavor, err := find[FlavorSpec, FlavorStatus](ctx, a, "flavor", "", o.Spec.Flavor, "spec.flavor", "server")
	if err != nil {
		return err
	}
	image, key, err := useImage(ctx, a, o.Meta, o.Spec.Image, "spec.image")
	if err != nil {
		return err
	}
	o.Spec.Image = key
	if image.Spec.External && image.Spec.Adopted == nil && o.Spec.Adopted == nil && o.Status.Host == "" {
		return resource.Invalid("server", "spec.image", o.Spec.Image, "stands for images that Plaza does not know; nothing can be made from it")
	}
	if err := roomy("server", flavor, image); err != nil {
		return err
	}
	if o.Spec.Rescue != nil {
		if _, o.Spec.Rescue.Image, err = useImage(ctx, a, o.Meta, o.Spec.Rescue.Image, "spec.rescue.image"); err != nil {
			return err
		}
	}
	network, err := find[NetworkSpec, NetworkStatus](ctx, a, "network", o.Project, o.Spec.Network, "spec.network", "server")
	if err != nil {
		return err
	}
	o.Spec.Network = network.ID
	if network.Spec.Adopted != nil && len(o.Spec.Publish) > 0 {
		return resource.Invalid("server", "spec.publish", nil, "network %s was adopted, and its routers are not Plaza's to publish on", network.Name)
	}
	o.Status.VCPUs, o.Status.MemoryMiB, o.Status.DiskGiB, o.Status.Traits = flavor.Spec.VCPUs, flavor.Spec.MemoryMiB, flavor.Spec.DiskGiB, flavor.Spec.Traits
	settled := o.Spec.Adopted != nil || o.Status.Address == o.Spec.Address // it has the address already
	if o.Spec.Address != "" && !settled && !network.Spec.takes(o.Spec.Address) {
		return resource.Invalid("server", "spec.address", o.Spec.Address, "is not an address for servers within %s of network %s", network.Spec.CIDR, network.Name)
	}
	if err := resolveOwnDisk(ctx, a, o, flavor); err != nil {
		return err
	}
	return resolveServer(ctx, a, o)
}

// roomy refuses a flavor that is smaller than what an image needs.
func roomy(kind string, flavor Flavor, image Image) error {
	if image.Spec.External || flavor.Spec.DiskGiB >= image.Spec.MinDiskGiB && flavor.Spec.MemoryMiB >= image.Spec.MinMemoryMiB {
		return nil
	}
	return resource.Invalid(kind, "spec.flavor", flavor.Name, "image %s needs at least %d MiB of memory and %d GiB of disk", image.Name, image.Spec.MinMemoryMiB, image.Spec.MinDiskGiB)
}

func resolveServer(ctx context.Context, a *resource.Admission, o *Server) error {
	for i, name := range o.Spec.SecurityGroups {
		g, err := find[SecurityGroupSpec, SecurityGroupStatus](ctx, a, "securitygroup", o.Project, name, fmt.Sprintf("spec.securityGroups[%d]", i), "server")
		if err != nil {
			return err
		}
		o.Spec.SecurityGroups[i] = g.ID
	}
	for i, name := range o.Spec.Volumes {
		v, err := find[VolumeSpec, VolumeStatus](ctx, a, "volume", o.Project, name, fmt.Sprintf("spec.volumes[%d]", i), "server")
		if err != nil {
			return err
		}
		if others, err := users(ctx, a, "server", "spec.volumes", v.ID); err != nil {
			return err
		} else if len(others) > 0 && others[0].ID != o.ID {
			return resource.Invalid("server", fmt.Sprintf("spec.volumes[%d]", i), name, "volume %s is attached to server %s", v.Name, others[0].Name)
		}
		a.Rely(v.Meta)
		o.Spec.Volumes[i] = v.ID
	}
	if err := resolvePorts(ctx, a, o); err != nil {
		return err
	}
	if o.Spec.Keypair != "" {
		k, err := find[KeypairSpec, KeypairStatus](ctx, a, "keypair", o.Project, o.Spec.Keypair, "spec.keypair", "server")
		if err != nil {
			return err
		}
		o.Spec.Keypair = k.ID
	}
	if o.Spec.ServerGroup != "" {
		g, err := find[ServerGroupSpec, ServerGroupStatus](ctx, a, "servergroup", o.Project, o.Spec.ServerGroup, "spec.serverGroup", "server")
		if err != nil {
			return err
		}
		if o.Spec.Adopted != nil {
			return resource.Invalid("server", "spec.serverGroup", g.Name, "an adopted server stays where it was found")
		}
		o.Spec.ServerGroup = g.ID
	}
	return nil
}

func resolvePorts(ctx context.Context, a resource.Reader, o *Server) error {
	for i, name := range o.Spec.Ports {
		path := fmt.Sprintf("spec.ports[%d]", i)
		port, err := find[PortSpec, PortStatus](ctx, a, "port", o.Project, name, path, "server")
		if err != nil {
			return err
		}
		if slices.Contains(o.Spec.Ports[:i], port.ID) {
			return resource.Invalid("server", path, name, "is there twice")
		}
		if s, err := serverWith(ctx, a, port.ID); err != nil {
			return err
		} else if s != nil && s.ID != o.ID {
			return resource.Invalid("server", path, name, "port %s is attached to server %s", port.Name, s.Name)
		}
		o.Spec.Ports[i] = port.ID
	}
	if len(o.Spec.Ports) > 0 && o.Spec.Adopted != nil {
		return resource.Invalid("server", "spec.ports", nil, "an adopted server keeps the cards it was found with")
	}
	return nil
}

func validateServer(ctx context.Context, a *resource.Admission, old, o *Server) error {
	for i, p := range o.Spec.Publish {
		if _, err := netip.ParseAddrPort(p.Listen); err != nil {
			return resource.Invalid("server", fmt.Sprintf("spec.publish[%d].listen", i), p.Listen, "is not address:port")
		}
	}
	if err := guardAdoption(a, old, o, func(s *ServerSpec) (**Adopted, bool) { return &s.Adopted, s.Keep }); err != nil {
		return err
	}
	if err := guardSteps(a, old, o); err != nil {
		return err
	}
	if old == nil {
		if o.Spec.Adopted != nil {
			return nil
		}
		return dryPlace(ctx, a, o)
	}
	if err := guardServer(old, o); err != nil {
		return err
	}
	if was, is := hardwareOf(&old.Spec), hardwareOf(&o.Spec); was.image != is.image && was.rebuilt == is.rebuilt {
		p := resource.Invalid("server", "spec.image", is.image, "is changed by a rebuild alone")
		p.Hint = "plaza server rebuild makes the root disk anew"
		return p
	}
	for _, f := range []struct{ path, was, is string }{{"spec.network", old.Spec.Network, o.Spec.Network}, {"spec.host", old.Spec.Host, o.Spec.Host}, {"spec.address", old.Spec.Address, o.Spec.Address}, {"spec.serverGroup", old.Spec.ServerGroup, o.Spec.ServerGroup}} {
		if f.was != f.is {
			return resource.Invalid("server", f.path, f.is, "can not be changed; make a new server")
		}
	}
	return nil
}

func serverOrder(ctx context.Context, r resource.Reader, o *Server) (pool.Order, error) {
	order := pool.Order{VCPUs: int64(o.Status.VCPUs), MemoryMiB: int64(o.Status.MemoryMiB), DiskGiB: int64(o.Status.DiskGiB), Host: o.Spec.Host,
		ID: o.ID, Project: o.Project, Tags: o.Labels, Network: map[string]string{}, Volumes: map[string]string{}}
	flavor, err := find[FlavorSpec, FlavorStatus](ctx, r, "flavor", "", o.Spec.Flavor, "spec.flavor", "server")
	if err != nil {
		return order, err
	}
	image, err := find[ImageSpec, ImageStatus](ctx, r, "image", "", o.Spec.Image, "spec.image", "server")
	if err != nil {
		return order, err
	}
	order.Labels, order.Arch = flavor.Spec.Traits, image.Spec.Arch
	if o.Spec.Backup != "" {
		x, err := find[BackupSpec, BackupStatus](ctx, r, "backup", o.Project, o.Spec.Backup, "spec.backup", "server")
		if err != nil {
			return order, err
		}
		order.Volumes["backup "+x.Name] = x.Status.Host
	}
	if order.Host == "" {
		order.Host = image.Spec.only()
	}
	network, err := find[NetworkSpec, NetworkStatus](ctx, r, "network", o.Project, o.Spec.Network, "spec.network", "server")
	if err != nil {
		return order, err
	}
	if order.Network[network.Name], err = livesIn(ctx, r, &network); err != nil {
		return order, err
	}
	for _, id := range o.Spec.Ports {
		port, err := find[PortSpec, PortStatus](ctx, r, "port", o.Project, id, "spec.ports", "server")
		if err != nil {
			return order, err
		}
		n, err := find[NetworkSpec, NetworkStatus](ctx, r, "network", o.Project, port.Spec.Network, "spec.ports", "server")
		if err != nil {
			return order, err
		}
		if order.Network[n.Name], err = livesIn(ctx, r, &n); err != nil {
			return order, err
		}
	}
	if o.Spec.ServerGroup != "" {
		g, err := find[ServerGroupSpec, ServerGroupStatus](ctx, r, "servergroup", o.Project, o.Spec.ServerGroup, "spec.serverGroup", "server")
		if err != nil {
			return order, err
		}
		order.Group, order.Policy, order.With = g.ID, g.Spec.Policy, g.Status.Host
	}
	for i, id := range o.Spec.Volumes {
		v, err := find[VolumeSpec, VolumeStatus](ctx, r, "volume", o.Project, id, fmt.Sprintf("spec.volumes[%d]", i), "server")
		if err != nil {
			return order, err
		}
		order.Volumes[v.Name] = v.Status.Host
	}
	return order, nil
}
