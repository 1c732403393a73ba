package system

import (
	"testing"

	"github.com/plazacloud/plaza/test/system/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

// flavor is the size of the small guest.
type flavor struct {
	VCPUs     int               `json:"vcpus"`
	MemoryMiB int               `json:"memoryMiB"`
	DiskGiB   int               `json:"diskGiB"`
	Traits    map[string]string `json:"traits,omitempty"`
}

type m = map[string]any

// tiny is enough for the busybox guest.
var tiny = flavor{VCPUs: 1, MemoryMiB: 96, DiskGiB: 1}

// site is one control plane with one host, the guest's image and a project.
func site(t *testing.T, o rig.PlaneOptions, ho rig.HostOptions) (*rig.Plane, *rig.Host, string) {
	t.Helper()
	p := rig.NewPlane(t, o)
	h := p.AddHost(t, "h1", ho)
	p.Create(t, "flavors", "", "tiny", tiny)
	p.AddGuest(t, "busybox", "")
	return p, h, p.Project(t, "shop")
}

// server is a wanted server on a network.
func server(network string, more m) m {
	s := m{"flavor": "tiny", "image": "busybox", "network": network}
	for k, v := range more {
		s[k] = v
	}
	return s
}
