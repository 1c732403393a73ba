package surface_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/test/surface"
	"github.com/plazacloud/plaza/test/system/rig"
)

const password = "walks the matrix"

// matrix is two tenants that must not know of each other, with an object of every kind in each.
type matrix struct {
	plane    *rig.Plane
	document *surface.Document
	memory   *surface.Memory
	db       *store.DB
	own      map[string]string // ids by marker
	foreign  map[string]string
}

// TestNobodyReachesAnotherTenant walks every route as every role: about what is another tenant's the answer is, to the letter, the
// one about what there is not, also where it is only mentioned; and nothing of it changes.
func TestNobodyReachesAnotherTenant(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	before := m.objects(t, m.foreign["project"])
	roles := []string{"admin", "operator", "member", "reader", "auditor", "billing-reader", "nobody"}
	asked, cells := 0, 0
	for i, role := range roles {
		who := m.user(t, role)
		g := surface.NewGenerator(m.document, m.memory, uint64(i)) //nolint:gosec // small
		g.Neat = true
		for _, op := range m.document.Operations {
			if slices.Contains(ends, op.ID) {
				continue
			}
			cells++
			for round := range 4 {
				q := g.Make(op)
				if round%2 == 0 { // in one's own project, about what is not in it
					q = m.about(q, map[string]string{"project": m.own["project"]})
				}
				if strings.Contains(q.Path+string(q.Body), marked) {
					m.same(t, role, who, q)
					asked += 2
				}
			}
		}
	}
	require.Equal(t, before, m.objects(t, m.foreign["project"]), "something of another tenant's changed")
	require.Greater(t, m.told(t), 50, "what whoever may see all is told apart")
	t.Logf("%d requests in pairs, by %d roles over %d operations and objects of %d kinds: %d cells", asked, len(roles), len(m.document.Operations), len(before), cells)
	require.Greater(t, asked, 3000)
}

// TestReadersChangeNothing of what they see.
func TestReadersChangeNothing(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	before := m.objects(t, m.own["project"])
	who := m.user(t, "reader")
	g := surface.NewGenerator(m.document, m.memory, 7)
	g.Neat = true
	seen := 0
	for _, op := range m.document.Operations {
		if slices.Contains(ends, op.ID) || op.Stream {
			continue
		}
		a := m.send(t, who, m.about(g.Make(op), m.own))
		if a.Status < 300 && op.Method == http.MethodGet {
			seen++
		}
		if op.Kind.Name != "" && op.Method != http.MethodGet {
			require.GreaterOrEqual(t, a.Status, 400, "%s: %s", op.ID, a.Body)
		}
	}
	require.Equal(t, before, m.objects(t, m.own["project"]))
	require.Greater(t, seen, 70)
}

// marked begins what stands in requests for something of a tenant's.
const marked = "0198cafe-0000-7000-8000-"

func newMatrix(t *testing.T) *matrix {
	p := rig.NewPlane(t, rig.PlaneOptions{})
	d := documentOf(t, p)
	db, err := store.Open(t.Context(), p.Database())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	m := &matrix{plane: p, document: d, memory: surface.NewMemory(), db: db, own: map[string]string{}, foreign: map[string]string{}}
	m.mark("project", p.Project(t, "own"), p.Project(t, "foreign"))
	for _, also := range []string{"node", "nodes", "parent"} {
		m.memory.Add(also, m.marker("project"))
	}
	for _, op := range d.Operations {
		if k := op.Kind; k.Tenants() && m.own[k.Name] == "" {
			m.mark(k.Name, m.insert(t, k, m.own["project"]), m.insert(t, k, m.foreign["project"]))
			m.memory.Add(k.Plural, m.marker(k.Name))
		}
	}
	m.mark("operations", m.operation(t, m.own["project"]), m.operation(t, m.foreign["project"]))
	require.GreaterOrEqual(t, len(m.own), 20)
	return m
}

func (m *matrix) mark(name, own, foreign string) {
	m.own[name], m.foreign[name] = own, foreign
	m.memory.Add(name, m.marker(name))
}

// marker stands for something of a tenant's, by its name.
func (m *matrix) marker(name string) string { return marked + fmt.Sprintf("%012x", hash(name)) }

func hash(name string) (h uint32) {
	for _, c := range []byte(name) {
		h = h*31 + uint32(c)
	}
	return h
}

// insert puts an object into the database as if it had been made: most kinds need hosts to be made by an order.
func (m *matrix) insert(t *testing.T, k surface.Kind, project string) string {
	id := resource.NewID()
	_, err := m.db.Write.ExecContext(t.Context(), `INSERT INTO objects (id, kind, project, name, labels, spec, status, conditions, finalizers, phase, generation,
		observed_generation, version, revision, created_by, created_at, updated_at)
		VALUES (?, ?, ?, 'hidden', '{}', '{}', '{}', '[]', '[]', 'Ready', 1, 1, 1, 1, 'test', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`, id, k.Name, project)
	require.NoError(t, err)
	return id
}

