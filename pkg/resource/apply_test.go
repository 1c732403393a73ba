package resource_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func reason(t *testing.T, want resource.Reason, err error) *resource.Problem {
	t.Helper()
	require.Error(t, err)
	var p *resource.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, want, p.Reason, "%v", err)
	return p
}

func TestUpsertIsIdempotent(t *testing.T) {
	each(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 3))
		require.True(t, a.Created)
		require.True(t, a.Changed)
		require.EqualValues(t, 1, a.Object.Generation)
		require.Equal(t, resource.Charges{"boxes": 1, "volume": 3}, a.Charges)
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, a.Operation).State)
		before := p.Object(t, "box", a.Object.ID)
		require.True(t, before.Settled())
		for range 3 {
			again := p.Must(t, operationtest.Box("one", 3))
			require.False(t, again.Changed)
			require.False(t, again.Created)
			require.Nil(t, again.Operation)
			require.Equal(t, a.Object.ID, again.Object.ID)
		}
		require.Equal(t, before, p.Object(t, "box", a.Object.ID))

		labelled := operationtest.Box("one", 3)
		labelled.Labels = map[string]string{"tier": "gold"}
		l := p.Must(t, labelled)
		require.True(t, l.Changed)
		require.Nil(t, l.Operation, "labels are no desired state of a backend")
		require.EqualValues(t, 1, l.Object.Generation)
		kept := p.Must(t, operationtest.Box("one", 4))
		require.Equal(t, map[string]string{"tier": "gold"}, kept.Object.Labels, "labels left out stay")
		require.EqualValues(t, 2, kept.Object.Generation)
		require.Equal(t, resource.PhaseWorking, kept.Object.Phase)
		p.Wait(t, kept.Operation)
		require.EqualValues(t, 4, p.Boxes()[a.Object.ID])
	})
}

func TestModes(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		r := operationtest.Box("one", 1)
		r.Mode = resource.UpdateOnly
		_, err := p.Apply(t.Context(), r)
		reason(t, resource.ReasonNotFound, err)
		r.Mode = resource.CreateOnly
		a := p.Must(t, r)
		_, err = p.Apply(t.Context(), r)
		reason(t, resource.ReasonAlreadyExists, err)
		r.DryRun = true
		_, err = p.Apply(t.Context(), r)
		reason(t, resource.ReasonAlreadyExists, err)
		byID := resource.Request{Kind: "boxes", ID: a.Object.ID, Actor: operationtest.Admin, Spec: operationtest.Spec(`{"size":9}`)}
		require.EqualValues(t, 2, p.Must(t, byID).Object.Generation)
		byID.ID = resource.NewID()
		_, err = p.Apply(t.Context(), byID)
		reason(t, resource.ReasonNotFound, err)
	})
}

func TestStaleVersion(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 1))
		r := operationtest.Box("one", 2)
		r.Version = a.Object.Version
		b := p.Must(t, r)
		r.Spec = operationtest.Spec(`{"size":3}`)
		_, err := p.Apply(t.Context(), r)
		require.NotEmpty(t, reason(t, resource.ReasonStale, err).Hint)
		_, err = p.Delete(t.Context(), resource.Request{Kind: "box", ID: a.Object.ID, Version: a.Object.Version, Actor: operationtest.Admin})
		reason(t, resource.ReasonStale, err)
		_, err = p.Act(t.Context(), resource.Request{Kind: "box", ID: a.Object.ID, Version: a.Object.Version, Actor: operationtest.Admin}, "grow", operationtest.Spec(`{"by":1}`))
		reason(t, resource.ReasonStale, err)
		require.Equal(t, b.Object.Version, p.Object(t, "box", a.Object.ID).Version)
	})
}

// Who names no version asks for a state, whatever was there: a concurrent write is no reason to refuse it.
func TestConcurrentUpdatesWithoutVersion(t *testing.T) {
	each(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 1))
		var wg sync.WaitGroup
		errs := make([]error, 16)
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = p.Act(context.Background(), resource.Request{Kind: "box", ID: a.Object.ID, Actor: operationtest.Admin}, "grow", operationtest.Spec(`{"by":1}`))
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		require.Eventually(t, func() bool { return p.Boxes()[a.Object.ID] == 17 }, 20*wait, tick)
	})
}

