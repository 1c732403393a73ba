package system

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestThousandForFifty lets a thousand ask at once, in ten projects of a brand that may have fifty networks, through three
// plazads on one PostgreSQL, of which one is killed meanwhile: fifty are made, and nothing is lost of what is counted.
func TestThousandForFifty(t *testing.T) {
	database := storetest.URL(t, store.Postgres)
	planes := []*rig.Plane{rig.NewPlane(t, rig.PlaneOptions{Database: database, Node: "node-0"})}
	first := planes[0]
	for i := 1; i < 3; i++ {
		p := first.Beside(t, fmt.Sprint("node-", i))
		p.Start(t)
		planes = append(planes, p)
	}
	type node struct{ ID string }
	group := rig.Call[node](t, first.Client, http.MethodPost, "/v1/nodes", m{"type": "group", "name": "fifty"})
	brand := rig.Call[node](t, first.Client, http.MethodPost, "/v1/nodes", m{"type": "brand", "name": "brand", "parent": group.ID})
	var projects []string
	for i := range 10 {
		projects = append(projects, rig.Call[node](t, first.Client, http.MethodPost, "/v1/nodes", m{"type": "project", "name": fmt.Sprint("p", i), "parent": brand.ID}).ID)
	}
	rig.Call[m](t, first.Client, http.MethodPut, "/v1/quotas/networks?node="+brand.ID, m{"hard": 50})

	var accepted, refused, again atomic.Int64
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			body, key := rig.Body(projects[i%10], fmt.Sprint("n", i), m{"cidr": "10.90.0.0/24"}), uuid.NewString()
			for try := 0; ; try++ {
				a, err := planes[(i+try)%3].Do(t.Context(), http.MethodPost, "/v1/networks", body, "Idempotency-Key", key)
				switch {
				case err != nil || a.Status >= 500: // the killed one; another knows by the key whether it was done
					again.Add(1)
					if try > 30 {
						t.Errorf("order %d: %v %s", i, err, a.Body)
						return
					}
					time.Sleep(100 * time.Millisecond)
					continue
				case a.Status < 300:
					if accepted.Add(1) == 20 {
						planes[2].Kill()
					}
				case a.Status == http.StatusForbidden:
					refused.Add(1)
				default:
					t.Errorf("order %d: %d %s", i, a.Status, a.Body)
				}
				return
			}
		})
	}
	wg.Wait()
	t.Logf("%d accepted, %d refused, %d asked again elsewhere", accepted.Load(), refused.Load(), again.Load())
	require.EqualValues(t, 50, accepted.Load())
	require.EqualValues(t, 950, refused.Load())
	rig.Within(t, 2*time.Minute, func() error {
		for _, u := range rig.Call[struct{ Items []resource.QuotaUsage }](t, first.Client, http.MethodGet, "/v1/quotas?node="+brand.ID, nil).Items {
			if u.Metric == "networks" && (u.Reserved != 0 || u.Committed != 50) {
				return fmt.Errorf("%d reserved, %d committed", u.Reserved, u.Committed)
			}
		}
		return nil
	})
	require.Len(t, first.List(t, "networks"), 50)
	require.Empty(t, rig.Call[struct{ Items []string }](t, first.Client, http.MethodGet, "/v1/quotas/differences", nil).Items)
}
