package resource_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/resource"
)

// orchard is a forest whose boxes stand on hosts, are bundles or parts of one, as SQL says of them.
type orchard struct {
	*forest
	t     *testing.T
	boxes []string
}

func (g *orchard) sql(query string, args ...any) {
	g.t.Helper()
	_, err := g.DB().Write.NewRaw(query, args...).Exec(g.t.Context())
	require.NoError(g.t, err)
}

func (g *orchard) plant(project string, size int, host string, bundle bool, owner string) {
	g.t.Helper()
	id := g.Must(g.t, g.box(project, fmt.Sprint("box-", len(g.boxes)), size)).Object.ID
	g.boxes = append(g.boxes, id)
	if host != "" {
		g.sql("INSERT INTO object_index (kind, key, value, object_id) VALUES ('box', 'status.host', ?, ?)", host, id)
	}
	if bundle {
		g.sql("UPDATE objects SET kind = 'bundle' WHERE id = ?", id)
	}
	if owner != "" {
		g.sql("UPDATE objects SET owner_id = ? WHERE id = ?", owner, id)
	}
}

// line is what a row says of a box, and how to its root.
type line struct{ ID, Kind, Project, OwnerID, Spec, Phase string }

// truth adds up what the rows say, one by one.
func (g *orchard) truth(by resource.Grouping, projects map[string]bool) map[string]resource.Use {
	g.t.Helper()
	var lines []line
	require.NoError(g.t, g.DB().Read.NewRaw("SELECT id, kind, project, owner_id, spec, phase FROM objects").Scan(g.t.Context(), &lines))
	rows, out := map[string]line{}, map[string]resource.Use{}
	for _, l := range lines {
		rows[l.ID] = l
	}
	for _, l := range lines {
		if !projects[l.Project] {
			continue
		}
		group := l.Project
		switch by {
		case resource.ByHost:
			group = ""
			_ = g.DB().Read.NewRaw("SELECT value FROM object_index WHERE object_id = ? AND key = 'status.host'", l.ID).Scan(g.t.Context(), &group)
		case resource.ByApplication:
			up := l
			for up.Kind != "bundle" && up.OwnerID != "" {
				up = rows[up.OwnerID]
			}
			if group = ""; up.Kind == "bundle" {
				group = up.ID
			}
		case resource.ByProject:
		}
		var spec struct{ Size int64 }
		require.NoError(g.t, json.Unmarshal([]byte(l.Spec), &spec))
		u, known := out[group]
		if !known {
			u = resource.Use{Used: map[string]int64{}, Phases: map[resource.Phase]int64{}}
			out[group] = u
		}
		u.Used["volume"] += spec.Size
		u.Used["boxes"]++
		u.Phases[resource.Phase(l.Phase)]++
	}
	return out
}

// Whatever stands where and belongs to what, the view says what the rows say.
func TestUseIsWhatTheRowsSay(t *testing.T) {
	eachForest(t, func(t *testing.T, f *forest) {
		g := &orchard{forest: f, t: t}
		all := []string{"group/north/a", "group/north/b", "group/south/a", "group/south/b"}
		rapid.Check(t, func(rt *rapid.T) {
			project := rapid.IntRange(0, 3).Draw(rt, "project")
			owner := ""
			if len(g.boxes) > 0 && rapid.Bool().Draw(rt, "part") {
				owner = rapid.SampledFrom(g.boxes).Draw(rt, "owner")
			}
			bundle := owner == "" && rapid.Bool().Draw(rt, "bundle")
			g.plant(all[project], rapid.IntRange(1, 9).Draw(rt, "size"), rapid.SampledFrom([]string{"", "kvm1", "kvm2"}).Draw(rt, "host"), bundle, owner)
		})
		for node, below := range map[string][]string{"group": all, "group/north": all[:2], "group/south/b": all[3:]} {
			projects := map[string]bool{}
			for _, p := range below {
				projects[f.id[p]] = true
			}
			for _, by := range []resource.Grouping{resource.ByProject, resource.ByHost, resource.ByApplication} {
				if by == resource.ByApplication && node != "group" {
					continue // parts of a bundle are of its own project; those here are of any
				}
				got, err := f.View.Use(t.Context(), f.id[node], by)
				require.NoError(t, err)
				want := g.truth(by, projects)
				require.NotEmpty(t, want)
				require.Equal(t, want, got, "%s by %s", node, by)
			}
		}
		none, err := f.Store.View(resource.Within(f.id["group/north/a"])).Use(t.Context(), f.id["group"], resource.ByProject)
		require.NoError(t, err)
		require.Empty(t, none, "who does not see all of a branch is told nothing")
	})
}