func TestRefusals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := operationtest.New(t, db, operationtest.Options{Idle: true})
		p.Must(t, resource.Request{Kind: "label", Project: "p", Name: "here", Actor: operationtest.Admin, Spec: operationtest.Spec(`{"text":"x"}`)})
		long := map[string]string{}
		for i := range 65 {
			long[fmt.Sprint("k", i)] = "v"
		}
		box := func(spec string) resource.Request {
			r := operationtest.Box("two", 1)
			r.Spec = operationtest.Spec("%s", spec)
			return r
		}
		with := func(f func(r *resource.Request)) resource.Request {
			r := operationtest.Box("two", 1)
			f(&r)
			return r
		}
		for name, c := range map[string]struct {
			r    resource.Request
			path string
		}{
			"unknown field":   {box(`{"size":1,"colour":"red"}`), "spec.colour"},
			"wrong type":      {box(`{"size":"big"}`), "spec.size"},
			"not an object":   {box(`[1]`), "spec"},
			"not JSON":        {box(`{"size":`), "spec"},
			"two documents":   {box(`{"size":1} {"size":2}`), "spec"},
			"validated":       {box(`{"size":-1}`), "spec.size"},
			"no name":         {with(func(r *resource.Request) { r.Name = "" }), "name"},
			"upper case name": {with(func(r *resource.Request) { r.Name = "Box" }), "name"},
			"dash at end":     {with(func(r *resource.Request) { r.Name = "box-" }), "name"},
			"long name":       {with(func(r *resource.Request) { r.Name = strings.Repeat("a", 64) }), "name"},
			"name like an id": {with(func(r *resource.Request) {
				r.Name = "018f3d5e-7b1a-7c3d-9e2f-0123456789ab"
				r.Mode = resource.CreateOnly
			}), "name"},
			"no project":         {with(func(r *resource.Request) { r.Project = "" }), "project"},
			"many labels":        {with(func(r *resource.Request) { r.Labels = long }), "labels"},
			"long label":         {with(func(r *resource.Request) { r.Labels = map[string]string{"k": strings.Repeat("v", 256)} }), "labels.k"},
			"project for global": {resource.Request{Kind: "shelf", Project: "p", Name: "s", Actor: operationtest.Admin}, "project"},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := p.Apply(t.Context(), c.r)
				problem := reason(t, resource.ReasonInvalid, err)
				require.Equal(t, c.path, problem.Fields[0].Path, "%v", err)
			})
		}
		_, err := p.Apply(t.Context(), resource.Request{Kind: "moon", Name: "x"})
		require.Contains(t, reason(t, resource.ReasonNotFound, err).Hint, "shelf")
		_, err = p.Apply(t.Context(), resource.Request{Kind: "box", Project: "p", Name: "x", Spec: operationtest.Spec(`{}`), Mode: resource.UpdateOnly})
		reason(t, resource.ReasonNotFound, err)
		for _, table := range []string{"operations", "usage_events", "events", "audit"} {
			n, err := db.Read.NewSelect().Table(table).Where("object_name <> 'here'").Count(t.Context())
			if table == "events" {
				n, err = db.Read.NewSelect().Table(table).Where("name <> 'here'").Count(t.Context())
			}
			require.NoError(t, err)
			require.Zero(t, n, "a refusal left something in %s", table)
		}
	})
}

func TestLabelsOfAnUpdateAreChecked(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		p.Must(t, operationtest.Box("one", 1))
		r := operationtest.Box("one", 1)
		r.Labels = map[string]string{"": "x"}
		_, err := p.Apply(t.Context(), r)
		reason(t, resource.ReasonInvalid, err)
	})
}

// A name that looks like hexadecimal is a name.
func TestHexadecimalName(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		r := operationtest.Box("0123456789abcdef0123456789abcdef", 1)
		a := p.Must(t, r)
		b := p.Must(t, r)
		require.Equal(t, a.Object.ID, b.Object.ID)
	})
}

func TestDryRunWritesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := operationtest.New(t, db, operationtest.Options{Idle: true})
		a := p.Must(t, operationtest.Box("one", 1))
		require.NoError(t, p.SetQuota(t.Context(), operationtest.Admin, "p", "volume", resource.Hard(10)))
		before := census(t, db)
		dry := func(r resource.Request) resource.Request { r.DryRun = true; return r }
		c, err := p.Apply(t.Context(), dry(operationtest.Box("two", 2)))
		require.NoError(t, err)
		require.True(t, c.Created)
		require.Nil(t, c.Operation)
		u, err := p.Apply(t.Context(), dry(operationtest.Box("one", 5)))
		require.NoError(t, err)
		require.True(t, u.Changed)
		require.Equal(t, resource.Charges{"boxes": 1, "volume": 5}, u.Charges)
		_, err = p.Apply(t.Context(), dry(operationtest.Box("three", 10)))
		require.Contains(t, reason(t, resource.ReasonQuotaExceeded, err).Detail, "1 of 10")
		_, err = p.Act(t.Context(), dry(resource.Request{Kind: "box", ID: a.Object.ID, Actor: operationtest.Admin}), "grow", operationtest.Spec(`{"by":2}`))
		require.NoError(t, err)
		d, err := p.Delete(t.Context(), dry(resource.Request{Kind: "box", ID: a.Object.ID, Actor: operationtest.Admin}))
		require.NoError(t, err)
		require.Equal(t, resource.PhaseDeleting, d.Object.Phase)
		require.Equal(t, before, census(t, db))
	})
}

// census counts the rows of every table of the kernel.
func census(t *testing.T, db *store.DB) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, table := range []string{"objects", "object_index", "events", "operations", "audit", "usage_events", "quota_usage", "quota_holdings", "idempotency_keys", "river_job"} {
		n, err := db.Read.NewSelect().Table(table).Count(t.Context())
		require.NoError(t, err)
		out[table] = int(n)
	}
	return out
}

func TestActions(t *testing.T) {
	each(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 1))
		p.Wait(t, a.Operation)
		req := resource.Request{Kind: "box", Project: "p", ID: "one", Actor: operationtest.Admin}
		g, err := p.Act(t.Context(), req, "grow", operationtest.Spec(`{"by":4}`))
		require.NoError(t, err)
		require.Equal(t, "grow", g.Operation.Verb)
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, g.Operation).State)
		require.EqualValues(t, 5, p.Boxes()[a.Object.ID])
		same, err := p.Act(t.Context(), req, "seal", nil)
		require.NoError(t, err)
		require.False(t, same.Changed)
		_, err = p.Act(t.Context(), req, "grow", operationtest.Spec(`{"much":4}`))
		require.Equal(t, "input.much", reason(t, resource.ReasonInvalid, err).Fields[0].Path)
		_, err = p.Act(t.Context(), req, "fly", nil)
		reason(t, resource.ReasonNotFound, err)
		def, err := p.Registry().Kind("boxes")
		require.NoError(t, err)
		require.Len(t, def.Actions, 2)
		require.Len(t, p.Registry().Kinds(), 4)
		p.Drop(t, "box", a.Object.ID)
		_, err = p.Act(t.Context(), req, "grow", operationtest.Spec(`{"by":4}`))
		require.Contains(t, []resource.Reason{resource.ReasonConflict, resource.ReasonNotFound}, resource.ReasonOf(err))
	})
}

type gate struct{ deny string }

func (g gate) Authorize(_ context.Context, a resource.Actor, verb, kind, project string) error {
	if verb == g.deny || g.deny == "*" {
		return resource.Problemf(resource.ReasonForbidden, kind, "ask for the role member", "%s may not %s a %s in %s", a.Name, verb, kind, project)
	}
	return nil
}

func (g gate) Grounds(context.Context, resource.Actor, string, string, string) string {
	return "member on p"
}

