package resource_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
)

// consistent checks what must hold whenever nothing is under way: totals are the sums of holdings, holdings are what
// settled objects charge, the last usage event of each object is what it is metered by, and no operation of a settled
// or vanished object is open.
func consistent(t *testing.T, p *operationtest.Plant) {
	t.Helper()
	ctx := t.Context()
	diff, err := p.Recount(ctx)
	require.NoError(t, err)
	require.Empty(t, diff)
	objects := map[string]resource.Raw{}
	for _, def := range p.Registry().Kinds() {
		require.NoError(t, resource.All(ctx, p.View, resource.Query{Kind: def.Name}, func(o resource.Raw) error {
			objects[o.ID] = o
			return nil
		}))
	}
	var held []resource.Holding
	require.NoError(t, p.DB().Read.NewSelect().Model(&held).Scan(ctx))
	sums := map[string]resource.Charges{}
	for _, h := range held {
		require.Contains(t, objects, h.ObjectID)
		if sums[h.ObjectID] == nil {
			sums[h.ObjectID] = resource.Charges{}
		}
		sums[h.ObjectID][h.Metric] = h.Committed
		if o := objects[h.ObjectID]; o.Settled() {
			require.Zero(t, h.Reserved, "%s", o.Name)
		}
	}
	var usage []resource.Usage
	require.NoError(t, p.DB().Read.NewSelect().Model(&usage).Order("id").Scan(ctx))
	last := map[string]resource.Usage{}
	for _, u := range usage {
		last[u.ObjectID] = u
	}
	for id, u := range last {
		if _, there := objects[id]; !there {
			require.Equal(t, "delete", u.Change)
			require.Empty(t, u.Measures)
		}
	}
	for id, o := range objects {
		if o.Kind != "box" || !o.Settled() {
			continue
		}
		b, err := resource.As[operationtest.BoxSpec, operationtest.BoxStatus](o)
		require.NoError(t, err)
		want := resource.Charges{"boxes": 1, "volume": b.Spec.Size}
		if b.Spec.Extras > 0 {
			want["extras"] = b.Spec.Extras
		}
		require.Equal(t, want, sums[id], "holdings of %s", o.Name)
		require.Equal(t, b.Spec.Size, last[id].Measures["volume"], "usage of %s", o.Name)
	}
	ops, err := p.View.Operations(ctx, resource.OperationQuery{Limit: 1000})
	require.NoError(t, err)
	for _, op := range ops {
		if o, there := objects[op.ObjectID]; !there || o.Settled() {
			require.True(t, op.Ended(), "operation %s of %s is %s", op.Verb, op.ObjectName, op.State)
		}
	}
}
