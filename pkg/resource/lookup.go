package resource

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Lookup returns the scalar values at a path such as spec.flavor or status.addresses.ip; a list on the way is walked.
func Lookup(o Raw, path string) []string {
	root, rest, _ := strings.Cut(path, ".")
	var data json.RawMessage
	switch root {
	case "spec":
		data = o.Spec
	case "status":
		data = o.Status
	default:
		return nil
	}
	var v any
	if json.Unmarshal(data, &v) != nil {
		return nil
	}
	var out []string
	seen := map[string]bool{}
	walk(v, strings.Split(rest, "."), func(s string) {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	})
	return out
}

func walk(v any, path []string, found func(string)) {
	switch x := v.(type) {
	case []any:
		for _, e := range x {
			walk(e, path, found)
		}
	case map[string]any:
		if len(path) > 0 {
			walk(x[path[0]], path[1:], found)
		}
	case nil:
	case float64:
		if len(path) == 0 {
			found(strings.TrimSuffix(fmt.Sprintf("%.3f", x), ".000"))
		}
	default:
		if len(path) == 0 {
			found(fmt.Sprint(x))
		}
	}
}
