// Package provider defines what Plaza asks of a backend: small interfaces, one per pool, that a driver implements.
// Every call is idempotent and keyed by the Plaza id of the object: Ensure finds what an earlier try left before it
// creates, Delete of something absent succeeds. Sizes are MiB or GiB as the field name says; times are UTC.
package provider

import (
	"context"
	"io"
	"strings"
	"time"
)

// Site names a region or KVM site. The host of each call is a place: a host of a KVM site, or a region as a whole,
// whose cloud chooses the hypervisor.
type Site = string

// Compute runs servers.
type Compute interface {
	// EnsureServer defines the server on host if it is not there yet and brings it to the wanted power state.
	EnsureServer(ctx context.Context, host string, want Server) (ServerState, error)
	// GetServer reports what the backend sees; ErrNotFound when there is nothing by that id.
	GetServer(ctx context.Context, host, id string) (ServerState, error)
	// ActOnServer performs a power verb.
	ActOnServer(ctx context.Context, host, id string, verb PowerVerb) (ServerState, error)
	DeleteServer(ctx context.Context, host, id string) error
	// ListServers returns every server on host that carries a Plaza id.
	ListServers(ctx context.Context, host string) ([]ServerState, error)
	// ConsoleLog returns up to max bytes from the end of the serial console.
	ConsoleLog(ctx context.Context, host, id string, max int) ([]byte, error)
	SnapshotServer(ctx context.Context, host, id, snapshot string) error
	DeleteServerSnapshot(ctx context.Context, host, id, snapshot string) error
	RevertServer(ctx context.Context, host, id, snapshot string) error
	AttachVolume(ctx context.Context, host, id string, disk Disk) error
	DetachVolume(ctx context.Context, host, id, volume string) error
	AttachInterface(ctx context.Context, host, id string, nic Interface) error
	DetachInterface(ctx context.Context, host, id, mac string) error
	ServerStats(ctx context.Context, host, id string) (ServerStats, error)
	// MigrateServer moves a server to another hypervisor of its place. One that is there already is left alone; Unsupported
	// where the place is one hypervisor.
	MigrateServer(ctx context.Context, host, id string, m Migration) (ServerState, error)
	// SetServerPassword sets the password of a user within a running guest; Unsupported where nothing in the guest does it.
	SetServerPassword(ctx context.Context, host, id, user, password string) error
}

// Block keeps volumes.
type Block interface {
	// EnsureVolume creates the volume, or grows it when it is smaller than wanted; it never shrinks.
	EnsureVolume(ctx context.Context, host string, want Volume) (VolumeState, error)
	GetVolume(ctx context.Context, host, id string) (VolumeState, error)
	DeleteVolume(ctx context.Context, host, id string) error
	ListVolumes(ctx context.Context, host string) ([]VolumeState, error)
}

// Images makes guest images usable on a host.
type Images interface {
	// EnsureImage makes the image available in the host's storage pool, checking its SHA-256.
	EnsureImage(ctx context.Context, host string, want Image) (ImageState, error)
	DeleteImage(ctx context.Context, host, id string) error
	ListImages(ctx context.Context, host string) ([]ImageState, error)
}

// Network carries tenant networks.
type Network interface {
	// EnsureNetwork makes bridge, namespace, DHCP, egress and the published ports exactly as wanted.
	EnsureNetwork(ctx context.Context, host string, want Net) (NetState, error)
	GetNetwork(ctx context.Context, host, id string) (NetState, error)
	// DeleteNetwork removes it; Conflict while servers or a router have it.
	DeleteNetwork(ctx context.Context, host, id string) error
	ListNetworks(ctx context.Context, host string) ([]NetState, error)
}

// Hosts tells what a site's hosts are and have.
type Hosts interface {
	GetHost(ctx context.Context, host string) (HostState, error)
}

// Driver is a whole site: every pool a KVM site has.
type Driver interface {
	Compute
	Block
	VolumeSnapshots
	VolumeBackups
	VolumeTransfers
	Images
	Network
	Routers
	FloatingIPs
	ServerGroups
	Consoles
	Hosts
}

// PowerState is what a server is or should be doing.
type PowerState string

