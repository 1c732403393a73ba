package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/bundles"
	"github.com/plazacloud/plaza/pkg/cloudinit"
	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// TestRetailRendersInEverySize renders the shipped blueprint and reads every document that its servers will read.
func TestRetailRendersInEverySize(t *testing.T) {
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{})
	c, err := Load(bundles.FS, reg)
	require.NoError(t, err)
	b, err := c.Blueprint("retail")
	require.NoError(t, err)
	require.NotEmpty(t, b.Sizes)
	for size, values := range b.Sizes {
		t.Run(size, func(t *testing.T) {
			r := render(t, b, size)
			servers := 0
			lanes := map[string]bool{}
			for key, group := range r {
				servers += group.Count
				for i := range group.Count {
					user := userData(t, key, group, i)
					for _, f := range user.WriteFiles {
						if f.Path == "/etc/retaild/lanes.json" {
							content, err := f.Bytes()
							require.NoError(t, err)
							lanes[string(content)] = true
						}
					}
				}
			}
			require.Len(t, lanes, 1, "every server has the same rules")
			for text := range lanes {
				checkLanes(t, []byte(text), r)
			}
			require.Contains(t, values.Description, strings.ToUpper(words[servers][:1])+words[servers][1:], "the description tells how many servers there are")
		})
	}
}

var words = map[int]string{4: "four", 7: "seven"}

// render gives the specs of the node groups by key.
func render(t *testing.T, b *Blueprint, size string) map[string]kinds.NodeGroupSpec {
	t.Helper()
	o := &Bundle{Meta: resource.Meta{ID: resource.NewID(), Name: "shop", Project: "p"}, Spec: Spec{Blueprint: b.Name, Size: size, Parameters: map[string]any{}, Secrets: map[string]string{}}}
	for name, p := range b.Parameters {
		if p.Secret {
			o.Spec.Secrets[name] = "s3cret-" + name
		} else if p.Default != nil {
			o.Spec.Parameters[name] = p.Default
		}
	}
	g, err := newGraph(b, o)
	require.NoError(t, err)
	out := map[string]kinds.NodeGroupSpec{}
	for _, key := range b.order {
		req, err := g.request(key)
		require.NoError(t, err, key)
		if req == nil {
			continue
		}
		require.NoError(t, g.learn(key, resource.Raw{Meta: resource.Meta{ID: resource.NewID(), Name: req.Name}, Spec: req.Spec, Status: json.RawMessage("{}")}))
		if req.Kind != "nodegroup" {
			continue
		}
		var s kinds.NodeGroupSpec
		d := json.NewDecoder(bytes.NewReader(req.Spec))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&s), key)
		require.Len(t, s.Addresses, s.Count, "%s: an address for each", key)
		out[req.Name] = s
	}
	return out
}

func userData(t *testing.T, group string, s kinds.NodeGroupSpec, index int) *cloudinit.UserData {
	t.Helper()
	name := fmt.Sprint(group, "-", index)
	text := strings.NewReplacer("${name}", name, "${index}", fmt.Sprint(index)).Replace(s.UserData)
	require.NotContains(t, text, "${", "nothing is left to fill in")
	user, warnings, err := cloudinit.ParseUserData([]byte(text))
	require.NoError(t, err, text)
	require.Empty(t, warnings)
	require.NotNil(t, user.Plaza)
	require.Contains(t, text, "hostname: "+name)
	return user
}

// checkLanes reads the lane file as every service does, and compares it with the servers that there are.
func checkLanes(t *testing.T, text []byte, groups map[string]kinds.NodeGroupSpec) {
	t.Helper()
	var f struct {
		Document json.RawMessage `json:"document"`
		Registry dpath.Registry  `json:"registry"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&f))
	doc, err := dpath.Parse(bytes.NewReader(f.Document))
	require.NoError(t, err)
	warnings, err := doc.Validate(&f.Registry)
	require.NoError(t, err)
	for _, w := range warnings {
		require.Equal(t, "$.entryApps", w.Path, "the gateway is the entry, and no app: %s", w)
	}
	store, err := dpath.NewStore(dpath.StoreOptions{})
	require.NoError(t, err)
	require.NoError(t, store.Set(doc, &f.Registry))
	cfg := store.Current()
	require.True(t, cfg.Enabled())
	app, lane := groups["shop-app"], groups["shop-lane"]
	for _, name := range []string{"product", "inventory", "trade"} {
		require.Len(t, cfg.All(name), app.Count+lane.Count, "%s runs on every node", name)
		require.Len(t, cfg.Public(name), app.Count)
		require.Len(t, cfg.Dedicated("newRetail", name), lane.Count)
		for _, n := range f.Registry.Apps[name] {
			addr := strings.TrimSuffix(n.Addr, ":8080")
			require.True(t, slices.Contains(app.Addresses, addr) || slices.Contains(lane.Addresses, addr), "%s is no server's address", addr)
		}
	}
}

// TestRetailPlanCountsServers plans on an empty project: the secrets are not made yet, and all is counted nevertheless.
func TestRetailPlanCountsServers(t *testing.T) {
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{})
	c, err := Load(bundles.FS, reg)
	require.NoError(t, err)
	d := &Deployer{Catalogue: c}
	d.Register(reg)
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	db := storetest.Open(t, store.SQLite)
	objects := resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer})
	defer objects.Close()
	engine, err := operation.New(t.Context(), operation.Config{DB: db, Objects: objects, Node: "n1"}) // its tables; nothing runs
	require.NoError(t, err)
	objects.UseJobs(engine)
	for name, spec := range map[string]string{"r1.small": `{"vcpus":1,"memoryMiB":512,"diskGiB":2}`, "r1.medium": `{"vcpus":2,"memoryMiB":1024,"diskGiB":10}`} {
		_, err := objects.Apply(t.Context(), resource.Request{Kind: "flavor", Name: name, Spec: json.RawMessage(spec), Actor: operator})
		require.NoError(t, err)
	}
	p, err := (&Planner{Deployer: d, Objects: objects}).Plan(t.Context(), operator, Order{Project: "p", Name: "shop", Blueprint: "retail", Size: "S"})
	require.NoError(t, err)
	require.Empty(t, p.Refused)
	require.Equal(t, Summary{Create: 8}, p.Summary)
	require.EqualValues(t, 7, line(p, "servers").After)
	require.EqualValues(t, 8, line(p, "vcpus").After)
	require.EqualValues(t, 6*512+1024, line(p, "memory_mib").After)
	require.EqualValues(t, 4, line(p, "nodegroups").After)
}
