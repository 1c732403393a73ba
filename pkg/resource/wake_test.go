package resource_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

type sizeSpec struct {
	RAM int64 `json:"ram"`
}

type tenantSpec struct {
	Size string `json:"size"`
}

// wokenBy are the ids of the objects that have a job with that reason.
func wokenBy(t *testing.T, p *operationtest.Plant, reason string) (ids []string) {
	t.Helper()
	id, cause := "json_extract(args, '$.job.ID')", "json_extract(args, '$.job.Cause')"
	if p.DB().Dialect == store.Postgres {
		id, cause = "args->'job'->>'ID'", "args->'job'->>'Cause'"
	}
	require.NoError(t, p.DB().Read.NewSelect().Table("river_job").ColumnExpr("DISTINCT "+id).Where(cause+" = ?", reason).Scan(t.Context(), &ids))
	return ids
}

// Those that name another object have a job, with its reason, in the transaction that changes its spec.
func TestOthersAreWokenByAnotherSpec(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		resource.Register(p.Registry(), resource.Kind[sizeSpec, struct{}]{Name: "size", Plural: "sizes", Scoping: resource.Global, Wakes: map[string]string{"tenant": "spec.size"}})
		resource.Register(p.Registry(), resource.Kind[tenantSpec, struct{}]{Name: "tenant", Plural: "tenants", Indexed: []string{"spec.size"},
			Reconcile: func(context.Context, *resource.Reconciliation, *resource.Object[tenantSpec, struct{}]) (resource.Result, error) {
				return resource.Result{Done: true}, nil
			}})
		apply := func(kind, project, name, spec string, labels map[string]string) resource.Raw {
			return p.Must(t, resource.Request{Kind: kind, Project: project, Name: name, Labels: labels, Actor: operationtest.Admin, Spec: json.RawMessage(spec)}).Object
		}
		woken := func() []string { return wokenBy(t, p, "size small changed") }
		apply("size", "", "small", `{"ram":1}`, nil)
		apply("size", "", "large", `{"ram":1}`, nil)
		a := apply("tenant", "p", "a", `{"size":"small"}`, nil)
		apply("tenant", "p", "b", `{"size":"large"}`, nil)
		apply("size", "", "small", `{"ram":1}`, map[string]string{"only": "label"})
		require.Empty(t, woken())
		apply("size", "", "small", `{"ram":2}`, nil)
		require.Equal(t, []string{a.ID}, woken())
	})
}
