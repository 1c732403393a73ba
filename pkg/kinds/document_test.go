package kinds

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

// TestFieldsTellWhatTheyAre looks at all that somebody can ask for, as the document, the flags of the command line and the forms
// of the portal say nothing of a field but this.
func TestFieldsTellWhatTheyAre(t *testing.T) {
	reg := resource.NewRegistry()
	Register(reg, Backends{})
	var silent []string
	seen := map[reflect.Type]bool{}
	for _, d := range reg.Kinds() {
		silent = append(silent, undocumented(d.SpecType, seen)...)
		for _, a := range d.Actions {
			if a.Input != nil {
				silent = append(silent, undocumented(a.Input, seen)...)
			}
		}
	}
	require.Empty(t, silent, "fields without a doc tag")
	require.Greater(t, len(seen), 30)
}

// undocumented lists the fields of a type, and of those of this package within it, that say nothing.
func undocumented(t reflect.Type, seen map[reflect.Type]bool) (out []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] || t.PkgPath() != reflect.TypeFor[ServerSpec]().PkgPath() {
		return nil
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); f.IsExported() && name != "-" && !f.Anonymous && f.Tag.Get("doc") == "" {
			out = append(out, t.Name()+"."+f.Name)
		}
		out = append(out, undocumented(f.Type, seen)...)
	}
	return out
}
