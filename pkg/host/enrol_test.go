package host_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nkeys"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/host"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(int) { storetest.Stop() }))
}

var operator = resource.Actor{ID: "u1", Name: "cloud-operator", Scope: resource.Everything}

type office struct {
	*host.Registry
	db      *store.DB
	objects *resource.Store
}

func newOffice(t *testing.T, db *store.DB) *office {
	t.Helper()
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{})
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	o := &office{db: db, objects: resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer})}
	t.Cleanup(o.objects.Close)
	engine, err := operation.New(t.Context(), operation.Config{DB: db, Objects: o.objects, Node: "n1"}) // its tables; nothing runs
	require.NoError(t, err)
	o.objects.UseJobs(engine)
	o.Registry = host.NewRegistry(o.objects, func() string { return "tls://127.0.0.1:7711" }, func() []byte { return []byte("PEM") })
	return o
}

func newKey(t *testing.T) string {
	t.Helper()
	pair, err := nkeys.CreateUser()
	require.NoError(t, err)
	key, err := pair.PublicKey()
	require.NoError(t, err)
	return key
}

func (o *office) token(t *testing.T, name string, life time.Duration) string {
	t.Helper()
	_, secret, err := o.CreateToken(t.Context(), operator, "north", name, life)
	require.NoError(t, err)
	return secret
}

func (o *office) enrol(t *testing.T, token, name, key string) (kvm.EnrolResponse, error) {
	t.Helper()
	return o.Enrol(t.Context(), kvm.EnrolRequest{Token: token, Name: name, PublicKey: key})
}

func (o *office) refused(t *testing.T, reason resource.Reason, token, name, key string) {
	t.Helper()
	_, err := o.enrol(t, token, name, key)
	require.Equal(t, reason, resource.ReasonOf(err), "%v", err)
}

func TestEnrolment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		token, key := o.token(t, "", 0), newKey(t)
		first, err := o.enrol(t, token, "KVM_1.Example", key)
		require.NoError(t, err)
		require.Equal(t, "tls://127.0.0.1:7711", first.BusURL)
		require.Equal(t, "PEM", first.BusCA)
		h, err := o.objects.View(resource.Everything).Get(t.Context(), "host", "", first.HostID)
		require.NoError(t, err)
		require.Equal(t, "kvm-1.example", h.Name, "a name that can not be one is made so")

		again, err := o.enrol(t, token, "another-name", key)
		require.NoError(t, err, "the first answer may have been lost")
		require.Equal(t, first.HostID, again.HostID)
		o.refused(t, resource.ReasonUnauthenticated, token, "thief", newKey(t))
		o.refused(t, resource.ReasonUnauthenticated, "plzh_nonsense", "thief", newKey(t))
		o.refused(t, resource.ReasonUnauthenticated, "", "thief", newKey(t))
		o.refused(t, resource.ReasonInvalid, o.token(t, "", 0), "x", "not a key")
		o.refused(t, resource.ReasonUnauthenticated, o.token(t, "", -time.Second), "late", newKey(t))
		o.refused(t, resource.ReasonAlreadyExists, o.token(t, "", 0), "kvm-1.example", newKey(t))

		named, err := o.enrol(t, o.token(t, "edge-7", 0), "whatever", newKey(t))
		require.NoError(t, err)
		h, err = o.objects.View(resource.Everything).Get(t.Context(), "host", "", named.HostID)
		require.NoError(t, err)
		require.Equal(t, "edge-7", h.Name)
		s, err := resource.As[kinds.HostSpec, kinds.HostStatus](h)
		require.NoError(t, err)
		require.Equal(t, "north", s.Spec.Site)
		require.Equal(t, []string{"kvm"}, s.Spec.Roles)
		store, err := o.Enrol(t.Context(), kvm.EnrolRequest{Token: o.token(t, "stor1", 0), Name: "stor1", PublicKey: newKey(t), Roles: []string{"ceph"}})
		require.NoError(t, err)
		h, err = o.objects.View(resource.Everything).Get(t.Context(), "host", "", store.HostID)
		require.NoError(t, err)
		require.Equal(t, []string{"ceph"}, resource.Lookup(h, "spec.roles"))

		var stored []host.EnrolToken
		require.NoError(t, db.Read.NewSelect().Model(&stored).Scan(t.Context()))
		for _, s := range stored {
			require.NotContains(t, s.Hash, "plzh_", "only the hash is kept")
		}
		_, _, err = o.CreateToken(t.Context(), operator, "Not A Site", "", 0)
		require.Equal(t, resource.ReasonInvalid, resource.ReasonOf(err))
	})
}

func TestOneTokenForManyHostsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		token := o.token(t, "", 0)
		var wg sync.WaitGroup
		results := make(chan error, 16)
		for range 16 {
			key := newKey(t)
			wg.Go(func() {
				_, err := o.Enrol(t.Context(), kvm.EnrolRequest{Token: token, Name: "h-" + key[50:], PublicKey: key})
				results <- err
			})
		}
		wg.Wait()
		close(results)
		won := 0
		for err := range results {
			if err == nil {
				won++
				continue
			}
			require.Equal(t, resource.ReasonUnauthenticated, resource.ReasonOf(err), "%v", err)
		}
		require.Equal(t, 1, won)
		page, err := o.objects.View(resource.Everything).List(t.Context(), resource.Query{Kind: "host"})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
	})
}

func TestAnOldTokenDoesNotBringADeletedHostBack(t *testing.T) {
	o := newOffice(t, storetest.Open(t, store.SQLite))
	token, key := o.token(t, "", 2*time.Second), newKey(t)
	e, err := o.enrol(t, token, "h", key)
	require.NoError(t, err)
	o.delete(t, e.HostID)
	time.Sleep(2 * time.Second)
	o.refused(t, resource.ReasonUnauthenticated, token, "h", key)
}

// delete removes a host wholly, as the engine would.
func (o *office) delete(t *testing.T, id string) {
	t.Helper()
	_, err := o.objects.Delete(t.Context(), resource.Request{Kind: "host", ID: id, Actor: resource.System("test")})
	require.NoError(t, err)
	_, err = o.objects.Reconcile(t.Context(), "n1", resource.Job{Kind: "host", ID: id})
	require.NoError(t, err)
	_, err = o.objects.View(resource.Everything).Get(t.Context(), "host", "", id)
	require.Equal(t, resource.ReasonNotFound, resource.ReasonOf(err))
}

func TestAuthorize(t *testing.T) {
	o := newOffice(t, storetest.Open(t, store.SQLite))
	key := newKey(t)
	_, ok := o.Authorize(key)
	require.False(t, ok, "a stranger")
	e, err := o.enrol(t, o.token(t, "", 0), "h", key)
	require.NoError(t, err)
	p, ok := o.Authorize(key)
	require.True(t, ok)
	want, err := bus.HostPermissions(e.HostID)
	require.NoError(t, err)
	require.Equal(t, want, p)
	require.True(t, o.Enrolled(e.HostID))
	require.False(t, o.Enrolled(resource.NewID()))

	_, err = o.objects.Delete(t.Context(), resource.Request{Kind: "host", ID: e.HostID, Actor: resource.System("test")})
	require.NoError(t, err)
	_, ok = o.Authorize(key)
	require.False(t, ok, "a host on its way out is cut off")
}

func TestAuthorizeWhileTheDatabaseIsAway(t *testing.T) {
	db, err := store.Open(context.Background(), storetest.URL(t, store.SQLite))
	require.NoError(t, err)
	require.NoError(t, db.Migrate(t.Context()))
	o := newOffice(t, db)
	known, gone := newKey(t), newKey(t)
	e, err := o.enrol(t, o.token(t, "", 0), "h", known)
	require.NoError(t, err)
	g, err := o.enrol(t, o.token(t, "", 0), "g", gone)
	require.NoError(t, err)
	for _, k := range []string{known, gone} {
		_, ok := o.Authorize(k)
		require.True(t, ok)
	}
	o.delete(t, g.HostID)
	_, ok := o.Authorize(gone)
	require.False(t, ok)
	require.NoError(t, db.Close())
	p, ok := o.Authorize(known)
	require.True(t, ok, "what was known holds while nobody can say otherwise")
	want, err := bus.HostPermissions(e.HostID)
	require.NoError(t, err)
	require.Equal(t, want, p)
	_, ok = o.Authorize(gone)
	require.False(t, ok, "a deleted host stays out")
	_, ok = o.Authorize(newKey(t))
	require.False(t, ok, "a stranger stays out")
	require.True(t, o.Enrolled(g.HostID), "no answer is no proof of absence")
}
