package kinds

import (
	"context"
	"net/netip"
	"regexp"

	"github.com/plazacloud/plaza/pkg/resource"
)

// AssetSpec is what the books say of a machine, a disk array, a switch or a partition: of one that Plaza does not run, or of
// one of the pools' own, so that the ledger tells where that stands.
type AssetSpec struct {
	Type      string   `json:"type" enum:"server,power-host,power-lpar,storage,network,other" doc:"What it is; power-host and power-lpar are an IBM Power machine and a partition of one"`
	Arch      string   `json:"arch,omitempty" enum:"x86_64,aarch64,ppc64le,ppc64,s390x,riscv64,other" doc:"Of what runs on it; a server or partition has one"`
	Vendor    string   `json:"vendor,omitempty" maxLength:"128" doc:"Who made it"`
	Model     string   `json:"model,omitempty" maxLength:"128" doc:"As its maker calls it"`
	Serial    string   `json:"serial,omitempty" maxLength:"128" doc:"No two assets of a vendor have the same"`
	Host      string   `json:"host,omitempty" maxLength:"253" doc:"Asset that it is a part of, by name, such as the machine of a partition"`
	Pooled    string   `json:"pooled,omitempty" maxLength:"320" doc:"Machine of the pools that it is: host/NAME, hypervisor/REGION/NAME or baremetal/NAME"`
	Site      string   `json:"site,omitempty" maxLength:"63" doc:"Where it stands"`
	Rack      string   `json:"rack,omitempty" maxLength:"63" doc:"In which it stands there"`
	Unit      int      `json:"unit,omitempty" minimum:"1" maximum:"60" doc:"Lowest height unit in the rack"`
	Owner     string   `json:"owner,omitempty" maxLength:"253" doc:"Who answers for it, such as a subsidiary"`
	Address   string   `json:"address,omitempty" maxLength:"253" doc:"Where it is managed: IP address, host name or URL"`
	Addresses []string `json:"addresses,omitempty" maxItems:"64" doc:"IP addresses of its own"`
	CPUs      int64    `json:"cpus,omitempty" minimum:"0" maximum:"65536" doc:"Cores, or virtual processors of a partition"`
	MemoryMiB int64    `json:"memoryMiB,omitempty" minimum:"0" maximum:"1073741824" doc:"Memory it has"`
	DiskGiB   int64    `json:"diskGiB,omitempty" minimum:"0" maximum:"1073741824" doc:"Disks it has, together"`
	Note      string   `json:"note,omitempty" maxLength:"4096" doc:"Whatever else is worth knowing"`
}

// AssetStatus tells that nothing is ever placed on it.
type AssetStatus struct {
	External bool `json:"external" doc:"It is in the books only: nothing is placed on it, and it is counted apart from the pools"`
}

// Asset is something that is owned, and only kept in the books.
type Asset = resource.Object[AssetSpec, AssetStatus]

func assetKind() resource.Kind[AssetSpec, AssetStatus] {
	return resource.Kind[AssetSpec, AssetStatus]{
		Name: "asset", Plural: "assets", Doc: "A machine, partition or device outside the pools that is kept in the books only, IBM Power among them.", Scoping: resource.Global,
		Columns: []resource.Column{{Header: "TYPE", Path: "spec.type"}, {Header: "ARCH", Path: "spec.arch"}, {Header: "SITE", Path: "spec.site"}, {Header: "RACK", Path: "spec.rack"},
			{Header: "OWNER", Path: "spec.owner"}, {Header: "CPUS", Path: "spec.cpus"}, {Header: "MEMORY MIB", Path: "spec.memoryMiB"}, {Header: "DISK GIB", Path: "spec.diskGiB"}},
		Indexed: []string{"spec.type", "spec.arch", "spec.site", "spec.owner", "spec.serial", "spec.host", "spec.pooled"},
		Default: func(_ context.Context, _ *resource.Admission, o *Asset) error {
			o.Status.External = o.Spec.Pooled == ""
			return nil
		},
		Validate: validateAsset,
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *Asset) error {
			return refuseInUseByName(ctx, a, o.Meta, "asset", "spec.host")
		},
	}
}