const (
	PowerRunning   PowerState = "running"
	PowerStopped   PowerState = "stopped"
	PowerGone      PowerState = "gone"      // there is no such server
	PowerPaused    PowerState = "paused"    // it stands still in memory
	PowerSuspended PowerState = "suspended" // its memory is on disk
	PowerShelved   PowerState = "shelved"   // it is off, and the hypervisor holds nothing for it but its disk
	PowerCrashed   PowerState = "crashed"
	PowerUnknown   PowerState = "unknown"
)

// Wanted tells whether a server can be wanted in that state.
func (p PowerState) Wanted() bool {
	switch p {
	case PowerRunning, PowerStopped, PowerPaused, PowerSuspended, PowerShelved:
		return true
	}
	return false
}

// PowerVerb is one power action.
type PowerVerb string

const (
	VerbStart   PowerVerb = "start"
	VerbStop    PowerVerb = "stop" // ACPI, then hard after the server's grace period
	VerbKill    PowerVerb = "kill" // hard power-off
	VerbReboot  PowerVerb = "reboot"
	VerbReset   PowerVerb = "reset"
	VerbPause   PowerVerb = "pause"
	VerbSuspend PowerVerb = "suspend" // memory to disk
	VerbResume  PowerVerb = "resume"  // from pause or suspend
)

// Server is a wanted server.
type Server struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Project    string            `json:"project"`
	VCPUs      int               `json:"vcpus"`
	MemoryMiB  int               `json:"memoryMiB"`
	Disks      []Disk            `json:"disks"` // the first one is the root disk
	Interfaces []Interface       `json:"interfaces"`
	Seed       Seed              `json:"seed"`
	Boot       Boot              `json:"boot"`
	Power      PowerState        `json:"power"` // one that is Wanted
	Tags       map[string]string `json:"tags,omitempty"`
	// Build changes with each rebuild: root disk and seed are then made anew, and what was on them is lost.
	Build string `json:"build,omitempty"`
	// Rescue boots it from a disk of another image, its own disks behind that.
	Rescue *Rescue `json:"rescue,omitempty"`
	// Keep keeps what a change of hardware would give up, so that a later call can want the old hardware back.
	Keep bool `json:"keep,omitempty"`
	// Where a place has several hypervisors: the server group, and what the hypervisor must be labelled with.
	Group  *ServerGroup      `json:"group,omitempty"`
	Traits map[string]string `json:"traits,omitempty"`
	CPU    CPU               `json:"cpu,omitzero"` // bounds; like those of disks and cards they are changed without a restart where the backend can
}

// Boot boots a kernel directly when Image names an image that carries one.
type Boot struct {
	Image   string `json:"image,omitempty"` // image id whose kernel and initrd are booted; empty: from disk
	Cmdline string `json:"cmdline,omitempty"`
}

// Rescue is what a server in rescue boots from.
type Rescue struct {
	Image string `json:"image"`
	Boot  Boot   `json:"boot"` // of that image
}

// Migration says where a server goes within its place. It is over when the server has left From and is at To, if one is given.
type Migration struct {
	From string `json:"from" doc:"Hypervisor it was on when it was asked for"`
	To   string `json:"to,omitempty" doc:"Hypervisor it goes to; chosen when empty"`
	Live bool   `json:"live" doc:"Without stopping it"`
}

// Disk is one disk of a server. The disk with an Image is made from it and dies with the server; the one with a Volume is attached.
type Disk struct {
	Image   string `json:"image,omitempty"`
	Volume  string `json:"volume,omitempty"`
	Backup  string `json:"backup,omitempty"` // of a server's own disk, whose content one with an Image begins with
	SizeGiB int    `json:"sizeGiB,omitempty"`
	Device  string `json:"device,omitempty"` // vda, vdb …; empty: next free
	QoS     *QoS   `json:"qos,omitempty"`    // of one made from an image; volumes have their own. nil: no bound
	Key     Key    `json:"key,omitempty"`    // of a volume that is encrypted on a host
}

// Interface is one network card.
type Interface struct {
	Network string `json:"network"` // network id
	MAC     string `json:"mac"`
	Address string `json:"address"` // IPv4 without prefix length
	// Rules are the allowed inbound flows; everything else inbound is dropped. Open switches filtering off.
	Rules []Rule `json:"rules,omitempty"`
	Open  bool   `json:"open,omitempty"`
	// BitsPerSecond is the most that passes the card in each direction; 0: no bound.
	BitsPerSecond int64 `json:"bitsPerSecond,omitempty"`
}

