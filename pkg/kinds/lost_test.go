package kinds_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

func TestBucketsAndSharesThatAreGoneAreHeld(t *testing.T) {
	t.Parallel()
	r, v, _ := newStorageRig(t)
	r.ready(r.make("bucket", "p", "media", `{"quotaGiB":5}`))
	r.ready(r.make("share", "p", "files", `{"sizeGiB":5}`))
	v.set(func() { clear(v.buckets); clear(v.shares) })
	for kind, name := range map[string]string{"bucket": "media", "share": "files"} {
		id := r.get(kind, "p", name).ID
		require.NoError(t, r.Touch(t.Context(), kind, id, "it is missing"))
		o := r.becomes(kind, "p", name, resource.PhaseDegraded)
		require.Equal(t, "Held", o.Condition("Drift").Reason)
		require.NoError(t, r.Touch(t.Context(), kind, id, "repair was asked for by someone"))
		o = r.becomes(kind, "p", name, resource.PhaseReady)
		require.Equal(t, resource.False, o.Condition("Drift").Status)
		require.Contains(t, r.notes(id)["drift.repaired"], "empty")
	}
}
