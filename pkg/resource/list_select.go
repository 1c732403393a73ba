package resource

import (
	"reflect"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// maxSelected bounds how many paths are selected.
const maxSelected = 64

// Selection are the parts of an object that are asked for: by name what lies within each, nothing for all of it.
type Selection map[string]Selection

// Select reads dotted paths such as status.address; what they name must be there in the kind's types, but for keys of
// maps and within what has any form. Id and name are always selected.
func (d *Definition) Select(paths []string) (Selection, error) {
	if len(paths) > maxSelected {
		return nil, unlistable(d.Name, "fields", nil, "at most %d of them", maxSelected)
	}
	out := Selection{"id": nil, "name": nil}
	for _, path := range paths {
		path = strings.TrimSpace(path)
		steps, known := steps(d.ObjectType, strings.Split(path, "."))
		if steps == nil {
			return nil, unlistable(d.Name, "fields", path, "is no field; there are %s", strings.Join(known, ", "))
		}
		out.add(steps)
	}
	return out, nil
}

func (s Selection) add(steps []string) {
	within, begun := s[steps[0]]
	switch {
	case len(steps) == 1 || begun && within == nil:
		s[steps[0]] = nil
	case !begun:
		within = Selection{}
		s[steps[0]] = within
		fallthrough
	default:
		within.add(steps[1:])
	}
}

// steps follows a path through a type: what comes of it, or the fields that there are where it leads nowhere.
func steps(t reflect.Type, path []string) (found, known []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		t = t.Elem()
	}
	switch {
	case len(path) == 0:
		return []string{}, nil
	case slices.Contains(path, ""):
		return nil, []string{"names with dots between them"}
	case t.Kind() == reflect.Map && !nested(t.Elem()):
		return []string{strings.Join(path, ".")}, nil // the key of a label may have dots in it
	case t.Kind() == reflect.Map:
		found, known = steps(t.Elem(), path[1:])
	case t.Kind() == reflect.Interface || t.Kind() == reflect.Struct && reflect.PointerTo(t).Implements(marshalerType) && t != timeType:
		return path, nil
	case t.Kind() == reflect.Struct && t != timeType:
		fields := jsonFields(t)
		i := slices.IndexFunc(fields, func(f reflect.StructField) bool { return jsonName(f) == path[0] })
		if i < 0 {
			for _, f := range fields {
				known = append(known, jsonName(f))
			}
			return nil, known
		}
		found, known = steps(fields[i].Type, path[1:])
	default:
		return nil, []string{"none within it"}
	}
	if found == nil {
		return nil, known
	}
	return append([]string{path[0]}, found...), nil
}

func nested(t reflect.Type) bool {
	k := t.Kind()
	return k == reflect.Struct || k == reflect.Map || k == reflect.Slice || k == reflect.Pointer || k == reflect.Interface
}

// jsonFields are a struct's fields as JSON has them, those of embedded structs among them.
func jsonFields(t reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool {
		return jsonName(f) == "" || f.Anonymous && f.Tag.Get("json") == ""
	})
}

// Cut appends an object's JSON with nothing in it but what is selected, in the order in which it stands there. Of lists each
// element is cut. What is not selected is passed over rather than read.
func (s Selection) Cut(to, object []byte) []byte { return s.cut(to, gjson.ParseBytes(object)) }

func (s Selection) cut(to []byte, v gjson.Result) []byte {
	switch {
	case len(s) > 0 && v.IsObject():
		to = append(to, '{')
		begun := len(to)
		v.ForEach(func(name, inner gjson.Result) bool {
			within, selected := s[name.Str]
			if !selected {
				return true
			}
			if len(to) > begun {
				to = append(to, ',')
			}
			to = append(append(to, name.Raw...), ':')
			to = within.cut(to, inner)
			return true
		})
		return append(to, '}')
	case len(s) > 0 && v.IsArray():
		to = append(to, '[')
		begun := len(to)
		v.ForEach(func(_, element gjson.Result) bool {
			if len(to) > begun {
				to = append(to, ',')
			}
			to = s.cut(to, element)
			return true
		})
		return append(to, ']')
	}
	return append(to, v.Raw...)
}
