// Package drift compares what Plaza has declared with what is there: in regions, on hosts, in storage clusters. Each
// difference is missing, changed, extra or a zombie, and is an object that can be repaired, adopted or ignored.
package drift

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Type says how declared and found differ.
type Type string

const (
	Missing Type = "missing" // declared and ready, and not there
	Changed Type = "changed" // there, and not as declared
	Extra   Type = "extra"   // there, and made by others
	Zombie  Type = "zombie"  // carries the id of an object that there is not, or not in this place
)

// Field is one fact that differs.
type Field struct {
	Name     string `json:"name" doc:"e.g. power"`
	Declared string `json:"declared"`
	Observed string `json:"observed"`
}

// Difference is one thing about one object that is not as declared.
type Difference struct {
	Place   string
	Type    Type
	Kind    string
	Object  string // Plaza id; empty for extra
	Name    string // of the object, or of what was found
	Project string // of the object; empty for extra and for most zombies
	Backend string // the backend's id; empty for missing
	Fields  []Field
	Detail  string // why, in a sentence
	// Twin marks a zombie that has the id of an object that is there as well: deleting by the id would hit the real one.
	Twin  bool
	Found provider.Found
}

// ID names the difference: the same one has the same name at each look.
func (d Difference) ID() string {
	key := d.Object
	if d.Type == Extra || d.Type == Zombie {
		key = d.Backend
	}
	return name(d.Place, d.Kind, key)
}

func name(place, kind, key string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{place, kind, key}, "\x00")))
	return kind + "-" + hex.EncodeToString(sum[:6])
}
