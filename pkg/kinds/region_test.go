package kinds_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// clouds are regions in memory; what is placed in one lands in the rig's site, as it would through a fleet.
type clouds struct {
	provider.Region

	mu        sync.Mutex
	inventory provider.Inventory
	away      error
	settings  map[string]provider.RegionSettings
	limits    map[string]provider.Limits
	refusal   error // of limits
}

func (c *clouds) Connect(_ context.Context, place string, s provider.RegionSettings) (provider.Region, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settings[place] = s
	return c, nil
}

func (c *clouds) Forget(place string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.settings, place)
}

func (c *clouds) Inventory(context.Context) (provider.Inventory, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inventory.ObservedAt = time.Now()
	return c.inventory, c.away
}

func (c *clouds) Limit(_ context.Context, project string, l provider.Limits) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refusal == nil {
		c.limits[project] = l
	}
	return c.refusal
}

func (c *clouds) limitsOf(project string) provider.Limits {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.limits[project]
}

func (c *clouds) set(change func(*provider.Inventory), away error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if change != nil {
		change(&c.inventory)
	}
	c.away = away
}

func hypervisor(name string, used int64) provider.Hypervisor {
	return provider.Hypervisor{Name: name, Arch: "x86_64", Type: "QEMU", Up: true, Enabled: true, Stock: map[string]provider.Stock{
		"VCPU":      {Total: 4, RatioMilli: 4000, Used: used},
		"MEMORY_MB": {Total: 8192, Reserved: 512, RatioMilli: 1000, Used: used * 256},
		"DISK_GB":   {Total: 100, RatioMilli: 1000}}}
}

const regionSpec = `{"type":"openstack","authURL":"http://127.0.0.1:5000/v3","username":"plaza","password":"hush","project":"admin","schedulable":true}`

func newRegionRig(t *testing.T) (*rig, *clouds, resource.Raw) {
	c := &clouds{settings: map[string]provider.RegionSettings{}, limits: map[string]provider.Limits{}, inventory: provider.Inventory{
		Services:    []provider.Service{{Type: "identity", Up: true}, {Type: "compute", Up: true}},
		Hypervisors: []provider.Hypervisor{hypervisor("cmp1", 0), hypervisor("cmp2", 0)},
		Storage:     []provider.StoragePool{{Name: "rbd", TotalGiB: 30, FreeGiB: 30, Up: true}}}}
	r := newRigWith(t, kinds.Backends{Regions: c})
	r.site.with(func() { r.site.anywhere = true })
	o := r.ready(r.make("region", "", "east", regionSpec))
	return r, c, o
}

func TestServersLandInARegion(t *testing.T) {
	t.Parallel()
	r, _, east := newRegionRig(t)
	require.NotContains(t, string(east.Spec), "hush")
	r.ready(r.make("volume", "p", "data", `{"sizeGiB":20,"host":"east"}`))
	s := r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","volumes":["data"]}`))
	require.Equal(t, []string{east.ID}, resource.Lookup(s, "status.host"), "it goes where its volume is")
	require.Equal(t, []string{east.ID}, resource.Lookup(r.get("network", "p", "net"), "status.host"))
	used, err := r.PoolUsage(t.Context(), "host:"+east.ID)
	require.NoError(t, err)
	require.Equal(t, int64(20), used["volume_gib"].Committed)
	require.Equal(t, int64(2), used["vcpus"].Committed)
	require.Equal(t, int64(32), used["vcpus"].Hard)

	_, err = r.Delete(t.Context(), resource.Request{Kind: "region", ID: "east", Actor: admin})
	r.problem(resource.ReasonInUse, err)
}

// The region's own quotas follow those of Plaza, as soon as one is set; what it refuses is told, and nothing else stops.
func TestLimitsReachTheRegion(t *testing.T) {
	t.Parallel()
	r, c, east := newRegionRig(t)
	r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","host":"east"}`))
	require.NoError(t, r.Touch(t.Context(), "region", east.ID, "test"))
	r.eventually("the project is told of", func() bool { return c.limitsOf("p") != nil })
	require.Empty(t, c.limitsOf("p"), "nothing limits it")

	set := func(metric string, l resource.Limit) {
		require.NoError(t, r.SetQuota(t.Context(), admin, "p", metric, l))
	}
	set("servers", resource.Hard(5))
	set("vcpus", resource.Limit{Hard: 9, Soft: -1, Region: "east"})
	set("trait:gpu=a100", resource.Hard(1))
	r.eventually("they are there without waiting for the next look", func() bool {
		l := c.limitsOf("p")
		return l["servers"] == 5 && l["vcpus"] == 9 && len(l) == 2
	})
	limits := func() resource.Condition {
		o := r.get("region", "", "east")
		return o.Condition("Limits")
	}
	r.act("server", "web", "shelve", "")
	r.eventually("the cloud counts a shelved server on", func() bool {
		require.NoError(t, r.Touch(t.Context(), "region", east.ID, "test"))
		return c.limitsOf("p")["vcpus"] == 11
	})
	r.eventually("it is said", func() bool { return limits().Message == "limits of 1 projects are set" })

	c.mu.Lock()
	c.refusal = provider.Errorf(provider.ReasonUnsupported, "", "policy does not allow it")
	c.mu.Unlock()
	set("servers", resource.Hard(6))
	r.eventually("the refusal is said", func() bool { return limits().Status == resource.False && limits().Reason == "Refused" })
	require.Equal(t, resource.PhaseReady, r.get("region", "", "east").Phase)
	require.EqualValues(t, 5, c.limitsOf("p")["servers"])
}

