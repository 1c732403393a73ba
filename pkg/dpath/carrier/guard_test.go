package carrier_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// guarded is a random app of six nodes, of which two environments have some.
type guarded struct {
	cfg    *dpath.Config
	owner  map[string]string // of the nodes whose guard must be on
	rehear bool
}

func randomGuarded(t *testing.T, rnd *rand.Rand, now time.Time) guarded {
	g := guarded{owner: map[string]string{}, rehear: rnd.IntN(2) == 0}
	doc := &dpath.Document{Enable: rnd.IntN(6) > 0, Version: 1,
		Rehearsal: &dpath.Rehearsal{Enable: g.rehear, Conditions: []dpath.Condition{{Type: "path", Op: "present"}}}}
	reg := &dpath.Registry{Apps: map[string][]dpath.Endpoint{"shop": {}}}
	before, after := now.Add(-time.Hour), now.Add(time.Hour)
	lists := map[string][]string{}
	for i := range 6 {
		addr := fmt.Sprintf("10.0.0.%d:80", i+1)
		reg.Apps["shop"] = append(reg.Apps["shop"], dpath.Endpoint{ID: addr, Addr: addr})
		env := []string{"", "a", "b"}[rnd.IntN(3)]
		lists[env] = append(lists[env], addr)
	}
	for _, env := range []string{"a", "b"} {
		e := dpath.EnvRule{EnvName: env, FailoverPolicy: dpath.Policy(rnd.IntN(2))}
		a := dpath.EnvAppRule{AppName: "shop", IPs: lists[env], AllowNoPublic: true, State: []dpath.State{"", dpath.StateActive, dpath.StatePreparing, dpath.StateDraining}[rnd.IntN(4)]}
		open := true
		switch rnd.IntN(6) {
		case 0:
			e.NotBefore, open = &after, false
		case 1:
			e.NotAfter, open = &before, false
		}
		e.EnvAppRules = []dpath.EnvAppRule{a}
		doc.EnvRules = append(doc.EnvRules, e)
		if doc.Enable && open && (a.State == "" || a.State == dpath.StateActive) {
			for _, addr := range a.IPs {
				g.owner[addr] = env
			}
		}
	}
	var err error
	g.cfg, err = dpath.Compile(doc, reg, now)
	require.NoError(t, err)
	return g
}

// callers make the headers of calls with labels that are valid, and in every way not.
type callers struct {
	now            time.Time
	own, other     *dpath.Keyring
	rnd            *rand.Rand
	labels, others map[string][]http.Header
}

func newCallers(t *testing.T, rnd *rand.Rand, now time.Time) *callers {
	c := &callers{now: now, rnd: rnd, labels: map[string][]http.Header{}, others: map[string][]http.Header{}}
	var err error
	c.own, err = dpath.NewKeyring("k", map[string][]byte{"k": []byte("label key of sixteen or more")})
	require.NoError(t, err)
	c.other, err = dpath.NewKeyring("k", map[string][]byte{"k": []byte("another key of sixteen or more")})
	require.NoError(t, err)
	for range 16 {
		for _, env := range []string{"a", "b", "gone"} {
			real, err := dpath.Sign(c.own, env, dpath.NewTrace(), now, 0)
			require.NoError(t, err)
			forged, err := dpath.Sign(c.other, env, dpath.NewTrace(), now, 0)
			require.NoError(t, err)
			old, err := dpath.Sign(c.own, env, dpath.NewTrace(), now.Add(-time.Hour), time.Minute)
			require.NoError(t, err)
			shadow, err := dpath.SignShadow(c.own, env, dpath.NewTrace(), now, 0)
			require.NoError(t, err)
			c.labels[env] = append(c.labels[env], headers(real))
			c.labels["~"+env] = append(c.labels["~"+env], headers(shadow))
			replayed := headers(real)
			replayed.Set(dpath.HeaderTraceparent, "00-"+dpath.NewTrace()+"-00f067aa0ba902b7-01")
			c.others[""] = append(c.others[""], headers(forged), headers(old), replayed, http.Header{dpath.HeaderMirror: {env}}, http.Header{})
			broken := headers(shadow)
			broken.Del(dpath.HeaderBaggage)
			c.others["~"] = append(c.others["~"], broken)
		}
	}
	return c
}

func headers(l dpath.Label) http.Header {
	h := http.Header{}
	l.Inject(h)
	return h
}

// next gives a call's headers, the environment of its valid label, and whether it is a rehearsal's.
func (c *callers) next() (h http.Header, env string, shadow, valid bool) {
	pick := func(list []http.Header) http.Header { return list[c.rnd.IntN(len(list))].Clone() }
	switch env = []string{"a", "b", "gone"}[c.rnd.IntN(3)]; c.rnd.IntN(8) {
	case 0, 1, 2:
		return pick(c.labels[env]), env, false, true
	case 3:
		return pick(c.labels["~"+env]), env, true, true
	case 4:
		return pick(c.others["~"]), "", true, false
	}
	return pick(c.others[""]), "", false, false
}

// T02 for the guard: whatever the configuration and the label, a guarded node serves its own environment's calls only,
// a public one refuses none, and a rehearsal is served by those alone who keep it apart, while it is on.
func TestT02GuardKeepsGuaranteesMillion(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	now := time.Now()
	from := newCallers(t, rnd, now)
	const cases, perConfig = 1_000_000, 100
	seen := map[string]int{}
	for done := 0; done < cases; {
		g := randomGuarded(t, rnd, now)
		for range perConfig {
			p := &carrier.Peer{Keys: from.own, App: "shop", Addr: fmt.Sprintf("10.0.0.%d:80", 1+rnd.IntN(6)), Rehearses: rnd.IntN(2) == 0, Now: func() time.Time { return now }}
			h, env, shadow, valid := from.next()
			_, refusal := p.Admits(g.cfg, p.Label(h))
			owner := g.owner[p.Addr]
			var want *dpath.RouteError
			switch {
			case shadow && !valid:
				want = dpath.ErrShadowLost
			case shadow && !g.rehear:
				want = dpath.ErrRehearsalOff
			case shadow && !p.Rehearses:
				want = dpath.ErrNoShadow
			case owner != "" && owner != env:
				want = carrier.ErrMisdirected
			}
			if refusal != want {
				t.Fatalf("node of %q, call of %q, rehearsal %v (valid %v, on %v, kept apart %v): %v, not %v", owner, env, shadow, valid, g.rehear, p.Rehearses, refusal, want)
			}
			seen[fmt.Sprint(refusal != nil, owner != "", shadow)]++
			done++
		}
	}
	require.Len(t, seen, 7, "every sort of case was there, and a public node refuses nothing real: %v", seen)
}