func TestAuthorization(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, verb := range []string{"create", "update", "delete", "grow"} {
			p := operationtest.New(t, db, operationtest.Options{Idle: true, Authorizer: gate{verb}})
			user := resource.Actor{ID: "u", Name: "u", Scope: resource.Within("p")}
			a := p.Must(t, operationtest.Box("one", 1))
			asks := map[string]func() error{
				"create": func() error {
					r := operationtest.Box("two-"+verb, 1)
					r.Actor = user
					_, err := p.Apply(t.Context(), r)
					return err
				},
				"update": func() error {
					r := operationtest.Box("one", 1)
					r.Actor = user
					_, err := p.Apply(t.Context(), r)
					return errors.Join(err, p.SetQuota(t.Context(), user, "p", "boxes", resource.Hard(-1)))
				},
				"grow": func() error {
					_, err := p.Act(t.Context(), resource.Request{Kind: "box", ID: a.Object.ID, Actor: user}, "grow", nil)
					return err
				},
				"delete": func() error {
					_, err := p.Delete(t.Context(), resource.Request{Kind: "box", ID: a.Object.ID, Actor: user, DryRun: true})
					return err
				},
			}
			for name, ask := range asks {
				if name == verb {
					reason(t, resource.ReasonForbidden, ask())
				} else {
					require.NoError(t, ask(), "%s while %s is denied", name, verb)
				}
			}
		}
	})
}

// A partial request changes what it states, and takes back what nobody is to have stated.
func TestPartialUpdate(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		r := operationtest.Box("one", 1)
		r.Labels = map[string]string{"tier": "gold", "row": "4"}
		r.Spec = operationtest.Spec(`{"size":3,"shelf":"east","extras":2,"secret":%q}`, hush)
		r.Partial = true
		id := p.Must(t, r).Object.ID
		partial := func(spec string, unstated ...string) string {
			t.Helper()
			a := p.Must(t, resource.Request{Kind: "box", Project: "p", Name: "one", Actor: operationtest.Admin, Spec: operationtest.Spec("%s", spec), Labels: map[string]string{"row": "5"},
				Partial: true, Unstated: unstated})
			require.Equal(t, map[string]string{"tier": "gold", "row": "5"}, a.Object.Labels)
			o, err := p.Unsealed(t.Context(), resource.Everything, "box", "", id)
			require.NoError(t, err)
			return string(o.Spec)
		}
		sealed := fmt.Sprintf(`"secret":%q`, hush)
		require.JSONEq(t, `{"size":4,"shelf":"east","extras":2,`+sealed+`}`, partial(`{"size":4}`))
		require.JSONEq(t, `{"size":4,"shelf":"east","extras":2,`+sealed+`}`, partial(`{}`))
		require.JSONEq(t, `{"size":5,"shelf":"east","extras":2,`+sealed+`}`, partial(`{"Size":5}`), "case is no matter, as in a whole request")
		require.JSONEq(t, `{"size":1,"shelf":"west","extras":2,`+sealed+`}`, partial(`{"shelf":"west"}`, "size"), "it has its default again")
		require.JSONEq(t, `{"size":1,"shelf":"west","extras":7,`+sealed+`}`, partial(`{"extras":7}`, "extras", "Size"), "what is stated is stated")
		require.JSONEq(t, `{"size":1,"shelf":"west","extras":7,"secret":"other"}`, partial(`{"Secret":"other"}`))
		require.JSONEq(t, `{"size":1,"shelf":"west","extras":7}`, partial(`{"secret":""}`))

		before := p.Object(t, "box", id)
		for _, bad := range []string{`[1]`, `"x"`, `{"size":`, `{"colour":"red"}`} {
			_, err := p.Apply(t.Context(), resource.Request{Kind: "box", ID: id, Actor: operationtest.Admin, Spec: operationtest.Spec("%s", bad), Partial: true})
			require.Contains(t, reason(t, resource.ReasonInvalid, err).Fields[0].Path, "spec")
		}
		require.Equal(t, before, p.Object(t, "box", id))
	})
}
