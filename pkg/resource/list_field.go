package resource

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/store"
)

// FieldType is what the values of a field are compared as.
type FieldType string

const (
	TextField    FieldType = "text" // byte by byte
	IntegerField FieldType = "integer"
	NumberField  FieldType = "number"
	BooleanField FieldType = "boolean"
	TimeField    FieldType = "time" // within spec and status to the millisecond
)

// ListField is a field that lists can be filtered by: what every object has, and the single values of spec and status.
// Of lists within those only indexed paths are fields, any of whose values counts.
type ListField struct {
	Path string // as in JSON, such as status.power
	Type FieldType
	Enum []string // what there is to compare with; nil: anything

	column  string // of the table; "" for what lies within one
	indexed bool
	many    bool // a list lies on the way
	zero    bool // left out it is the type's zero
}

var commonFields = []ListField{
	{Path: "name", Type: TextField, column: "name"},
	{Path: "phase", Type: TextField, column: "phase", Enum: []string{string(PhasePending), string(PhaseWorking), string(PhaseReady), string(PhaseDegraded), string(PhaseFailed), string(PhaseDeleting)}},
	{Path: "project", Type: TextField, column: "project"},
	{Path: "owner", Type: TextField, column: "owner_id"},
	{Path: "createdBy", Type: TextField, column: "created_by"},
	{Path: "createdAt", Type: TimeField, column: "created_at"},
	{Path: "updatedAt", Type: TimeField, column: "updated_at"},
}

// deepest bounds how far fields are looked for.
const deepest = 6

// listFields reads a kind's fields off its types; those of secrets are none.
func listFields(d *Definition) []ListField {
	r := fieldReader{indexed: d.Indexed, out: slices.Clone(commonFields)}
	r.object("spec", d.SpecType, true, d.Secrets, 0)
	r.object("status", d.StatusType, true, nil, 0)
	for _, path := range d.Indexed {
		if !slices.ContainsFunc(r.out, func(f ListField) bool { return f.Path == path }) {
			r.out = append(r.out, ListField{Path: path, Type: TextField, indexed: true, many: true})
		}
	}
	return r.out
}

type fieldReader struct {
	indexed []string
	out     []ListField
}

func (r *fieldReader) object(path string, t reflect.Type, zero bool, except []string, depth int) {
	if t.Kind() != reflect.Struct || depth > deepest {
		return
	}
	for _, f := range jsonFields(t) {
		if name := jsonName(f); !slices.Contains(except, name) {
			r.field(path+"."+name, f, zero, depth)
		}
	}
}

var (
	timeType      = reflect.TypeFor[time.Time]()
	marshalerType = reflect.TypeFor[json.Marshaler]()
)

func (r *fieldReader) field(path string, f reflect.StructField, zero bool, depth int) {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t, zero = t.Elem(), false
	}
	field := ListField{Path: path, Type: fieldType(t), indexed: slices.Contains(r.indexed, path), zero: zero}
	if enum := f.Tag.Get("enum"); enum != "" && field.Type == TextField {
		field.Enum = strings.Split(enum, ",")
	}
	switch {
	case field.Type != "":
		field.zero = zero && field.Type != TimeField
		r.out = append(r.out, field)
	case !reflect.PointerTo(t).Implements(marshalerType):
		r.object(path, t, zero, nil, depth+1)
	}
}

// fieldType is "" for what is no single value.
func fieldType(t reflect.Type) FieldType {
	if t == timeType {
		return TimeField
	}
	if reflect.PointerTo(t).Implements(marshalerType) {
		return ""
	}
	switch k := t.Kind(); {
	case k == reflect.String:
		return TextField
	case k == reflect.Bool:
		return BooleanField
	case k >= reflect.Int && k <= reflect.Uint64:
		return IntegerField
	case k == reflect.Float32, k == reflect.Float64:
		return NumberField
	}
	return ""
}

// jsonName is a field's name in JSON, "" when it has none.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case name == "-", !f.IsExported() && !f.Anonymous:
		return ""
	case name == "":
		return f.Name
	}
	return name
}

// labelKey are the keys of labels that a path can name.
var labelKey = regexp.MustCompile(`^[A-Za-z0-9_./-]{1,63}$`)

// listField finds a field; labels.KEY is one of every kind.
func (d *Definition) listField(path string) (ListField, error) {
	if key, ok := strings.CutPrefix(path, "labels."); ok && labelKey.MatchString(key) {
		return ListField{Path: path, Type: TextField, indexed: true}, nil
	}
	if i := slices.IndexFunc(d.Fields, func(f ListField) bool { return f.Path == path }); i >= 0 {
		return d.Fields[i], nil
	}
	paths := []string{"labels.KEY"}
	for _, f := range d.Fields {
		paths = append(paths, f.Path)
	}
	return ListField{}, &Problem{Reason: ReasonInvalid, Kind: d.Name, Detail: fmt.Sprintf("a %s can not be filtered by %.100q", d.Name, path),
		Hint: "fields to filter by: " + strings.Join(paths, ", ")}
}

// value is the field in SQL, NULL where it is not there or of another type. Paths come from types, and the keys of
// labels are plain, so that nothing in them needs quoting.
func (f ListField) value(d store.Dialect) string {
	if f.column != "" {
		return f.column
	}
	root, rest, _ := strings.Cut(f.Path, ".")
	steps := strings.Split(rest, ".")
	if root == "labels" {
		steps = []string{rest}
	}
	text := f.within(d, root, steps)
	zero, ok := map[FieldType]string{TextField: "''", IntegerField: "0", NumberField: "0", BooleanField: "FALSE"}[f.Type]
	if f.zero && ok {
		return "COALESCE(" + text + ", " + zero + ")"
	}
	return text
}

// jsonTypes are what the engines call what a field may hold.
var jsonTypes = map[store.Dialect]map[FieldType]string{
	store.SQLite:   {TextField: "'text'", TimeField: "'text'", IntegerField: "'integer', 'real'", NumberField: "'integer', 'real'", BooleanField: "'true', 'false'"},
	store.Postgres: {TextField: "'string'", TimeField: "'string'", IntegerField: "'number'", NumberField: "'number'", BooleanField: "'boolean'"},
}

// within takes the value out of a column of JSON.
func (f ListField) within(d store.Dialect, column string, steps []string) string {
	if d == store.SQLite {
		path := `'$."` + strings.Join(steps, `"."`) + `"'`
		value := "json_extract(" + column + ", " + path + ")"
		if f.Type == TimeField {
			value = "CAST(ROUND(unixepoch(" + value + ", 'subsec') * 1000) AS INTEGER)"
		}
		return "CASE WHEN json_type(" + column + ", " + path + ") IN (" + jsonTypes[d][f.Type] + ") THEN " + value + " END"
	}
	path := `'{"` + strings.Join(steps, `","`) + `"}'`
	value := "(" + column + " #>> " + path + ")"
	switch f.Type {
	case IntegerField, NumberField:
		value += "::numeric"
	case BooleanField:
		value += "::boolean"
	case TimeField:
		value = "ROUND(EXTRACT(EPOCH FROM " + value + "::timestamptz) * 1000)"
	}
	return "CASE WHEN jsonb_typeof(" + column + " #> " + path + ") IN (" + jsonTypes[d][f.Type] + ") THEN " + value + " END"
}
