package kvm

import (
	"context"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/pkg/provider"
)

// ListForeign returns the domains that others defined on the host. They are only looked at.
func (d *Driver) ListForeign(_ context.Context, host string) ([]provider.Found, error) {
	if err := d.checkHost(host); err != nil {
		return nil, err
	}
	c, err := d.connect()
	if err != nil {
		return nil, err
	}
	defer closeConn(c)
	doms, err := c.ListAllDomains(0)
	if err != nil {
		return nil, mapped("list domains", err)
	}
	var out []provider.Found
	var failed error
	for i := range doms {
		f, err := foreign(&doms[i])
		switch {
		case err == nil && f.Backend != "":
			out = append(out, f)
		case err != nil && !provider.IsNotFound(err): // gone meanwhile
			failed = err
		}
		freeDomain(&doms[i])
	}
	return out, failed
}

// foreign tells of a domain without Plaza's label; of one that has it, nothing.
func foreign(dom *libvirt.Domain) (provider.Found, error) {
	doc, err := dom.GetXMLDesc(0)
	if err != nil {
		return provider.Found{}, mapped("read domain", err)
	}
	def := &libvirtxml.Domain{}
	if err := def.Unmarshal(doc); err != nil {
		return provider.Found{}, provider.Errorf(provider.ReasonInternal, "", "domain XML: %w", err)
	}
	if def.Metadata != nil && labelOf(def.Metadata.XML).ID == def.UUID {
		return provider.Found{}, nil
	}
	power, reason, err := powerOf(dom)
	if err != nil {
		return provider.Found{}, err
	}
	f := provider.Found{Kind: "server", Backend: def.UUID, Name: def.Name, Facts: provider.Facts{Power: power, State: reason}}
	if def.VCPU != nil {
		f.VCPUs = int(def.VCPU.Value) //nolint:gosec // small
	}
	if def.Memory != nil {
		f.MemoryMiB = int(def.Memory.Value / 1024) //nolint:gosec // libvirt answers in KiB
	}
	if def.Devices != nil {
		for _, nic := range def.Devices.Interfaces {
			if nic.MAC != nil {
				f.Cards = append(f.Cards, provider.Card{MAC: nic.MAC.Address})
			}
		}
	}
	return f, nil
}
