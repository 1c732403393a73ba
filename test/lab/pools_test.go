package lab

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestPoolsAgreeWithTheirBackends compares every figure of a region and of a cluster with what the services themselves
// answer, asked in plain HTTP and by Ceph's own command, while others work in the lab, too.
func TestPoolsAgreeWithTheirBackends(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	network := s.Create(t, "networks", s.project, "net", m{"cidr": "10.96.0.0/24"})
	s.Create(t, "volumes", s.project, "v", m{"sizeGiB": 2})
	s.Create(t, "servers", s.project, "a", server(network.ID, m{"power": "stopped"}))
	node := s.cloud.enrol(t, "plaza-pools-"+s.project[:8])
	t.Run("region", func(t *testing.T) {
		rig.Within(t, 3*time.Minute, func() error {
			p := rig.Call[pool.Pool](t, s.Client, http.MethodGet, "/v1/pools/"+s.region.ID, nil)
			if p.Servers != 1 || p.Volumes != 1 || p.VCPUs.Used != 1 || p.MemoryMiB.Used != 128 || p.VolumeGiB.Used != 2 || p.Network.Tenant != 1 {
				return fmt.Errorf("Plaza's own part is wrong: %+v", p)
			}
			return differ(figuresOfRegion(p), s.cloud.figures(t))
		})
	})
	t.Run("bare metal", func(t *testing.T) {
		p := rig.Call[pool.Pool](t, s.Client, http.MethodGet, "/v1/pools/"+s.region.ID, nil)
		for _, c := range p.Baremetal.Classes {
			if c.Class == node {
				require.Equal(t, pool.Machines{Total: 1, Busy: 1}, c.Machines, "one that was only enrolled")
				return
			}
		}
		t.Errorf("no class %s in %+v", node, p.Baremetal)
	})
	t.Run("cluster", func(t *testing.T) {
		rig.Within(t, 3*time.Minute, func() error {
			return differ(s.lab.figuresOfCluster(t), s.lab.cephFigures(t))
		})
	})
}

// differ names the first figure that two tellings do not share.
func differ(plaza, backend map[string]any) error {
	if len(plaza) == 0 {
		return fmt.Errorf("Plaza tells nothing")
	}
	for k, v := range backend {
		if got := plaza[k]; fmt.Sprint(got) != fmt.Sprint(v) {
			return fmt.Errorf("%s: Plaza tells %v, the backend %v", k, got, v)
		}
	}
	for k, v := range plaza {
		if _, there := backend[k]; !there {
			return fmt.Errorf("%s: Plaza tells %v, the backend nothing", k, v)
		}
	}
	return nil
}

var classes = map[string]func(pool.Member) pool.Level{
	"VCPU":      func(m pool.Member) pool.Level { return m.VCPUs },
	"MEMORY_MB": func(m pool.Member) pool.Level { return m.MemoryMiB },
	"DISK_GB":   func(m pool.Member) pool.Level { return m.DiskGiB },
}

func figuresOfRegion(p pool.Pool) map[string]any {
	out := map[string]any{"hosts": p.Hosts, "alive": p.Alive, "vcpus": p.VCPUs.InUse, "memory": p.MemoryMiB.InUse, "disk": p.DiskGiB.InUse}
	for _, m := range p.Members {
		out[m.Name+" zone"], out[m.Name+" alive"], out[m.Name+" traits"], out[m.Name+" servers"] = m.Zone, m.Alive, len(m.Traits), m.Servers
		for class, level := range classes {
			l := level(m)
			out[m.Name+" "+class] = []int64{l.Physical, l.Reserved, l.RatioMilli, l.InUse}
		}
	}
	for _, b := range p.Storage.Pools {
		out["storage "+b.Name] = []int64{b.TotalBytes >> 30, b.FreeBytes >> 30, b.PromisedBytes >> 30}
	}
	for _, a := range p.Network.Addresses {
		out["addresses "+a.Name] = []int64{a.Total, a.Used}
	}
	if p.Baremetal != nil {
		for _, c := range p.Baremetal.Classes {
			out["machines "+c.Class] = c.Total
		}
	}
	return out
}