// Rule allows inbound traffic: protocol tcp, udp or icmp; ports inclusive, 0-0 for all; from a CIDR (empty: anywhere).
type Rule struct {
	Protocol string `json:"protocol"`
	FromPort int    `json:"fromPort,omitempty"`
	ToPort   int    `json:"toPort,omitempty"`
	CIDR     string `json:"cidr,omitempty"`
}

// Seed is the NoCloud seed a guest reads at boot.
type Seed struct {
	UserData      string `json:"userData,omitempty"`
	MetaData      string `json:"metaData,omitempty"`
	NetworkConfig string `json:"networkConfig,omitempty"`
}

// ServerState is an observed server.
type ServerState struct {
	ID         string     `json:"id"`
	Host       string     `json:"host"`
	Node       string     `json:"node,omitempty"` // hypervisor within a region
	Power      PowerState `json:"power"`
	Reason     string     `json:"reason,omitempty"` // libvirt's reason for the state: booted, destroyed, crashed, shutdown …
	VCPUs      int        `json:"vcpus"`
	MemoryMiB  int        `json:"memoryMiB"`
	Accel      string     `json:"accel"` // kvm or tcg
	Disks      []Disk     `json:"disks,omitempty"`
	MACs       []string   `json:"macs,omitempty"`
	Snapshots  []string   `json:"snapshots,omitempty"`
	Digest     string     `json:"digest"` // of the defined hardware; differs from the wanted one after a resize is asked for
	Since      time.Time  `json:"since"`
	Rescued    bool       `json:"rescued,omitempty"`
	Found      PowerState `json:"found,omitempty"` // what EnsureServer met and changed at once, PowerGone where it made the server; a power that a driver leaves to a later call is not told
	ObservedAt time.Time  `json:"observedAt"`
}

// ServerStats are live counters since the guest's start.
type ServerStats struct {
	CPUNanos     uint64    `json:"cpuNanos"`
	MemoryRSSKiB uint64    `json:"memoryRssKiB"`
	ReadBytes    uint64    `json:"readBytes"`
	WriteBytes   uint64    `json:"writeBytes"`
	RxBytes      uint64    `json:"rxBytes"`
	TxBytes      uint64    `json:"txBytes"`
	ObservedAt   time.Time `json:"observedAt"`
}

// Volume is a wanted volume.
type Volume struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Project string `json:"project"`
	SizeGiB int    `json:"sizeGiB"`
	Image   string `json:"image,omitempty"` // backing image, copied on write
	// Snapshot is the one whose content it begins with, instead of an image's.
	Snapshot string `json:"snapshot,omitempty"`
	// Backup is the one whose content it begins with, instead of an image's or a snapshot's.
	Backup string `json:"backup,omitempty"`
	// Source is the volume with a copy of whose present content it begins, instead of all these.
	Source string `json:"source,omitempty"`
	Tier   string `json:"tier,omitempty"` // name of the storage tier that Pool and QoS are of
	Pool   string `json:"pool,omitempty"` // pool of a storage cluster, storage backend of a region; empty: its default
	QoS    *QoS   `json:"qos,omitempty"`  // nil: no bound. A region heeds another one when the volume is next attached
	// Encrypted asks for a volume that is encrypted where it is kept: on a host by Key, in a region by keys of its own.
	Encrypted bool `json:"encrypted,omitempty"`
	Key       Key  `json:"key,omitempty"`
	OriginKey Key  `json:"originKey,omitempty"` // of the snapshot, backup or volume that it begins with, where that is encrypted
}

// Origins counts what the volume is told to begin with: an image, a snapshot, a backup, a volume. One is the most that can be.
func (v Volume) Origins() int {
	n := 0
	for _, id := range []string{v.Image, v.Snapshot, v.Backup, v.Source} {
		if id != "" {
			n++
		}
	}
	return n
}

// VolumeState is an observed volume.
type VolumeState struct {
	ID             string `json:"id"`
	Host           string `json:"host"`
	SizeGiB        int    `json:"sizeGiB"`
	AllocatedBytes int64  `json:"allocatedBytes"`
	AttachedTo     string `json:"attachedTo,omitempty"`
	Encrypted      bool   `json:"encrypted,omitempty"` // where it is kept
}

