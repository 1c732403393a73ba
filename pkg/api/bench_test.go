package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

// BenchmarkList reads pages of 100 out of few and of many objects, from all over the list, through the whole handler.
func BenchmarkList(b *testing.B) {
	for _, stored := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(stored), func(b *testing.B) {
			r := newRig(b)
			ids := r.fill(b, stored)
			for _, who := range []string{"admin", "dailymart-member"} {
				b.Run(who, func(b *testing.B) { r.pages(b, who, ids) })
			}
		})
	}
}

func (r *rig) pages(b *testing.B, who string, ids []string) {
	took := make([]time.Duration, 0, b.N)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		req := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/v1/boxes?limit=100&after="+ids[i*7919%(len(ids)-101)], nil)
		req.Header.Set("Authorization", "Bearer "+r.secrets[who])
		w := httptest.NewRecorder()
		start := time.Now()
		r.server.ServeHTTP(w, req)
		took = append(took, time.Since(start))
		if w.Code != http.StatusOK || w.Body.Len() < 10_000 {
			b.Fatal(w.Code, w.Body.String())
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// fill stores boxes behind the kernel's back, as fast as the engine can, and returns their ids in order.
func (r *rig) fill(b *testing.B, n int) []string {
	b.Helper()
	tx, err := r.store.DB().Write.Begin()
	require.NoError(b, err)
	insert, err := tx.Prepare(`INSERT INTO objects (id, kind, project, name, labels, spec, status, conditions, finalizers, phase, generation,
		observed_generation, version, revision, created_by, created_at, updated_at) VALUES (?, 'box', ?, ?, '{"tier":"web","zone":"a"}', ?,
		'{"size":5,"closed":false}', '[{"type":"Ready","status":"True","reason":"AsDesired","since":"2026-01-01T00:00:00Z"}]', '[]', 'Ready', 1, 1, 3, ?, 'admin', ?, ?)`)
	require.NoError(b, err)
	spec := `{"size":5,"colour":"red","tags":["one","two"],"extra":{"flavor":"small","image":"debian-12","network":"default","keypair":"operators","address":"10.20.30.40"}}`
	ids, now := make([]string, n), time.Now().UTC()
	for i := range ids {
		ids[i] = resource.NewID()
		_, err := insert.Exec(ids[i], r.project[shop], fmt.Sprint("b", i), spec, i+1, now, now)
		require.NoError(b, err)
	}
	require.NoError(b, tx.Commit())
	_, err = r.store.DB().Write.Exec("ANALYZE")
	require.NoError(b, err)
	return ids
}
