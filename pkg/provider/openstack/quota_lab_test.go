package openstack

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	computequotas "github.com/gophercloud/gophercloud/v2/openstack/compute/v2/quotasets"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// TestLabLimits passes Plaza by: the region itself refuses what is beyond the limits that it was told, and again allows
// what was raised; less than what is used can be told, too.
func TestLabLimits(t *testing.T) {
	d := labDriver(t)
	project := "limits-" + uuid.NewString()[24:]
	tenant, err := d.tenant(t.Context(), project)
	require.NoError(t, err)
	admin, err := d.cloud.client(t.Context(), identity, "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, projects.Delete(context.Background(), admin, tenant).ExtractErr()) })
	compute, err := d.cloud.client(t.Context(), compute, "")
	require.NoError(t, err)
	instances := func() int {
		q, err := computequotas.Get(t.Context(), compute, tenant).Extract()
		require.NoError(t, err)
		return q.Instances
	}
	require.Equal(t, -1, instances(), "a new project has no limits of the cloud's own")

	require.NoError(t, d.Limit(t.Context(), project, provider.Limits{"servers": 3, "vcpus": 4, "memory_mib": 1024, "volumes": 1, "volume_gib": 2, "snapshot_gib": 0}))
	require.Equal(t, 3, instances())
	cinder, err := d.cloud.client(t.Context(), volume, tenant)
	require.NoError(t, err)
	outside := func(sizeGiB int) error {
		v, err := volumes.Create(t.Context(), cinder, volumes.CreateOpts{Size: sizeGiB, Name: "outside"}, nil).Extract()
		if err == nil {
			t.Cleanup(func() {
				_, err := volumes.Get(context.Background(), cinder, v.ID).Extract()
				for deadline := time.Now().Add(time.Minute); err == nil && time.Now().Before(deadline); time.Sleep(time.Second) {
					_ = volumes.Delete(context.Background(), cinder, v.ID, volumes.DeleteOpts{}) // refused while it is being made
					_, err = volumes.Get(context.Background(), cinder, v.ID).Extract()
				}
				require.True(t, isCode(err, http.StatusNotFound), "%v", err)
			})
		}
		return err
	}
	require.ErrorContains(t, outside(3), "413", "larger than all may be together")
	require.NoError(t, outside(1))
	require.ErrorContains(t, outside(1), "413", "one too many")
	require.NoError(t, d.Limit(t.Context(), project, provider.Limits{"servers": 3, "volumes": 0, "volume_gib": 2, "snapshot_gib": 0}), "less than what is used")
	require.NoError(t, d.Limit(t.Context(), project, provider.Limits{}))
	require.NoError(t, outside(1), "without limits")
}