// Image is a wanted image. Paths are on the control plane's side of the driver: the agent fetches what it lacks from Source.
type Image struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Format  string `json:"format"` // qcow2 or raw
	Disk    File   `json:"disk"`
	Kernel  *File  `json:"kernel,omitempty"`
	Initrd  *File  `json:"initrd,omitempty"`
	Cmdline string `json:"cmdline,omitempty"`
	Project string `json:"project,omitempty"` // that it belongs to; "" for everybody's
}

// File is a blob by content: SHA-256 hex, where to fetch it (file://, https://, or plaza: for what was uploaded), bytes.
type File struct {
	URL    string `json:"url"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// Content is a file that Plaza keeps itself, while it is read.
type Content interface {
	io.ReadCloser
	Size() int64
}

// Contents opens files that Plaza keeps itself. NotFound when there is no such one.
type Contents interface {
	Open(ctx context.Context, url string) (Content, error)
}

// Kept tells whether Plaza keeps the file itself, so that it has to be handed over.
func (f File) Kept() bool { return strings.HasPrefix(f.URL, "plaza:") }

// ImageState is an observed image on a host.
type ImageState struct {
	ID    string `json:"id"`
	Host  string `json:"host"`
	Bytes int64  `json:"bytes"`
}

// Net is a wanted tenant network.
type Net struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Project string    `json:"project"`
	CIDR    string    `json:"cidr"`
	Gateway string    `json:"gateway"`
	DNS     []string  `json:"dns,omitempty"`
	Egress  string    `json:"egress"` // none or nat
	Leases  []Lease   `json:"leases,omitempty"`
	Publish []Publish `json:"publish,omitempty"`
	// Floating are the held addresses that lead here; those that no longer do lead nowhere.
	Floating []Floating `json:"floating,omitempty"`
}

// Lease fixes an address for a card, with the name DHCP hands out.
type Lease struct {
	MAC     string `json:"mac"`
	Address string `json:"address"`
	Name    string `json:"name,omitempty"`
}

// Publish makes a guest's TCP port reachable at Listen on the host, by default on its loopback.
type Publish struct {
	Listen  string `json:"listen"`  // host:port; port 0 asks the agent to choose and to keep it
	Address string `json:"address"` // guest address
	Port    int    `json:"port"`
	// Floating says, in a state, that Listen is an address that the region chose; regions do not heed a wanted Listen.
	Floating bool `json:"floating,omitempty"`
}

// NetState is an observed network.
type NetState struct {
	ID        string    `json:"id"`
	Host      string    `json:"host"`
	Bridge    string    `json:"bridge"`
	Namespace string    `json:"namespace"`
	DHCP      bool      `json:"dhcp"` // the DHCP server answers
	Publish   []Publish `json:"publish,omitempty"`
	// Floating are those that do lead to a guest now; in a region one waits until its guest has been made.
	Floating []Floating `json:"floating,omitempty"`
}

// HostState is what a host has and how it feels.
type HostState struct {
	Name           string    `json:"name"`
	Arch           string    `json:"arch"`
	CPUs           int       `json:"cpus"`
	MemoryMiB      int       `json:"memoryMiB"`
	MemoryFreeMiB  int       `json:"memoryFreeMiB"`
	DiskGiB        int       `json:"diskGiB"`
	DiskFreeGiB    int       `json:"diskFreeGiB"`
	Accel          string    `json:"accel"`       // kvm or tcg
	AccelReason    string    `json:"accelReason"` // why, in a sentence
	Hypervisor     string    `json:"hypervisor"`  // e.g. QEMU 7.2.22
	Libvirt        string    `json:"libvirt"`
	Kernel         string    `json:"kernel"`
	AgentVersion   string    `json:"agentVersion"`
	LibvirtUp      bool      `json:"libvirtUp"`
	LibvirtError   string    `json:"libvirtError,omitempty"`
	BootedAt       time.Time `json:"bootedAt"`
	ObservedAt     time.Time `json:"observedAt"`
	Load1          float64   `json:"load1"`
	RunningServers int       `json:"runningServers"`
}

// Event tells that something changed at the backend, asked for or not.
type Event struct {
	Host   string    `json:"host"`
	Kind   string    `json:"kind"`   // server, network, volume, host
	ID     string    `json:"id"`     // Plaza id; empty for what a region has and Plaza did not make
	Change string    `json:"change"` // started, stopped, crashed, suspended, resumed, undefined …
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
	// Backend is the backend's own id, where it is another one.
	Backend string `json:"backend,omitempty"`
}