// powerArchs are what partitions of a Power machine run.
var powerArchs = map[string]bool{"ppc64le": true, "ppc64": true}

func validateAsset(ctx context.Context, a *resource.Admission, _, o *Asset) error {
	power := o.Spec.Type == "power-host" || o.Spec.Type == "power-lpar"
	switch {
	case power && !powerArchs[o.Spec.Arch]:
		p := resource.Invalid("asset", "spec.arch", o.Spec.Arch, "is not what a Power machine or partition runs")
		p.Hint = "ppc64le, or ppc64 of the older ones"
		return p
	case o.Spec.Type == "server" && o.Spec.Arch == "":
		return resource.Invalid("asset", "spec.arch", nil, "a server has an architecture")
	case o.Spec.Unit > 0 && o.Spec.Rack == "":
		return resource.Invalid("asset", "spec.unit", o.Spec.Unit, "a height unit is one of a rack: name the rack")
	}
	for _, ip := range o.Spec.Addresses {
		if _, err := netip.ParseAddr(ip); err != nil {
			return resource.Invalid("asset", "spec.addresses", ip, "is not an IP address")
		}
	}
	if err := validateAssetHost(ctx, a, o); err != nil {
		return err
	}
	if err := validatePooled(ctx, a, o); err != nil {
		return err
	}
	return uniqueSerial(ctx, a, o)
}

// validateAssetHost lets an asset be part of one that is there; partitions of Power machines are of Power machines.
func validateAssetHost(ctx context.Context, a *resource.Admission, o *Asset) error {
	if o.Spec.Host == "" {
		return nil
	}
	if o.Spec.Host == o.Name {
		return resource.Invalid("asset", "spec.host", o.Spec.Host, "an asset is not a part of itself")
	}
	h, err := find[AssetSpec, AssetStatus](ctx, a, "asset", "", o.Spec.Host, "spec.host", "asset")
	switch {
	case err != nil:
		return err
	case h.Spec.Host != "":
		return resource.Invalid("asset", "spec.host", o.Spec.Host, "is a part itself, of %s: name that", h.Spec.Host)
	case o.Spec.Type == "power-lpar" && h.Spec.Type != "power-host":
		return resource.Invalid("asset", "spec.host", o.Spec.Host, "is a %s, not a power-host", h.Spec.Type)
	}
	return nil
}

var pooledMachine = regexp.MustCompile(`^(host/[^/]+|baremetal/[^/]+|hypervisor/[^/]+/[^/]+)$`)

// validatePooled keeps a machine of the pools from having two lines in the books. It may be booked before it is there.
func validatePooled(ctx context.Context, a *resource.Admission, o *Asset) error {
	if o.Spec.Pooled == "" {
		return nil
	}
	if !pooledMachine.MatchString(o.Spec.Pooled) {
		p := resource.Invalid("asset", "spec.pooled", o.Spec.Pooled, "does not name a machine of the pools")
		p.Hint = "host/NAME, hypervisor/REGION/NAME or baremetal/NAME, as plaza ledger list tells them"
		return p
	}
	same, err := users(ctx, a, "asset", "spec.pooled", o.Spec.Pooled)
	for _, x := range same {
		if x.ID != o.ID {
			return &resource.Problem{Reason: resource.ReasonAlreadyExists, Kind: "asset", Detail: "asset " + x.Name + " is that machine's already", Hint: "change that one: plaza asset edit " + x.Name}
		}
	}
	return err
}

// uniqueSerial keeps one machine from being in the books twice.
func uniqueSerial(ctx context.Context, a *resource.Admission, o *Asset) error {
	if o.Spec.Serial == "" {
		return nil
	}
	same, err := users(ctx, a, "asset", "spec.serial", o.Spec.Serial)
	if err != nil {
		return err
	}
	for _, x := range same {
		other, err := resource.As[AssetSpec, AssetStatus](x)
		if err != nil {
			return err
		}
		if x.ID != o.ID && other.Spec.Vendor == o.Spec.Vendor {
			return &resource.Problem{Reason: resource.ReasonAlreadyExists, Kind: "asset", Detail: "asset " + x.Name + " has that serial number already", Hint: "change that one: plaza asset edit " + x.Name}
		}
	}
	return nil
}
