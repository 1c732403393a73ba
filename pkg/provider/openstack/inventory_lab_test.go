package openstack

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// labDriver opens the lab's region as the first cloud of PLAZA_LAB_CLOUD, a clouds.yaml, tells.
func labDriver(t *testing.T) *Driver {
	t.Helper()
	path := os.Getenv("PLAZA_LAB_CLOUD")
	if path == "" {
		t.Skip("PLAZA_LAB_CLOUD is not set to the clouds.yaml of a lab")
	}
	auth, region, _, err := clouds.Parse(clouds.WithLocations(path), clouds.WithCloudName(labCloud()))
	require.NoError(t, err)
	d, err := Open(t.Context(), Settings{Place: "lab-region", Logger: slog.Default(), RegionSettings: provider.RegionSettings{
		Type: "openstack", AuthURL: auth.IdentityEndpoint, Region: region.Region, Username: auth.Username, Password: auth.Password, Project: auth.TenantName,
		UserDomain: "Default", ProjectDomain: "Default", Notifications: os.Getenv("PLAZA_LAB_AMQP"),
	}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

func labCloud() string {
	if name := os.Getenv("OS_CLOUD"); name != "" {
		return name
	}
	return "lab"
}

func TestLabInventory(t *testing.T) {
	d := labDriver(t)
	began := time.Now()
	v, err := d.Inventory(t.Context())
	require.NoError(t, err)
	t.Logf("in %s", time.Since(began).Round(time.Millisecond))
	text, err := json.MarshalIndent(v, "", " ")
	require.NoError(t, err)
	t.Log(string(text))
	require.WithinDuration(t, time.Now(), v.ObservedAt, time.Minute)
	for _, s := range v.Services {
		require.True(t, s.Up, s.Type)
		require.Empty(t, s.Error, s.Type)
		require.Equal(t, "closed", s.Circuit)
		require.NotEmpty(t, s.Version, s.Type)
		require.Positive(t, s.Requests)
	}
	require.NotEmpty(t, v.Hypervisors)
	for _, h := range v.Hypervisors {
		require.NotEqual(t, "ironic", h.Type)
		require.True(t, h.Up, h.Reason)
		require.True(t, h.Enabled, h.Reason)
		require.NotEmpty(t, h.Zone)
		require.NotEmpty(t, h.Arch)
		require.NotEmpty(t, h.Traits)
		for _, class := range []string{"VCPU", "MEMORY_MB", "DISK_GB"} {
			require.Positive(t, h.Stock[class].Total, class)
			require.Positive(t, h.Stock[class].RatioMilli, class)
			require.LessOrEqual(t, h.Stock[class].Used, h.Stock[class].Capacity(), class)
		}
	}
	require.NotEmpty(t, v.Storage)
	for _, p := range v.Storage {
		require.True(t, p.Up, p.Name)
		require.Positive(t, p.TotalGiB)
		require.NotEmpty(t, p.Tier)
	}
	require.NotEmpty(t, v.Networks)
	for _, n := range v.Networks {
		require.Positive(t, n.Total)
		require.LessOrEqual(t, n.Used, n.Total)
	}
	for _, b := range v.Baremetal {
		require.Equal(t, b.Total, b.Free+b.Used+b.Broken+b.Busy, b.Class)
	}
}

// TestLabInventoryOfAPartlyDeadRegion cuts services off one by one: what the others tell is still there.
func TestLabInventoryOfAPartlyDeadRegion(t *testing.T) {
	d := labDriver(t)
	v, err := d.Inventory(t.Context())
	require.NoError(t, err)
	dead := map[service]func(provider.Inventory) bool{
		placement: func(v provider.Inventory) bool {
			return len(v.Hypervisors) > 0 && v.Hypervisors[0].Stock == nil && len(v.Storage) > 0
		},
		volume:  func(v provider.Inventory) bool { return len(v.Storage) == 0 && len(v.Hypervisors) > 0 },
		compute: func(v provider.Inventory) bool { return len(v.Hypervisors) == 0 && len(v.Networks) > 0 },
	}
	for s, holds := range dead {
		d := labDriver(t)
		var cut atomic.Bool
		at := d.serviceAddress(t, s)
		dial := d.cloud.circuits.next.DialContext
		d.cloud.circuits.next.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if cut.Load() && addr == at {
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			}
			return dial(ctx, network, addr)
		}
		_, err := d.Inventory(t.Context())
		require.NoError(t, err)
		cut.Store(true)
		d.cloud.circuits.next.CloseIdleConnections()
		lost, err := d.Inventory(t.Context())
		require.NoError(t, err)
		i := slices.IndexFunc(lost.Services, func(x provider.Service) bool { return x.Type == string(s) })
		require.False(t, lost.Services[i].Up, s)
		require.Contains(t, lost.Services[i].Error, "refused")
		require.True(t, holds(lost), s)
		require.Len(t, lost.Services, len(v.Services))
		cut.Store(false)
		require.Eventually(t, func() bool {
			back, err := d.Inventory(t.Context())
			return err == nil && back.Services[i].Up && !holds(back)
		}, 30*time.Second, time.Second, s)
	}
	gone := labDriver(t)
	gone.cloud.circuits.next.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	}
	v, err = gone.Inventory(t.Context())
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err))
	require.Contains(t, err.Error(), "identity")
	require.NotEmpty(t, v.Services, "what was tried is told all the same")
}

func (d *Driver) serviceAddress(t *testing.T, s service) string {
	t.Helper()
	c, err := d.cloud.client(t.Context(), s, "")
	require.NoError(t, err)
	u, err := url.Parse(c.Endpoint)
	require.NoError(t, err)
	return u.Host
}
