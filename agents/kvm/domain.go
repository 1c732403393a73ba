package kvm

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/agents/kvm/pool"
	"github.com/plazacloud/plaza/agents/kvm/tenantnet"
	"github.com/plazacloud/plaza/pkg/provider"
)

// metadataURI is the XML namespace of Plaza's element in a domain's metadata.
const metadataURI = "https://plazacloud.github.io/xmlns/server/1"

// label is Plaza's element: by it a domain is known as a server of Plaza.
type label struct {
	XMLName xml.Name   `xml:"https://plazacloud.github.io/xmlns/server/1 server"`
	ID      string     `xml:"plaza-id,attr"`
	Name    string     `xml:"name,attr"`
	Project string     `xml:"project,attr"`
	Digest  string     `xml:"digest,attr"`
	Tags    []labelTag `xml:"tag"`
}

type labelTag struct {
	Key   string `xml:"key,attr"`
	Value string `xml:"value,attr"`
}

const (
	sparePorts = 8 // PCIe ports kept free for volumes and cards that are attached live
	seedTarget = "vdz"
)

// domainName is for people; the UUID is what counts.
func domainName(want provider.Server) string {
	name := strings.Trim(notNameRunes.ReplaceAllString(strings.ToLower(want.Name), "-"), "-")
	if len(name) > 40 {
		name = name[:40]
	}
	return "plaza-" + name + "-" + tenantnet.ShortID(want.ID)
}

var notNameRunes = regexp.MustCompile(`[^a-z0-9-]+`)

// hardware is everything a definition is made from.
type hardware struct {
	want                    provider.Server
	name                    string
	kvm                     bool
	kernel, initrd, cmdline string
	pool                    *pool.Pool
}

func (h hardware) xml() (string, error) {
	meta, err := h.metadata()
	if err != nil {
		return "", err
	}
	dom := &libvirtxml.Domain{
		Type: "qemu", Name: h.name, UUID: h.want.ID, Metadata: &libvirtxml.DomainMetadata{XML: meta},
		Memory:   &libvirtxml.DomainMemory{Value: uint(h.want.MemoryMiB), Unit: "MiB"}, //nolint:gosec // validated
		VCPU:     &libvirtxml.DomainVCPU{Value: uint(h.want.VCPUs)},                    //nolint:gosec // validated
		CPUTune:  cpuTune(h.want.CPU),
		OS:       h.os(),
		Features: &libvirtxml.DomainFeatureList{ACPI: &libvirtxml.DomainFeature{}, APIC: &libvirtxml.DomainFeatureAPIC{}},
		CPU:      &libvirtxml.DomainCPU{Mode: "maximum"},
		Clock:    &libvirtxml.DomainClock{Offset: "utc", Timer: []libvirtxml.DomainTimer{{Name: "hpet", Present: "no"}}},
		// A guest that powers itself off stays off; one that reboots comes back.
		OnPoweroff: "destroy", OnReboot: "restart", OnCrash: "destroy",
		Devices: h.devices(),
	}
	if h.kvm {
		dom.Type, dom.CPU = "kvm", &libvirtxml.DomainCPU{Mode: "host-passthrough"}
	}
	return dom.Marshal()
}

func (h hardware) metadata() (string, error) {
	l := label{ID: h.want.ID, Name: h.want.Name, Project: h.want.Project, Digest: h.want.HardwareDigest()}
	for _, k := range sortedKeys(h.want.Tags) {
		l.Tags = append(l.Tags, labelTag{k, h.want.Tags[k]})
	}
	data, err := xml.Marshal(l)
	if err != nil {
		return "", err
	}
	// libvirt wants a prefixed element; encoding/xml only writes default namespaces.
	data = bytes.Replace(data, []byte("<server xmlns="), []byte("<plaza:server xmlns:plaza="), 1)
	data = bytes.ReplaceAll(data, []byte("<tag "), []byte("<plaza:tag "))
	data = bytes.ReplaceAll(data, []byte("</tag>"), []byte("</plaza:tag>"))
	return string(bytes.Replace(data, []byte("</server>"), []byte("</plaza:server>"), 1)), nil
}

func (h hardware) os() *libvirtxml.DomainOS {
	os := &libvirtxml.DomainOS{Type: &libvirtxml.DomainOSType{Type: "hvm", Machine: "q35"}}
	if h.kernel == "" {
		os.BootDevices = []libvirtxml.DomainBootDevice{{Dev: "hd"}}
		return os
	}
	os.Kernel, os.Initrd, os.Cmdline = h.kernel, h.initrd, h.cmdline
	return os
}

