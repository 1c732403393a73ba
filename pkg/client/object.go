package client

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Object is an object of any kind: what all have, and its JSON as the server sent it.
type Object struct {
	ID                 string            `json:"id"`
	Kind               string            `json:"kind"`
	Project            string            `json:"project"`
	Name               string            `json:"name"`
	Labels             map[string]string `json:"labels"`
	Generation         int64             `json:"generation"`
	ObservedGeneration int64             `json:"observedGeneration"`
	Version            int64             `json:"version"`
	Phase              string            `json:"phase"`
	Conditions         []Condition       `json:"conditions"`
	Owner              *Ref              `json:"owner"`
	CreatedAt          time.Time         `json:"createdAt"`
	UpdatedAt          time.Time         `json:"updatedAt"`
	DeletingAt         *time.Time        `json:"deletingAt"`

	raw  json.RawMessage
	tree func() any // raw decoded, once for all lookups
}

// UnmarshalJSON reads an object and keeps its text.
func (o *Object) UnmarshalJSON(text []byte) error {
	type plain Object
	if err := json.Unmarshal(text, (*plain)(o)); err != nil {
		return err
	}
	raw := append(json.RawMessage(nil), text...)
	o.raw = raw
	o.tree = sync.OnceValue(func() (v any) {
		_ = json.Unmarshal(raw, &v) // it was read before
		return v
	})
	return nil
}

// MarshalJSON gives the text that the server sent.
func (o Object) MarshalJSON() ([]byte, error) {
	if o.raw == nil {
		return []byte("null"), nil
	}
	return o.raw, nil
}

// Into decodes the object into a type of its kind.
func (o Object) Into(v any) error { return json.Unmarshal(o.raw, v) }

// Message says what its conditions complain of, "" when they do not.
func (o Object) Message() string {
	for _, c := range o.Conditions {
		if c.Status == False && value(c.Message) != "" {
			return *c.Message
		}
	}
	return ""
}

// Lookup lists the values at a path such as status.published.endpoint, through lists, as text.
func (o Object) Lookup(path string) []string {
	if o.tree == nil {
		return nil
	}
	var out []string
	walk(o.tree(), strings.Split(path, "."), func(s string) { out = append(out, s) })
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
		} else if text, err := json.Marshal(x); err == nil {
			found(string(text))
		}
	case nil:
	case float64:
		if len(path) == 0 {
			found(strconv.FormatFloat(x, 'f', -1, 64))
		}
	default:
		if len(path) == 0 {
			found(fmt.Sprint(x))
		}
	}
}

// Objects is one page; Count is there when it was asked for.
type Objects struct {
	Items []Object `json:"items"`
	Next  string   `json:"next"`
	Count *Count   `json:"count"`
}

// Count is how many objects there are on all pages, and whether they were counted (exact) or it is a guess (estimated).
type Count struct {
	Objects int64  `json:"objects"`
	By      string `json:"by"`
}

// Applied is what a write did.
type Applied struct {
	Object    Object           `json:"object"`
	Operation *Operation       `json:"operation"`
	Created   bool             `json:"created"`
	Changed   bool             `json:"changed"`
	DryRun    bool             `json:"dryRun"`
	Charges   map[string]int64 `json:"charges"`
	Plan      *PlacementPlan   `json:"plan"` // of a dry run of what is placed
}
