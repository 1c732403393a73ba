package resource_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/audit"
	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// verified exports everything in small pages and verifies it.
func verified(t *testing.T, s *resource.Store) audit.Report {
	t.Helper()
	head, err := s.AuditHead(t.Context())
	require.NoError(t, err)
	var file bytes.Buffer
	out := json.NewEncoder(&file)
	for after, hash := int64(0), ""; after < head.Seq; {
		links, before, err := s.AuditChain(t.Context(), after, 7)
		require.NoError(t, err)
		require.NotEmpty(t, links)
		require.Equal(t, hash, before)
		for _, l := range links {
			require.NoError(t, out.Encode(l))
			after, hash = l.Seq, l.Hash
		}
	}
	require.NoError(t, out.Encode(audit.End{Head: head}))
	r, err := audit.Verify(&file, audit.Expectation{})
	require.NoError(t, err)
	return r
}

// written counts the rows of the audit.
func written(t *testing.T, db *store.DB) int {
	t.Helper()
	n, err := db.Read.NewSelect().Table("audit").Count(t.Context())
	require.NoError(t, err)
	return int(n)
}

// TestEveryRowIsChainedOnce writes while several nodes chain.
func TestEveryRowIsChainedOnce(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		var work sync.WaitGroup
		for w := range 4 {
			work.Go(func() {
				for i := range 20 {
					p.Must(t, operationtest.Box(fmt.Sprintf("b%d-%d", w, i), 1))
				}
			})
		}
		for range 3 {
			work.Go(func() {
				for range 15 {
					if err := p.ChainAudit(t.Context()); !store.Retryable(err) {
						require.NoError(t, err)
					}
				}
			})
		}
		work.Wait()
		r := verified(t, p.Store)
		require.Empty(t, r.Faults)
		require.Equal(t, written(t, p.DB()), r.Entries)
		require.GreaterOrEqual(t, r.Entries, 80)
	})
}

// TestTheAuditTellsByWhatGrant also of actions and of deletions.
func TestTheAuditTellsByWhatGrant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := operationtest.New(t, db, operationtest.Options{Idle: true, Authorizer: gate{}})
		user := resource.Actor{ID: "u", Name: "u", Scope: resource.Within("p")}
		box := operationtest.Box("b", 1)
		box.Actor = user
		a := p.Must(t, box)
		_, err := p.Act(t.Context(), resource.Request{Kind: "box", ID: a.Object.ID, Actor: user}, "grow", operationtest.Spec(`{"by":4}`))
		require.NoError(t, err)
		_, err = p.Delete(t.Context(), resource.Request{Kind: "box", ID: a.Object.ID, Actor: user})
		require.NoError(t, err)
		rows, err := p.Store.View(resource.Everything).History(t.Context(), a.Object.ID, "", 10)
		require.NoError(t, err)
		require.Len(t, rows, 3)
		for _, r := range rows {
			require.Equal(t, "member on p", r.Granted, r.Verb)
		}
	})
}

// TestTheAuditIsAppendedTo: the database refuses to change it, and the chain tells when somebody got around that.
func TestTheAuditIsAppendedTo(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		for i := range 5 {
			p.Must(t, operationtest.Box(fmt.Sprint("b", i), 1))
		}
		require.Empty(t, verified(t, p.Store).Faults)
		db := p.DB().Write
		for _, change := range []string{"UPDATE audit SET actor = 'nobody'", "DELETE FROM audit", "UPDATE audit_chain SET hash = ''", "DELETE FROM audit_chain"} {
			_, err := db.ExecContext(t.Context(), change)
			require.ErrorContains(t, err, "what was done stays written", change)
		}
		of := map[store.Dialect]string{store.Postgres: " ON audit"}[p.DB().Dialect]
		for _, around := range []string{"DROP TRIGGER audit_update" + of, "DROP TRIGGER audit_delete" + of, "UPDATE audit SET actor = 'nobody' WHERE object_name = 'b1'",
			"DELETE FROM audit WHERE object_name = 'b3'"} {
			_, err := db.ExecContext(t.Context(), around)
			require.NoError(t, err, around)
		}
		r := verified(t, p.Store)
		require.Len(t, r.Faults, 2)
		require.Contains(t, r.Faults[0].What, "altered")
		require.Contains(t, r.Faults[1].What, "deleted")
	})
}