// ask reads a service's own answer.
func (c cloud) ask(t testing.TB, kind, path, version string, into any) {
	t.Helper()
	url, err := c.EndpointLocator(gophercloud.EndpointOpts{Type: kind, Region: c.endpoints.Region, Availability: gophercloud.AvailabilityPublic})
	require.NoError(t, err)
	res, err := c.Request(t.Context(), http.MethodGet, url+path, &gophercloud.RequestOpts{JSONResponse: into, MoreHeaders: speaking(version)})
	require.NoError(t, err, "%s %s", kind, path)
	require.Equal(t, http.StatusOK, res.StatusCode)
}

// speaking asks for a version of an API; Ironic wants to be asked in its own way.
func speaking(version string) map[string]string {
	if number, ironic := strings.CutPrefix(version, "baremetal "); ironic {
		return map[string]string{"X-OpenStack-Ironic-API-Version": number}
	}
	return map[string]string{"OpenStack-API-Version": version}
}

// enrol registers a machine with Ironic, of a resource class of its own name, which it returns.
func (c cloud) enrol(t *testing.T, class string) string {
	t.Helper()
	url, err := c.EndpointLocator(gophercloud.EndpointOpts{Type: "baremetal", Region: c.endpoints.Region, Availability: gophercloud.AvailabilityPublic})
	require.NoError(t, err)
	more := speaking("baremetal 1.72")
	var made struct{ UUID string }
	_, err = c.Request(t.Context(), http.MethodPost, url+"v1/nodes", &gophercloud.RequestOpts{JSONBody: m{"driver": "fake-hardware", "name": class, "resource_class": class},
		JSONResponse: &made, OkCodes: []int{http.StatusCreated}, MoreHeaders: more})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := c.Request(context.Background(), http.MethodDelete, url+"v1/nodes/"+made.UUID, &gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}, MoreHeaders: more})
		require.NoError(t, err)
	})
	return class
}

// figures are those of the region by its services' own answers.
func (c cloud) figures(t testing.TB) map[string]any {
	t.Helper()
	out := map[string]any{}
	c.computeFigures(t, out)
	var storage struct {
		Pools []struct {
			Name         string
			Capabilities struct {
				Total    float64 `json:"total_capacity_gb"`
				Free     float64 `json:"free_capacity_gb"`
				Promised float64 `json:"allocated_capacity_gb"`
			}
		}
	}
	c.ask(t, "volumev3", "scheduler-stats/get_pools?detail=true", "volume 3.70", &storage)
	for _, p := range storage.Pools {
		out["storage "+p.Name] = []int64{int64(p.Capabilities.Total), int64(p.Capabilities.Free), int64(p.Capabilities.Promised)}
	}
	var outside struct{ Networks []struct{ ID string } }
	c.ask(t, "network", "v2.0/networks?router:external=true&fields=id", "", &outside)
	for _, n := range outside.Networks {
		var a struct {
			Of struct {
				Name  string `json:"network_name"`
				Total int64  `json:"total_ips"`
				Used  int64  `json:"used_ips"`
			} `json:"network_ip_availability"`
		}
		c.ask(t, "network", "v2.0/network-ip-availabilities/"+n.ID, "", &a)
		out["addresses "+a.Of.Name] = []int64{a.Of.Total, a.Of.Used}
	}
	var machines struct {
		Nodes []struct {
			Class string `json:"resource_class"`
		}
	}
	c.ask(t, "baremetal", "v1/nodes?fields=resource_class", "baremetal 1.72", &machines)
	count := map[string]int{}
	for _, n := range machines.Nodes {
		count[n.Class]++
		out["machines "+n.Class] = count[n.Class]
	}
	return out
}

