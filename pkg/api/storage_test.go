package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// safe holds the keys of one bucket and one share.
type safe struct{ provider.Storage }

func (safe) GetBucket(_ context.Context, place, id string) (provider.BucketState, error) {
	if place != "c-1" {
		return provider.BucketState{}, provider.Errorf(provider.ReasonUnavailable, "try again soon", "cluster %s is not connected", place)
	}
	return provider.BucketState{ID: id, Name: "media-1", Endpoint: "http://s3", Key: "KEY", Secret: "hush"}, nil
}

func (safe) GetShare(_ context.Context, _, id string) (provider.ShareState, error) {
	return provider.ShareState{ID: id, FS: "files", Path: "/p", Monitors: []string{"10.0.0.1:6789"}, Access: []provider.AccessGrant{
		{Access: provider.Access{Name: "till", Mode: "rw"}, Client: "client.till", Key: "hush"}}}, nil
}

// placedOn makes an object that is said to be on a cluster.
func (r *rig) placedOn(t *testing.T, kind, name, spec, cluster string) resource.Raw {
	t.Helper()
	a, err := r.store.Apply(t.Context(), resource.Request{Kind: kind, Project: r.project[shop], Name: name, Spec: json.RawMessage(spec), Actor: resource.System("test")})
	require.NoError(t, err)
	if cluster == "" {
		return a.Object
	}
	require.Eventually(t, func() bool { // a pass that is under way may write what it read before
		_, err = r.store.DB().Write.NewRaw(`UPDATE objects SET status = ?, observed_generation = 1 WHERE id = ?`, `{"cluster":"`+cluster+`"}`, a.Object.ID).Exec(t.Context())
		require.NoError(t, err)
		time.Sleep(300 * time.Millisecond)
		o, err := r.store.View(resource.Everything).Get(t.Context(), kind, "", a.Object.ID)
		return err == nil && o.ObservedGeneration == 1 && len(resource.Lookup(o, "status.cluster")) == 1
	}, 30*time.Second, 10*time.Millisecond)
	return a.Object
}

func TestCredentialsAreForThoseWhoMayChange(t *testing.T) {
	r := newRig(t, func(c *api.Config) {
		kinds.Register(c.Store.Registry(), kinds.Backends{})
		c.Routes = []api.Routes{api.StorageRoutes(safe{})}
	})
	b := r.placedOn(t, "bucket", "media", `{"quotaGiB":1}`, "c-1")
	s := r.placedOn(t, "share", "home", `{"sizeGiB":1}`, "c-1")
	young := r.placedOn(t, "bucket", "young", `{"quotaGiB":1}`, "")
	away := r.placedOn(t, "bucket", "away", `{"quotaGiB":1}`, "c-2")

	var keys api.BucketCredentials
	r.call(t, "dailymart-member", "GET", "/v1/buckets/"+b.ID+"/credentials", nil).is(http.StatusOK).into(&keys)
	require.Equal(t, api.BucketCredentials{Endpoint: "http://s3", Bucket: "media-1", AccessKey: "KEY", SecretKey: "hush"}, keys)
	var share api.ShareCredentials
	r.call(t, "dailymart-member", "GET", "/v1/shares/"+s.ID+"/credentials", nil).is(http.StatusOK).into(&share)
	require.Equal(t, []api.ShareKey{{Name: "till", Mode: "rw", Client: "client.till", Key: "hush"}}, share.Clients)

	r.call(t, "dailymart-reader", "GET", "/v1/buckets/"+b.ID+"/credentials", nil).refused(resource.ReasonForbidden)
	r.call(t, "tealeaf-member", "GET", "/v1/buckets/"+b.ID+"/credentials", nil).refused(resource.ReasonNotFound)
	r.call(t, "", "GET", "/v1/buckets/"+b.ID+"/credentials", nil).refused(resource.ReasonUnauthenticated)
	r.call(t, "dailymart-member", "GET", "/v1/buckets/"+young.ID+"/credentials", nil).refused(resource.ReasonConflict)
	r.call(t, "dailymart-member", "GET", "/v1/buckets/"+away.ID+"/credentials", nil).refused(resource.ReasonUnavailable)
	rows, err := r.store.View(resource.Everything).History(t.Context(), b.ID, "", 100)
	require.NoError(t, err)
	read := 0
	for _, a := range rows {
		if a.Verb == "credentials.read" {
			read++
			require.Contains(t, a.Actor, "dailymart-member")
			require.NotContains(t, a.Note, "hush")
		}
	}
	require.Equal(t, 1, read)
	require.NotContains(t, r.log.String(), "hush")
}
