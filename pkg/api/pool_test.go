package api_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

// newPoolRig has a site and assets, and two hours of history of the site.
func newPoolRig(t *testing.T) *rig {
	r := newRig(t, func(c *api.Config) {
		kinds.Register(c.Store.Registry(), kinds.Backends{})
		c.Routes = []api.Routes{api.ComputeRoutes(nil)}
	})
	r.call(t, "admin", "POST", "/v1/hosts", `{"name":"kvm1","spec":{"site":"north","schedulable":true}}`).is(http.StatusAccepted)
	r.call(t, "admin", "POST", "/v1/assets", `{"name":"p9","spec":{"type":"power-host","arch":"ppc64le","cpus":24}}`).is(http.StatusCreated)
	rows := []pool.Sample{}
	for i := range int64(24) {
		rows = append(rows, pool.Sample{Place: "site:north", Metric: "vcpus", At: time.Now().Add(-2*time.Hour).Unix() + i*300, Capacity: 64, Used: i, Free: 64 - i})
	}
	rows = append(rows, pool.Sample{Place: "gone", Metric: "vcpus", At: time.Now().Add(-time.Hour).Unix(), Capacity: 8, Used: 1, Free: 7})
	_, err := r.store.DB().Write.NewInsert().Model(&rows).Exec(t.Context())
	require.NoError(t, err)
	return r
}

func TestPools(t *testing.T) {
	r := newPoolRig(t)
	var v pool.View
	r.call(t, "admin", "GET", "/v1/pools", nil).is(http.StatusOK).golden("pools").into(&v)
	require.Len(t, v.Items, 1)
	require.Empty(t, v.Items[0].Members)
	require.EqualValues(t, 24, v.External[0].CPUs)
	for _, place := range []string{"north", "site:north"} {
		var p pool.Pool
		r.call(t, "cloud-operator", "GET", "/v1/pools/"+place, nil).is(http.StatusOK).into(&p)
		require.Equal(t, "kvm1", p.Members[0].Name)
		require.Equal(t, "its agent has never reported", p.Members[0].Why)
	}
	r.call(t, "admin", "GET", "/v1/pools/all", nil).is(http.StatusOK)
	r.call(t, "admin", "GET", "/v1/pools/nowhere", nil).refused(resource.ReasonNotFound)
	for _, path := range []string{"/v1/pools", "/v1/pools/north", "/v1/pools/history?metric=vcpus", "/v1/assets"} {
		r.call(t, "dailymart-member", "GET", path, nil).refused(resource.ReasonForbidden)
	}
}

func TestPoolHistory(t *testing.T) {
	r := newPoolRig(t)
	var s pool.Series
	r.call(t, "admin", "GET", "/v1/pools/history?place=north&metric=vcpus", nil).is(http.StatusOK).into(&s)
	require.Equal(t, "site:north", s.Place)
	require.Len(t, s.Items, 24)
	from := url.QueryEscape(time.Now().Add(-90 * time.Minute).UTC().Format(time.RFC3339))
	r.call(t, "admin", "GET", "/v1/pools/history?place=north&metric=vcpus&step=86400&from="+from, nil).is(http.StatusOK).into(&s)
	require.LessOrEqual(t, len(s.Items), 2, "a day or two of UTC")
	require.EqualValues(t, 23, s.Items[len(s.Items)-1].Used)
	r.call(t, "admin", "GET", "/v1/pools/history?place=gone&metric=vcpus", nil).is(http.StatusOK).into(&s)
	require.Len(t, s.Items, 1, "what is gone still has its history")
	r.call(t, "admin", "GET", "/v1/pools/history?metric=machines", nil).is(http.StatusOK).into(&s)
	require.Empty(t, s.Items)
	r.call(t, "admin", "GET", "/v1/pools/history?place=nowhere&metric=vcpus", nil).refused(resource.ReasonNotFound)
	r.call(t, "admin", "GET", "/v1/pools/history?place=north&metric=warmth", nil).refused(resource.ReasonInvalid)
	r.call(t, "admin", "GET", "/v1/pools/history?place=north&metric=vcpus&from=2031-01-01T00:00:00Z&to=2030-01-01T00:00:00Z", nil).refused(resource.ReasonInvalid)
	r.call(t, "admin", "GET", "/v1/pools/history?place=north&metric=vcpus&step=30&from=2020-01-01T00:00:00Z", nil).refused(resource.ReasonInvalid)
}
