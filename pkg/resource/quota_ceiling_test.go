package resource_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
)

type noted struct {
	Ceilings map[string]resource.Charges `json:"ceilings,omitempty"`
}

// What a project may have in a region is the least of what is set for it and above it, there and everywhere.
func TestCeilings(t *testing.T) {
	eachForest(t, func(t *testing.T, f *forest) {
		onShelves(f.Plant)
		resource.Register(f.Registry(), resource.Kind[struct{}, noted]{Name: "fence", Plural: "fences", Scoping: resource.Global, HeedsLimits: true,
			Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *resource.Object[struct{}, noted]) (resource.Result, error) {
				var err error
				o.Status.Ceilings, err = r.Ceilings(ctx, "east", []string{"volume"})
				return resource.Result{Done: true}, err
			}})
		fence := f.Must(t, resource.Request{Kind: "fence", Name: "east", Actor: operationtest.Admin, Spec: operationtest.Spec(`{}`)}).Object.ID
		ceilings := func() map[string]resource.Charges {
			f.Pass(t, "fence", fence)
			raw, err := f.View.Get(t.Context(), "fence", "", fence)
			require.NoError(t, err)
			o, err := resource.As[struct{}, noted](raw)
			require.NoError(t, err)
			return o.Status.Ceilings
		}
		require.Empty(t, ceilings(), "nobody has anything there")
		f.Must(t, shelved(f.box("group/north/a", "one", 0), 6, "east"))
		f.Must(t, shelved(f.box("group/south/a", "two", 0), 6, "east"))
		f.Must(t, shelved(f.box("group/south/b", "three", 0), 6, "west"))
		a, south := f.id["group/north/a"], f.id["group/south/a"]
		require.Equal(t, map[string]resource.Charges{a: {}, south: {}}, ceilings(), "those who have something there, without limits")

		require.NoError(t, f.limit(t, "group", resource.Hard(100)))
		f.limitIn(t, "group/north", "east", 40)
		f.limitIn(t, "group/north", "west", 7)
		require.Equal(t, map[string]resource.Charges{a: {"volume": 40}, south: {"volume": 100}}, ceilings(), "a branch with a limit there is no project")
		require.NoError(t, f.limit(t, "group/north/a", resource.Hard(30)))
		require.EqualValues(t, 30, ceilings()[a]["volume"])
		f.limitIn(t, "group/north/a", "east", 0)
		require.EqualValues(t, 0, ceilings()[a]["volume"])
	})
}

// A limit that is set makes those look again that heed limits, in its own transaction.
func TestLimitsWakeWhoHeedsThem(t *testing.T) {
	eachForest(t, func(t *testing.T, f *forest) {
		made := map[bool]string{}
		for heeds, name := range map[bool]string{true: "fence", false: "wall"} {
			resource.Register(f.Registry(), resource.Kind[struct{}, struct{}]{Name: name, Plural: name + "s", Scoping: resource.Global, HeedsLimits: heeds})
			made[heeds] = f.Must(t, resource.Request{Kind: name, Name: "east", Actor: operationtest.Admin, Spec: operationtest.Spec(`{}`)}).Object.ID
		}
		require.Empty(t, wokenBy(t, f.Plant, "limit of volume set"))
		require.NoError(t, f.limit(t, "group", resource.Hard(100)))
		require.Equal(t, []string{made[true]}, wokenBy(t, f.Plant, "limit of volume set"))
	})
}