func TestRegionThatIsAwayKeepsWhatWasSeenAndTakesNoOrders(t *testing.T) {
	t.Parallel()
	r, c, east := newRegionRig(t)
	c.set(nil, provider.Errorf(provider.ReasonUnavailable, "", "identity: connection refused"))
	require.NoError(t, r.Touch(t.Context(), "region", east.ID, "test"))
	r.eventually("it is noticed", func() bool { return r.get("region", "", "east").Phase == resource.PhaseDegraded })
	o, err := resource.As[kinds.RegionSpec, kinds.RegionStatus](r.get("region", "", "east"))
	require.NoError(t, err)
	require.False(t, o.Status.Alive)
	require.Len(t, o.Status.Hypervisors, 2, "what was last seen stays, with its age")
	require.NotNil(t, o.Status.LastSeen)
	p := r.refused(resource.ReasonNoCandidate, "server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","host":"east"}`)
	require.Contains(t, candidates(p)["east"], "connection refused")
	require.Contains(t, r.notes(east.ID), "region.lost")

	c.set(nil, nil)
	require.NoError(t, r.Touch(t.Context(), "region", east.ID, "test"))
	r.eventually("it is back", func() bool { return r.get("region", "", "east").Phase == resource.PhaseReady })
}

func TestPartsOfServicesThatAreAwayStay(t *testing.T) {
	t.Parallel()
	r, c, east := newRegionRig(t)
	c.set(func(i *provider.Inventory) {
		i.Services = append(i.Services, provider.Service{Type: "placement", Error: "500"}, provider.Service{Type: "volumev3", Error: "refused"})
		i.Storage = nil
		for n := range i.Hypervisors {
			i.Hypervisors[n].Stock = nil
		}
	}, nil)
	require.NoError(t, r.Touch(t.Context(), "region", east.ID, "test"))
	r.eventually("the outage is told", func() bool {
		o := r.get("region", "", "east")
		services := o.Condition("Services")
		return services.Status == resource.False
	})
	o, err := resource.As[kinds.RegionSpec, kinds.RegionStatus](r.get("region", "", "east"))
	require.NoError(t, err)
	require.True(t, o.Status.Alive)
	require.Len(t, o.Status.Storage, 1)
	require.Equal(t, int64(16), o.Status.Hypervisors[0].Stock["VCPU"].Capacity())
}

func TestForeignUseIsNotPromised(t *testing.T) {
	t.Parallel()
	r, c, east := newRegionRig(t)
	c.set(func(i *provider.Inventory) {
		i.Hypervisors = []provider.Hypervisor{hypervisor("cmp1", 15), hypervisor("cmp2", 15)}
		i.Storage[0].Promised = 25
	}, nil)
	require.NoError(t, r.Touch(t.Context(), "region", east.ID, "test"))
	r.eventually("the use of others is seen", func() bool {
		return len(resource.Lookup(r.get("region", "", "east"), "status.foreign.vcpus")) > 0 && resource.Lookup(r.get("region", "", "east"), "status.foreign.vcpus")[0] == "30"
	})
	p := r.refused(resource.ReasonNoCandidate, "server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","host":"east"}`)
	require.Contains(t, candidates(p)["east"], "hypervisor", "two vCPU are free in all, but not on one hypervisor")
	_, err := r.apply("volume", "p", "big", `{"sizeGiB":6,"host":"east"}`)
	require.NoError(t, err, "a volume is placed by its first pass")
	r.eventually("it is refused", func() bool {
		o := r.get("volume", "p", "big")
		ready := o.Condition("Ready")
		return ready.Reason == string(resource.ReasonNoCandidate)
	})
}

func candidates(p *resource.Problem) map[string]string {
	out := map[string]string{}
	for _, c := range p.Candidates {
		out[c.Name] = c.Detail
	}
	return out
}

func TestRegionsAreValidated(t *testing.T) {
	t.Parallel()
	r, _, _ := newRegionRig(t)
	for path, change := range map[string]map[string]any{
		"spec.authURL":       {"authURL": "cloud.example"},
		"spec.notifications": {"notifications": "http://127.0.0.1"},
	} {
		spec := map[string]any{}
		require.NoError(t, json.Unmarshal([]byte(regionSpec), &spec))
		for k, v := range change {
			spec[k] = v
		}
		data, err := json.Marshal(spec)
		require.NoError(t, err)
		p := r.refused(resource.ReasonInvalid, "region", "", "west", string(data))
		require.Equal(t, path, p.Fields[0].Path)
	}
}
