package gateway

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// table finds the route of a request. It does not change once it is made.
type table struct {
	hosts     map[string][]*route
	wildcards []wildcard // the longest first
	any       []*route
}

type wildcard struct {
	suffix string // such as .example
	routes []*route
}

// newTable sorts routes so that the first match is the best. Two routes for
// the same requests are refused.
func newTable(routes []*route) (*table, error) {
	sorted := slices.Clone(routes)
	slices.SortStableFunc(sorted, func(a, b *route) int { return cmp.Compare(len(b.Prefix), len(a.Prefix)) })
	t, seen := &table{hosts: map[string][]*route{}}, map[string]bool{}
	for _, r := range sorted {
		id := r.Host + r.Prefix
		if seen[id] {
			return nil, fmt.Errorf("route %q of host %q appears twice", r.Prefix, r.Host)
		}
		seen[id] = true
		switch below, ok := strings.CutPrefix(r.Host, "*"); {
		case r.Host == "":
			t.any = append(t.any, r)
		case ok:
			t.below(below, r)
		default:
			t.hosts[r.Host] = append(t.hosts[r.Host], r)
		}
	}
	slices.SortFunc(t.wildcards, func(a, b wildcard) int { return cmp.Compare(len(b.suffix), len(a.suffix)) })
	return t, nil
}

func (t *table) below(suffix string, r *route) {
	for i := range t.wildcards {
		if t.wildcards[i].suffix == suffix {
			t.wildcards[i].routes = append(t.wildcards[i].routes, r)
			return
		}
	}
	t.wildcards = append(t.wildcards, wildcard{suffix, []*route{r}})
}

// find gives the route of a request, nil when there is none. A host with
// routes of its own whose prefixes all differ falls back to less exact ones.
func (t *table) find(r *http.Request) *route {
	p := tidy(r.URL.Path)
	if len(t.hosts)+len(t.wildcards) > 0 {
		host := hostOf(r)
		if found := first(t.hosts[host], p); found != nil {
			return found
		}
		for _, w := range t.wildcards {
			if len(host) > len(w.suffix) && strings.HasSuffix(host, w.suffix) {
				if found := first(w.routes, p); found != nil {
					return found
				}
			}
		}
	}
	return first(t.any, p)
}

func first(routes []*route, path string) *route {
	for _, r := range routes {
		rest, ok := strings.CutPrefix(path, r.Prefix)
		if ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(r.Prefix, "/")) {
			return r
		}
	}
	return nil
}
