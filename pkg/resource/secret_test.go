package resource_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

const hush = "open-sesame-4711"

func TestSecretsAreSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := operationtest.New(t, db, operationtest.Options{})
		r := operationtest.Box("one", 1)
		r.Spec = operationtest.Spec(`{"size":1,"secret":%q,"pin":"12345678"}`, hush)
		r.IdempotencyKey = "k"
		w, err := p.View.Watch(t.Context(), 0)
		require.NoError(t, err)
		a := p.Must(t, r)
		p.Wait(t, a.Operation)
		require.Equal(t, hush, p.Secret(a.Object.ID), "the reconciler sees it")
		u := p.Must(t, operationtest.Box("one", 2))
		p.Wait(t, u.Operation)
		require.Equal(t, hush, p.Secret(a.Object.ID), "an update that leaves it out keeps it")
		dry := r
		dry.DryRun, dry.IdempotencyKey, dry.Spec = true, "", operationtest.Spec(`{"size":3,"secret":%q}`, hush)
		d := p.Must(t, dry)
		page, err := p.View.List(t.Context(), resource.Query{Kind: "box"})
		require.NoError(t, err)
		history, err := p.View.History(t.Context(), "", "", 0)
		require.NoError(t, err)
		seen, err := json.Marshal([]any{a, u, d, p.Must(t, r), page, history, p.Object(t, "box", a.Object.ID), <-w.Events, <-w.Events})
		require.NoError(t, err)
		require.NotContains(t, string(seen), hush)
		require.NotContains(t, string(seen), "12345678")
		require.NotContains(t, dump(t, db), hush)

		changed := operationtest.Box("one", 2)
		changed.Spec = operationtest.Spec(`{"size":2,"Secret":"other"}`)
		p.Wait(t, p.Must(t, changed).Operation)
		require.Equal(t, "other", p.Secret(a.Object.ID), "field names are matched as JSON in Go is: without regard to case")
		changed.Spec = operationtest.Spec(`{"size":2,"secret":""}`)
		p.Wait(t, p.Must(t, changed).Operation)
		require.Empty(t, p.Secret(a.Object.ID), "an empty one is taken away")
		changed.Spec = operationtest.Spec(`null`)
		_, err = p.Apply(t.Context(), changed)
		reason(t, resource.ReasonInvalid, err)
	})
}

// dump is everything in the database as text.
func dump(t *testing.T, db *store.DB) string {
	t.Helper()
	out := ""
	for _, table := range []string{"objects", "object_index", "events", "operations", "audit", "usage_events", "idempotency_keys", "river_job"} {
		rows, err := db.Read.QueryContext(t.Context(), "SELECT * FROM "+table)
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			require.NoError(t, rows.Scan(into...))
			for _, v := range values {
				if b, ok := v.([]byte); ok {
					v = string(b)
				}
				out += fmt.Sprint(v, "\n")
			}
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
	return out
}

func TestWrongKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		right := operationtest.New(t, db, operationtest.Options{Idle: true})
		r := operationtest.Box("one", 1)
		r.Spec = operationtest.Spec(`{"size":1,"secret":%q}`, hush)
		a := right.Must(t, r)
		wrong := operationtest.New(t, db, operationtest.Options{Idle: true, Keys: []byte{1}, Node: "n2"})
		_, err := wrong.Apply(t.Context(), operationtest.Box("one", 2))
		require.ErrorContains(t, err, "sealing key")
		_, err = wrong.Reconcile(t.Context(), "n2", resource.Job{Kind: "box", ID: a.Object.ID})
		require.ErrorContains(t, err, "sealing key")
		require.Equal(t, a.Object.ID, wrong.Object(t, "box", a.Object.ID).ID, "what is no secret can be read")
		require.Zero(t, right.Pass(t, "box", a.Object.ID), "who can not read it leaves it to others at once")
		require.Equal(t, hush, right.Secret(a.Object.ID))
	})
}

// TestReseal changes the key while boxes change: at any time all who have both keys open all, and afterwards the new one alone does.
func TestReseal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		secret := func(name, text string) resource.Request {
			r := operationtest.Box(name, 1)
			r.Spec = operationtest.Spec(`{"size":1,"secret":%q}`, text)
			return r
		}
		old := operationtest.New(t, db, operationtest.Options{Idle: true, Keys: []byte{0, 1}})
		for i := range 120 {
			old.Must(t, secret(fmt.Sprint("b", i), hush))
		}
		old.Must(t, operationtest.Box("plain", 1))
		fresh := operationtest.New(t, db, operationtest.Options{Idle: true, Keys: []byte{1, 0}, Node: "n2"})
		left, err := fresh.Resealed(t.Context())
		require.NoError(t, err)
		require.Equal(t, 120, left)
		var change sync.WaitGroup
		change.Go(func() {
			for i := range 20 {
				fresh.Must(t, secret(fmt.Sprint("b", i*6), "changed"))
			}
		})
		n, err := fresh.Reseal(t.Context(), operationtest.Admin)
		require.NoError(t, err)
		require.LessOrEqual(t, n, 120)
		require.GreaterOrEqual(t, n, 100)
		change.Wait()
		n, err = fresh.Reseal(t.Context(), operationtest.Admin)
		require.NoError(t, err)
		require.Zero(t, n, "twice changes nothing")

		alone := operationtest.New(t, db, operationtest.Options{Idle: true, Keys: []byte{1}, Node: "n3"})
		for i := range 120 {
			for _, p := range []*operationtest.Plant{old, alone} {
				o, err := p.Unsealed(t.Context(), resource.Everything, "box", "p", fmt.Sprint("b", i))
				require.NoError(t, err)
				require.Contains(t, string(o.Spec), map[bool]string{true: "changed", false: hush}[i%6 == 0])
			}
		}
		left, err = alone.Resealed(t.Context())
		require.NoError(t, err)
		require.Zero(t, left)
		rows, err := alone.View.History(t.Context(), "", "", 10)
		require.NoError(t, err)
		require.Contains(t, rows[0].Note, "0 objects are sealed anew; heads of the audit are signed by ")
	})
}

func TestLoadSealer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "seal")
	one, err := resource.LoadSealer(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	sealed, err := one.Seal("id", []byte(hush))
	require.NoError(t, err)
	two, err := resource.LoadSealer(path)
	require.NoError(t, err)
	plain, err := two.Open("id", sealed)
	require.NoError(t, err)
	require.Equal(t, hush, string(plain))
	_, err = two.Open("other id", sealed)
	require.ErrorContains(t, err, "other id")
	_, err = two.Open("id", []byte("x"))
	require.Error(t, err)
	require.NoError(t, os.WriteFile(path, []byte("short"), 0o600))
	_, err = resource.LoadSealer(path)
	require.Error(t, err)
	_, err = resource.LoadSealer(filepath.Join(path, "below a file"))
	require.Error(t, err)
}