func (h hardware) devices() *libvirtxml.DomainDeviceList {
	list := &libvirtxml.DomainDeviceList{
		Disks:       h.disks(),
		Controllers: []libvirtxml.DomainController{{Type: "usb", Model: "none"}},
		Serials: []libvirtxml.DomainSerial{{
			Source: &libvirtxml.DomainChardevSource{Pty: &libvirtxml.DomainChardevSourcePty{}},
			Log:    &libvirtxml.DomainChardevLog{File: h.pool.ConsolePath(h.want.ID), Append: "on"},
		}},
		MemBalloon: &libvirtxml.DomainMemBalloon{Model: "virtio", Stats: &libvirtxml.DomainMemBalloonStats{Period: 10}},
		RNGs: []libvirtxml.DomainRNG{{Model: "virtio", Backend: &libvirtxml.DomainRNGBackend{
			Random: &libvirtxml.DomainRNGBackendRandom{Device: "/dev/urandom"},
		}}},
	}
	addScreen(list)
	addAgent(list)
	for _, nic := range h.want.Interfaces {
		list.Interfaces = append(list.Interfaces, cardXML(h.want.ID, nic))
	}
	const balloonRNGAndAgent = 3
	for i := range len(list.Disks) + len(list.Interfaces) + balloonRNGAndAgent + sparePorts {
		index := uint(i + 1) //nolint:gosec // small
		list.Controllers = append(list.Controllers, libvirtxml.DomainController{Type: "pci", Model: "pcie-root-port", Index: &index})
	}
	return list
}

func (h hardware) disks() []libvirtxml.DomainDisk {
	var own, volumes []libvirtxml.DomainDisk
	taken := map[string]bool{seedTarget: true}
	for _, d := range h.want.Disks {
		if d.Device != "" {
			taken[d.Device] = true
		}
	}
	var rescue []libvirtxml.DomainDisk
	if h.want.Rescue != nil { // the first one is booted from
		target := freeTarget(taken)
		taken[target] = true
		rescue = append(rescue, diskXML(h.pool.RescueDisk(h.want.ID), target, "rescue"))
	}
	for _, d := range h.want.Disks {
		target := d.Device
		if target == "" {
			target = freeTarget(taken)
			taken[target] = true
		}
		if d.Volume == "" {
			x := diskXML(h.pool.ServerDisk(h.want.ID, len(own)), target, fmt.Sprintf("disk%d", len(own)))
			x.IOTune = ioTune(d.QoS)
			own = append(own, x)
			continue
		}
		volumes = append(volumes, volumeXML(h.pool, d.Volume, target))
	}
	if h.hasSeed() {
		seed := diskXML(h.pool.SeedPath(h.want.ID), seedTarget, "seed")
		seed.Driver.Type, seed.ReadOnly = "raw", &libvirtxml.DomainDiskReadOnly{}
		own = append(own, seed)
	}
	return slices.Concat(rescue, own, volumes)
}

func (h hardware) hasSeed() bool { return h.pool.HasSeedFile(h.want.ID) }

func diskXML(path, target, serial string) libvirtxml.DomainDisk {
	return libvirtxml.DomainDisk{
		Device: "disk",
		Driver: &libvirtxml.DomainDiskDriver{Name: "qemu", Type: "qcow2", Cache: "writeback", Discard: "unmap"},
		Source: &libvirtxml.DomainDiskSource{File: &libvirtxml.DomainDiskSourceFile{File: path}},
		Target: &libvirtxml.DomainDiskTarget{Dev: target, Bus: "virtio"},
		Serial: serial,
	}
}

func volumeXML(p *pool.Pool, volume, target string) libvirtxml.DomainDisk {
	x := diskXML(p.VolumePath(volume), target, VolumeSerial(volume))
	x.IOTune = ioTune(p.VolumeQoS(volume))
	if v, err := p.Volume(volume); err == nil && v.Encrypted {
		x.Source.Encryption = encryption(volume)
	}
	return x
}

// VolumeSerial is the serial number a guest sees, as /dev/disk/by-id/virtio-<serial>: virtio allows 20 characters, so
// it is the random tail of the volume's id, hyphens left out.
func VolumeSerial(volume string) string {
	hex := strings.ReplaceAll(volume, "-", "")
	return hex[max(0, len(hex)-20):]
}

func cardXML(server string, nic provider.Interface) libvirtxml.DomainInterface {
	return libvirtxml.DomainInterface{
		MAC:    &libvirtxml.DomainInterfaceMAC{Address: strings.ToLower(nic.MAC)},
		Source: &libvirtxml.DomainInterfaceSource{Bridge: &libvirtxml.DomainInterfaceSourceBridge{Bridge: tenantnet.BridgeName(nic.Network)}},
		Target: &libvirtxml.DomainInterfaceTarget{Dev: tenantnet.TapName(server, nic.MAC)},
		Model:  &libvirtxml.DomainInterfaceModel{Type: "virtio"},
		// The option ROM is for booting from the network: without it the firmware is done sooner.
		ROM: &libvirtxml.DomainROM{Enabled: "no"},
	}
}

func freeTarget(taken map[string]bool) string {
	for c := 'a'; c < 'z'; c++ {
		if t := "vd" + string(c); !taken[t] {
			return t
		}
	}
	return ""
}