func (m *matrix) operation(t *testing.T, project string) string {
	id := resource.NewID()
	var server sql.NullString
	require.NoError(t, m.db.Read.QueryRowContext(t.Context(), "SELECT id FROM objects WHERE project = ? AND kind = 'server'", project).Scan(&server))
	_, err := m.db.Write.ExecContext(t.Context(), `INSERT INTO operations (id, kind, object_id, object_name, project, verb, state, generation, actor, created_at)
		VALUES (?, 'server', ?, 'hidden', ?, 'create', 'failed', 1, 'test', CURRENT_TIMESTAMP)`, id, server.String, project)
	require.NoError(t, err)
	return id
}

// objects are the rows of a project, by kind.
func (m *matrix) objects(t *testing.T, project string) map[string]string {
	rows, err := m.db.Read.QueryContext(t.Context(), "SELECT kind, id || ' ' || name || ' ' || spec || labels || phase || version || generation FROM objects WHERE project = ? ORDER BY id", project)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	out := map[string]string{}
	for rows.Next() {
		var kind, what string
		require.NoError(t, rows.Scan(&kind, &what))
		out[kind] += what + "\n"
	}
	require.NoError(t, rows.Err())
	return out
}

// user is somebody with a role on the own tenant's group, or with none at all.
func (m *matrix) user(t *testing.T, role string) *rig.Client {
	u := rig.Call[struct{ ID string }](t, m.plane.Client, http.MethodPost, "/v1/users", map[string]string{"name": "u-" + role, "password": password})
	if role != "nobody" {
		rig.Call[struct{}](t, m.plane.Client, http.MethodPost, "/v1/bindings", map[string]string{"user": u.ID, "role": role, "node": "g-own"})
	}
	return m.plane.As(t, "u-"+role, password)
}

// same asks about the foreign tenant's and about what there is not.
func (m *matrix) same(t *testing.T, role string, who *rig.Client, q surface.Request) {
	foreign, absent := map[string]string{}, map[string]string{}
	for name, id := range m.foreign {
		foreign[name], absent[name] = id, uuid.NewString()
	}
	a, b := m.send(t, who, m.about(q, foreign)), m.send(t, who, m.about(q, absent))
	require.Equal(t, m.anonymous(b.Body, absent), m.anonymous(a.Body, foreign), "%s: %s is answered %d, and %d where it is absent", role, q, a.Status, b.Status)
	require.Equal(t, b.Status, a.Status)
	require.NotContains(t, string(a.Body), "hidden", "%s: %s", role, q)
}

// told counts the readings by which an administrator of the root tells what there is from what there is not.
func (m *matrix) told(t *testing.T) (n int) {
	g := surface.NewGenerator(m.document, m.memory, 1)
	g.Neat = true
	for _, op := range m.document.Operations {
		if op.Method != http.MethodGet || op.Stream || !op.Kind.Tenants() {
			continue
		}
		q := g.Make(op)
		absent := map[string]string{}
		for name := range m.foreign {
			absent[name] = uuid.NewString()
		}
		if m.send(t, m.plane.Client, m.about(q, m.foreign)).Status != m.send(t, m.plane.Client, m.about(q, absent)).Status {
			n++
		}
	}
	return n
}

// about fills ids in for markers.
func (m *matrix) about(q surface.Request, ids map[string]string) surface.Request {
	for name, id := range ids {
		q.Path = strings.ReplaceAll(q.Path, m.marker(name), id)
		q.Body = bytes.ReplaceAll(q.Body, []byte(m.marker(name)), []byte(id))
	}
	return q
}

// anonymous is an answer without ids and times.
func (m *matrix) anonymous(body []byte, ids map[string]string) string {
	text := string(body)
	for name, id := range ids {
		text = strings.ReplaceAll(text, id, name)
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	plain, _ := json.Marshal(without(v))
	return string(plain)
}

// without drops what is of the moment.
func without(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range []string{"instance", "requestId", "at", "createdAt", "updatedAt", "observedAt", "since", "id", "planId"} {
			delete(v, name)
		}
		for k, inner := range v {
			v[k] = without(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = without(inner)
		}
	}
	return v
}

func (m *matrix) send(t *testing.T, who *rig.Client, q surface.Request) rig.Answer {
	a, err := send(t.Context(), who, q)
	require.NoError(t, err, q.String())
	return a
}
