package openstack

import (
	"context"
	"errors"
	"maps"
	"math"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	volumequotas "github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/quotasets"
	computequotas "github.com/gophercloud/gophercloud/v2/openstack/compute/v2/quotasets"
	networkquotas "github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/quotas"

	"github.com/plazacloud/plaza/pkg/provider"
)

// limitsLast is how long what was set is trusted to be there still.
const limitsLast = time.Hour

// fences remembers which limits each project has here.
type fences struct {
	mu  sync.Mutex
	set map[string]fence
}

type fence struct {
	limits provider.Limits
	at     time.Time
}

func (f *fences) stands(project string, l provider.Limits, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	have, known := f.set[project]
	return known && now.Sub(have.at) < limitsLast && maps.Equal(have.limits, l)
}

func (f *fences) put(project string, l provider.Limits, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.set == nil {
		f.set = map[string]fence{}
	}
	f.set[project] = fence{maps.Clone(l), now}
}

// Limit implements provider.Region. Plaza's own quotas are exact; these stop whoever passes Plaza by, and take away the
// small limits that a cloud gives to each new project.
func (d *Driver) Limit(ctx context.Context, project string, l provider.Limits) error {
	now := time.Now()
	if project == "" || d.fences.stands(project, l, now) {
		return nil
	}
	tenant, err := d.tenant(ctx, project)
	if err != nil {
		return err
	}
	if err := d.setLimits(ctx, tenant, l); err != nil {
		return err
	}
	d.fences.put(project, l, now)
	return nil
}

// setLimits sets the quotas of a Keystone project at each service that the region has and that keeps some.
func (d *Driver) setLimits(ctx context.Context, tenant string, l provider.Limits) error {
	var failed []error
	for s, set := range map[service]func(context.Context, *gophercloud.ServiceClient, string, provider.Limits) error{
		compute: limitCompute, volume: limitVolumes, network: limitNetworks,
	} {
		there, err := d.cloud.has(ctx, s)
		if err == nil && there {
			var c *gophercloud.ServiceClient
			if c, err = d.cloud.client(ctx, s, ""); err == nil {
				err = set(ctx, c, tenant, l)
			}
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// limitCompute forces: what is used beyond a limit that was lowered stays.
func limitCompute(ctx context.Context, c *gophercloud.ServiceClient, tenant string, l provider.Limits) error {
	_, err := computequotas.Update(ctx, c, tenant, computequotas.UpdateOpts{Force: true, Instances: most(l.Sum("servers")), Cores: most(l.Sum("vcpus")),
		RAM: most(l.Sum("memory_mib")), ServerGroups: most(-1), ServerGroupMembers: most(-1), KeyPairs: most(-1)}).Extract()
	return mapped("set quotas of servers", err)
}

// limitVolumes counts as Cinder does: the size of snapshots is of the volumes' gigabytes. Cinder takes no limit below what
// is used: that is then the limit, so that nothing is added.
func limitVolumes(ctx context.Context, c *gophercloud.ServiceClient, tenant string, l provider.Limits) error {
	used, err := volumequotas.GetUsage(ctx, c, tenant).Extract()
	if err != nil {
		return mapped("read quotas of volumes", err)
	}
	above := func(u volumequotas.QuotaUsage, metrics ...string) *int {
		if n := l.Sum(metrics...); n >= 0 {
			return most(max(n, int64(u.InUse+u.Reserved)))
		}
		return most(-1)
	}
	_, err = volumequotas.Update(ctx, c, tenant, volumequotas.UpdateOpts{Volumes: above(used.Volumes, "volumes"), Gigabytes: above(used.Gigabytes, "volume_gib", "snapshot_gib"),
		Snapshots: above(used.Snapshots, "snapshots"), Backups: above(used.Backups, "backups"), BackupGigabytes: above(used.BackupGigabytes, "backup_gib"),
		PerVolumeGigabytes: most(-1)}).Extract()
	return mapped("set quotas of volumes", err)
}

// limitNetworks takes the cloud's limits away: networks go where their servers go, and Plaza never refuses them for that.
func limitNetworks(ctx context.Context, c *gophercloud.ServiceClient, tenant string, _ provider.Limits) error {
	_, err := networkquotas.Update(ctx, c, tenant, networkquotas.UpdateOpts{Network: most(-1), Router: most(-1),
		Subnet: most(-1), Port: most(-1), FloatingIP: most(-1), SecurityGroup: most(-1), SecurityGroupRule: most(-1)}).Extract()
	return mapped("set quotas of networks", err)
}

// most is a limit as OpenStack takes it: it counts in 32 bits.
func most(n int64) *int {
	limit := int(min(n, math.MaxInt32))
	return &limit
}
