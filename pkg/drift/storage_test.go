package drift_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/drift"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// vault is a storage cluster that only lists.
type vault struct {
	provider.Storage
	buckets []provider.BucketState
	shares  []provider.ShareState
	away    error
	deleted []string
}

func (v *vault) ListBuckets(context.Context, string) ([]provider.BucketState, error) {
	return v.buckets, nil
}

func (v *vault) ListShares(context.Context, string) ([]provider.ShareState, error) {
	return v.shares, v.away
}

func (v *vault) GetBucket(context.Context, string, string) (provider.BucketState, error) {
	return provider.BucketState{}, nil
}

func (v *vault) GetShare(context.Context, string, string) (provider.ShareState, error) {
	return provider.ShareState{}, nil
}

func (v *vault) DeleteBucket(_ context.Context, _, id string, purge bool) error {
	if purge {
		panic("a zombie's objects are not thrown away")
	}
	v.deleted = append(v.deleted, id)
	return nil
}

func TestStorageClusters(t *testing.T) {
	v := &vault{buckets: []provider.BucketState{{ID: resource.NewID(), Name: "left"}}, shares: []provider.ShareState{{ID: resource.NewID(), Path: "/volumes/x"}}}
	r := newRig(t, v)
	for _, o := range [][3]string{{"host", "stor1", `{"site":"north","schedulable":true,"roles":["ceph"]}`}, {"cluster", "vault", `{"type":"ceph","hosts":["stor1"],"schedulable":true}`}} {
		_, err := r.Apply(t.Context(), resource.Request{Kind: o[0], Name: o[1], Actor: admin, Spec: json.RawMessage(o[2])})
		require.NoError(t, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.keeper.Run(ctx) }()
	z := r.state("bucket zombie", drift.Open)
	require.Equal(t, "vault", z.Spec.PlaceName)
	require.Equal(t, "left", z.Spec.BackendName)
	r.state("share zombie", drift.Open)
	stop()
	require.NoError(t, <-done)

	require.NoError(t, r.act("bucket zombie", "repair", ""))
	r.state("bucket zombie", drift.Repairing)
	require.Equal(t, []string{v.buckets[0].ID}, v.deleted)
	v.buckets, v.shares, v.away = nil, nil, provider.Errorf(provider.ReasonUnavailable, "", "no agent answers")
	require.NoError(t, r.keeper.SurveyClusters(t.Context()))
	r.eventually("the bucket is gone", func() bool { return len(r.drifts()) == 1 })
	r.drift("share zombie") // shares could not be read: that proves nothing
}