func (c cloud) computeFigures(t testing.TB, out map[string]any) {
	t.Helper()
	var hypervisors struct {
		Hypervisors []struct {
			ID, State string
			Name      string `json:"hypervisor_hostname"`
			Type      string `json:"hypervisor_type"`
			Servers   []any
		}
	}
	c.ask(t, "compute", "os-hypervisors/detail?with_servers=true", "compute 2.53", &hypervisors)
	var zones struct {
		Zones []struct {
			Name  string                    `json:"zoneName"`
			Hosts map[string]map[string]any `json:"hosts"`
		} `json:"availabilityZoneInfo"`
	}
	c.ask(t, "compute", "os-availability-zone/detail", "compute 2.53", &zones)
	hosts, alive, used := 0, 0, map[string]int64{}
	for _, h := range hypervisors.Hypervisors {
		if h.Type == "ironic" {
			continue
		}
		hosts++
		if h.State == "up" {
			alive++
		}
		var inventory struct {
			Inventories map[string]struct {
				Total, Reserved int64
				Ratio           float64 `json:"allocation_ratio"`
			}
		}
		var usage struct{ Usages map[string]int64 }
		var traits struct{ Traits []string }
		c.ask(t, "placement", "resource_providers/"+h.ID+"/inventories", "placement 1.39", &inventory)
		c.ask(t, "placement", "resource_providers/"+h.ID+"/usages", "placement 1.39", &usage)
		c.ask(t, "placement", "resource_providers/"+h.ID+"/traits", "placement 1.39", &traits)
		out[h.Name+" alive"], out[h.Name+" traits"], out[h.Name+" servers"] = h.State == "up", len(traits.Traits), len(h.Servers)
		for _, z := range zones.Zones {
			if _, in := z.Hosts[h.Name]; in {
				out[h.Name+" zone"] = z.Name
			}
		}
		for class, i := range inventory.Inventories {
			out[h.Name+" "+class] = []int64{i.Total, i.Reserved, int64(i.Ratio*1000 + 0.5), usage.Usages[class]}
			used[class] += usage.Usages[class]
		}
	}
	out["hosts"], out["alive"], out["vcpus"], out["memory"], out["disk"] = hosts, alive, used["VCPU"], used["MEMORY_MB"], used["DISK_GB"]
}

// figuresOfCluster are what the Plaza that the lab runs tells of its cluster.
func (l place) figuresOfCluster(t testing.TB) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, p := range decode[[]pool.Pool](t, []byte(l.shell(t, l.env["LAB_CONTROL"], "plaza pool list -o json"))) {
		if p.Kind != pool.KindCluster {
			continue
		}
		p = decode[pool.Pool](t, []byte(l.shell(t, l.env["LAB_CONTROL"], "plaza pool show "+p.ID+" -o json")))
		out["health"], out["bytes"] = p.Storage.Health, p.Storage.Raw.TotalBytes
		out["used"] = p.Storage.Raw.UsedBytes >> 24
		for _, b := range p.Storage.Pools {
			out["pool "+b.Name] = []int64{b.UsedBytes >> 22, b.FreeBytes >> 26}
		}
	}
	return out
}

// cephFigures are the same by Ceph's own commands. Its daemons write all the time, so what is used is compared in
// steps of some MiB.
func (l place) cephFigures(t testing.TB) map[string]any {
	t.Helper()
	df := decode[struct {
		Stats struct {
			Total int64 `json:"total_bytes"`
			Used  int64 `json:"total_used_raw_bytes"`
		}
		Pools []struct {
			Name  string
			Stats struct {
				Stored int64 `json:"stored"`
				Free   int64 `json:"max_avail"`
			}
		}
	}](t, []byte(l.shell(t, l.env["LAB_CEPH_NODE"], "ceph df --format json")))
	health := decode[struct{ Status string }](t, []byte(l.shell(t, l.env["LAB_CEPH_NODE"], "ceph health --format json")))
	out := map[string]any{"health": health.Status, "bytes": df.Stats.Total, "used": df.Stats.Used >> 24}
	for _, p := range df.Pools {
		out["pool "+p.Name] = []int64{p.Stats.Stored >> 22, p.Stats.Free >> 26}
	}
	return out
}
