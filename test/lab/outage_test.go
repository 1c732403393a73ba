package lab

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestServicesThatFail lets each service of the cloud break its connections, be slow, and answer 500 in turn. Reads go on
// being served with their age, orders wait or are refused with the reason, and all converges when the service is back.
func TestServicesThatFail(t *testing.T) {
	t.Parallel()
	needLab(t)
	var atOnce errgroup.Group // not subtests in parallel: these mostly wait, and would keep those that work from a turn
	atOnce.SetLimit(3)
	for _, service := range []struct {
		name string
		port int
	}{{"identity", 5000}, {"image", 9292}, {"network", 9696}, {"compute", 8774}, {"volumev3", 8776}, {"placement", 8778}} {
		atOnce.Go(func() error {
			t.Run(service.name, func(t *testing.T) {
				s, f := newFencedSite(t)
				network := s.Create(t, "networks", s.project, "net", m{"cidr": "10.92.0.0/24"})
				for i, kind := range []fault{refused, broken, slow} {
					s.survives(t, f, network.ID, service.name, service.port, kind, i)
				}
				s.empty(t)
			})
			return nil
		})
	}
	_ = atOnce.Wait() // what failed has told the test
}

func newFencedSite(t *testing.T) (*site, *fence) {
	t.Helper()
	l, f := needLab(t), newFence(t)
	s := &site{lab: l, cloud: l.cloud(t), Plane: rig.NewPlane(t, rig.PlaneOptions{})}
	s.region = s.Create(t, "regions", "", "east", f.through(l.regionSpec(s.cloud)))
	s.Create(t, "flavors", "", "tiny", m{"vcpus": 1, "memoryMiB": 128, "diskGiB": 1})
	s.AddGuest(t, "busybox", "")
	s.project = s.Project(t, "shop")
	return s, f
}

func (s *site) survives(t *testing.T, f *fence, network, service string, port int, kind fault, i int) {
	t.Helper()
	begin := time.Now()
	f.set(port, kind)
	volume := s.order(t, "volumes", fmt.Sprintf("vol-%d", i), m{"sizeGiB": 1})
	machine := s.order(t, "servers", fmt.Sprintf("srv-%d", i), server(network, m{"power": "stopped"}))

	// What was last seen is served at once, whatever the cloud does.
	for range 5 {
		at := time.Now()
		s.List(t, "servers")
		region := s.Get(t, "regions", s.region.ID)
		require.Less(t, time.Since(at), time.Second)
		require.NotEmpty(t, rig.Status(region, "status.lastSeen"))
	}
	// The region says which service it is, and an order that has to wait for it does not fail.
	rig.Within(t, 2*time.Minute, func() error {
		region := s.Get(t, "regions", s.region.ID)
		c := region.Condition("Services")
		return errorIf(c.Status != resource.False, fmt.Sprintf("%s is %s and the region says %q", service, kind, c.Message))
	})
	told := time.Since(begin)
	for _, a := range []*rig.Applied{volume, machine} {
		if a != nil {
			require.NotEqual(t, resource.OperationFailed, s.Operation(t, a.Operation.ID).State, "an order waits for a service that is away")
		}
	}
	f.set(port, well)
	back := time.Now()
	for _, a := range []*rig.Applied{volume, machine} {
		if a != nil {
			s.Succeeded(t, a.Operation.ID, 4*time.Minute)
		}
	}
	rig.Within(t, 2*time.Minute, func() error {
		region := s.Get(t, "regions", s.region.ID)
		c := region.Condition("Services")
		return errorIf(c.Status != resource.True, "the region still says "+c.Message)
	})
	t.Logf("%s %s: told after %s, converged %s after its return", service, kind, told.Round(time.Millisecond), time.Since(back).Round(time.Millisecond))
}

// order asks for an object; nil when it was refused with a reason that says why it can not be now.
func (s *site) order(t *testing.T, plural, name string, spec m) *rig.Applied {
	t.Helper()
	a, err := s.Do(t.Context(), http.MethodPost, "/v1/"+plural, rig.Body(s.project, name, spec), "Idempotency-Key", uuid.NewString())
	require.NoError(t, err)
	if a.Status >= 400 {
		require.Contains(t, []int{409, 422, 503, 507}, a.Status, "%s", a.Body)
		require.Contains(t, string(a.Body), string(resource.ReasonNoCandidate))
		return nil
	}
	out := decode[rig.Applied](t, a.Body)
	return &out
}

// TestVolumesThatCinderForgot: an API of Cinder that ends between writing a volume down and giving it to the scheduler leaves one
// that nobody makes, ever. An order is made by another one then, and a deletion is not kept waiting.
func TestVolumesThatCinderForgot(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.Create(t, "volumes", s.project, "data", m{"sizeGiB": 1})
	first := s.orphan(t, v.ID)
	a := rig.Call[rig.Applied](t, s.Client, http.MethodPatch, "/v1/volumes/"+v.ID, m{"spec": m{"sizeGiB": 2}})
	s.Succeeded(t, a.Operation.ID, 2*time.Minute)
	require.Equal(t, "deleted", s.cinder(t, "select status from volumes where id='"+first+"'"))

	second := s.orphan(t, v.ID)
	require.NotEqual(t, first, second)
	s.Delete(t, "volumes", v.ID)
	require.Equal(t, "deleted", s.cinder(t, "select status from volumes where id='"+second+"'"))
}

// orphan lets Cinder's database say of a volume what it says of one that came no further than that, and returns Cinder's id.
func (s *site) orphan(t *testing.T, volume string) string {
	t.Helper()
	id := s.cinder(t, "select volume_id from volume_metadata where value='"+volume+"' and deleted=0")
	s.cinder(t, "update volumes set status='creating', host=NULL, created_at=utc_timestamp() - interval 1 hour where id='"+id+"'; "+
		"update volume_metadata set deleted=1 where volume_id='"+id+"' and value='yes'") // it was never handed out
	s.lab.shell(t, s.lab.env["LAB_CEPH_NODE"], "rbd rm --no-progress volumes/volume-"+id)
	return id
}

// cinder asks Cinder's database.
func (s *site) cinder(t *testing.T, sql string) string {
	t.Helper()
	return strings.TrimSpace(s.lab.shell(t, s.lab.env["LAB_CONTROL"], `mysql -BN cinder -e "`+sql+`"`))
}
