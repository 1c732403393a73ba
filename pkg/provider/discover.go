package provider

import (
	"context"
	"time"
)

// Discoverer is a driver that sees what others have made in its place, and can take it over without touching it.
// Drivers need not be one.
type Discoverer interface {
	// Discover lists everything of the kinds Plaza knows, whoever made it.
	Discover(ctx context.Context, place string) (Discovery, error)
	// Adopt labels the backend's object with a Plaza id, so that the calls keyed by that id find it, and changes nothing
	// else of it. One that carries the id already is only looked at; one that carries another id is a Conflict.
	Adopt(ctx context.Context, place, kind, backend, id string) (Found, error)
	// AdoptTenant makes what is in tenant, an id of the backend, and what Plaza will make for a project neighbours: from then
	// on the project's objects are made there. Conflict when either has a counterpart already.
	AdoptTenant(ctx context.Context, place, tenant, project string) error
	// Release takes the label off again. The absent is released.
	Release(ctx context.Context, place, kind, backend, id string) error
}

// AdoptedSum stands in place of the SHA-256 of an image that was adopted: nobody but its cloud has its content.
const AdoptedSum = "adopted"

// Discovery is one look at a whole place. What was begun after StartedAt may be missing in it.
type Discovery struct {
	StartedAt time.Time
	Found     []Found
	// Read are the kinds that were read to the end; of others nothing is known.
	Read map[string]bool
	// Failed tells why, by kind, of what could not be read.
	Failed map[string]string
}

// Found is one object of a backend. Kind is the name of Plaza's kind: server, volume, snapshot, backup, network, router, image,
// baremetal, bucket or share.
type Found struct {
	Kind       string    `json:"kind"`
	Backend    string    `json:"backend"` // the backend's own id
	Name       string    `json:"name,omitempty"`
	PlazaID    string    `json:"plazaID,omitempty"` // empty: Plaza did not make it
	Tenant     string    `json:"tenant,omitempty"`  // the backend's id of whose it is
	TenantName string    `json:"tenantName,omitempty"`
	Created    time.Time `json:"created"`
	Facts
}

// Facts are what is known of a found object; a zero value is not known. Objects are named by the backend's ids.
type Facts struct {
	State string `json:"state,omitempty" doc:"In the backend's own words"`

	Power     PowerState `json:"power,omitempty"`
	VCPUs     int        `json:"vcpus,omitempty"`
	MemoryMiB int        `json:"memoryMiB,omitempty"`
	SizeGiB   int        `json:"sizeGiB,omitempty" doc:"Of a volume or share, or of a server's own disk"`
	Image     string     `json:"image,omitempty"`
	Cards     []Card     `json:"cards,omitempty"`
	Volumes   []string   `json:"volumes,omitempty" doc:"Attached to a server"`

	AttachedTo []string `json:"attachedTo,omitempty" doc:"Servers that have the volume"`

	CIDR     string   `json:"cidr,omitempty"`
	Gateway  string   `json:"gateway,omitempty"`
	DNS      []string `json:"dns,omitempty"`
	Routed   bool     `json:"routed,omitempty" doc:"A router leads out of the network"`
	Bridge   string   `json:"bridge,omitempty"`
	InUse    []string `json:"inUse,omitempty" doc:"Addresses of the network that someone has"`
	External bool     `json:"external,omitempty"`
	Networks []string `json:"networks,omitempty" doc:"Joined by a router"`

	Format     string `json:"format,omitempty"`
	Bytes      int64  `json:"bytes,omitempty"`
	Visibility string `json:"visibility,omitempty"`

	Class string `json:"class,omitempty" doc:"Resource class of a machine"`
}

// Card is a network card of a found server.
type Card struct {
	Network string `json:"network"`
	MAC     string `json:"mac"`
	Address string `json:"address,omitempty"` // IPv4
}
