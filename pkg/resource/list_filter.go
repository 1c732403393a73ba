package resource

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
)

// Bounds of what one list is asked for.
const (
	maxFilters     = 16
	maxFilterText  = 4096
	maxFilterValue = 256
	maxFilterIn    = 50
)

// condition is one that objects of a list meet. A wide one is answered by no index: rows are looked at. With found, that
// selects the same by going through indexes, which is quicker than rows once few of them match.
type condition struct {
	sql   string
	args  []any
	wide  bool
	found *condition
}

func (c condition) apply(q *bun.SelectQuery) *bun.SelectQuery { return q.Where(c.sql, c.args...) }

// filter is "spec.vcpus >= 4" taken apart.
type filter struct {
	ListField
	text   string
	op     string
	values []any
}

var filterForm = regexp.MustCompile(`(?s)^\s*([^\s=<>!]+)\s*(!=|<=|>=|=|<|>|\s(?:in|prefix)\s)(.*)$`)

// operators are those that go with a type.
var operators = map[FieldType][]string{
	TextField:    {"=", "!=", "<", "<=", ">", ">=", "in", "prefix"},
	IntegerField: {"=", "!=", "<", "<=", ">", ">=", "in"},
	NumberField:  {"=", "!=", "<", "<=", ">", ">=", "in"},
	BooleanField: {"=", "!="},
	TimeField:    {"=", "!=", "<", "<=", ">", ">=", "in"},
}

// filter reads one: a field, an operator and a value, or several with commas after in.
func (d *Definition) filter(text string) (filter, error) {
	m := filterForm.FindStringSubmatch(text)
	if m == nil || len(text) > maxFilterText {
		return filter{}, unlistable(d.Name, "filter", nil, `has the form FIELD OPERATOR VALUE, such as "phase in Failed,Degraded" or "createdAt>=2026-11-01"; operators are =, !=, <, <=, >, >=, in and prefix`)
	}
	field, err := d.listField(m[1])
	if err != nil {
		return filter{}, err
	}
	f := filter{ListField: field, text: text, op: strings.TrimSpace(m[2])}
	allowed := operators[f.Type]
	if f.many {
		allowed = []string{"=", "!=", "in"}
	}
	if !slices.Contains(allowed, f.op) {
		return filter{}, unlistable(d.Name, "filter", text, "%s goes with %s", f.Path, strings.Join(allowed, ", "))
	}
	given := []string{strings.TrimSpace(m[3])}
	if f.op == "in" {
		given = strings.Split(given[0], ",")
	}
	if len(given) > maxFilterIn {
		return filter{}, unlistable(d.Name, "filter", nil, "at most %d values after in", maxFilterIn)
	}
	for _, g := range given {
		v, wrong := f.parse(strings.TrimSpace(g))
		if wrong != "" {
			return filter{}, unlistable(d.Name, "filter", text, "%s %s", f.Path, wrong)
		}
		f.values = append(f.values, v)
	}
	return f, nil
}

// parse reads a value of the field's type, or says what such a one is.
func (f filter) parse(text string) (value any, wrong string) {
	if len(text) > maxFilterValue {
		return nil, fmt.Sprintf("is compared with at most %d bytes", maxFilterValue)
	}
	var err error
	switch f.Type {
	case IntegerField:
		value, err = strconv.ParseInt(text, 10, 64)
	case NumberField:
		var n float64
		if n, err = strconv.ParseFloat(text, 64); math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, "is a number"
		}
		value = n
	case BooleanField:
		if text != "true" && text != "false" {
			return nil, "is true or false"
		}
		return text == "true", ""
	case TimeField:
		return f.moment(text)
	default:
		switch {
		case f.many && text == "":
			return nil, "is compared with at least one character"
		case f.op != "prefix" && len(f.Enum) > 0 && text != "" && !slices.Contains(f.Enum, text):
			return nil, "is one of " + strings.Join(f.Enum, ", ")
		}
		return text, ""
	}
	if err != nil {
		return nil, "is a number that fits " + string(f.Type)
	}
	return value, ""
}

// moment reads a time or a day; within JSON times are milliseconds.
func (f filter) moment(text string) (value any, wrong string) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	if err != nil || at.Year() < 1 || at.Year() > 9999 {
		return nil, "is a time such as 2026-11-01T08:00:00Z, or a day"
	}
	if f.column == "" {
		return at.Round(time.Millisecond).UnixMilli(), ""
	}
	return at.UTC().Truncate(time.Microsecond), ""
}

// ranged tells whether the filter cuts a piece out of the field's order.
func (f filter) ranged() bool { return f.op == "prefix" || f.op[0] == '<' || f.op[0] == '>' }

// condition puts the filter into SQL; narrow tells that the list goes by an index that answers it.
func (f filter) condition(kind string, d store.Dialect, narrow bool) condition {
	if keys, ok := f.keys(); ok {
		if f.op == "!=" {
			return condition{sql: "NOT EXISTS (SELECT 1 FROM object_index WHERE kind = ? AND key = ? AND value = ? AND object_id = id)", args: []any{kind, f.Path, keys[0]}, wide: true}
		}
		return condition{sql: "id IN (SELECT object_id FROM object_index WHERE kind = ? AND key = ? AND value IN (?))", args: []any{kind, f.Path, bun.List(keys)}}
	}
	value := f.value(d)
	if !narrow && f.column != "" {
		value = unled(d, value)
	}
	c := f.compare(d, value)
	c.wide = !narrow
	return c
}

// unled is a column whose own index is not to be taken: SQLite, without statistics, would take any.
func unled(d store.Dialect, column string) string {
	if d == store.SQLite {
		return "+" + column
	}
	return column
}

func (f filter) compare(d store.Dialect, value string) condition {
	first := f.values[0]
	switch f.op {
	case "=":
		return condition{sql: value + " = ?", args: []any{first}}
	case "!=":
		return condition{sql: value + " IS DISTINCT FROM ?", args: []any{first}}
	case "in":
		return condition{sql: value + " IN (?)", args: []any{bun.List(f.values)}}
	case "prefix":
		text, _ := first.(string)
		if f.column == "name" {
			return condition{sql: value + " >= ? AND " + value + " < ?", args: []any{text, text + string(utf8.MaxRune)}}
		}
		return condition{sql: "SUBSTR(" + value + ", 1, ?) = ?", args: []any{utf8.RuneCountInString(text), text}}
	}
	if f.Type == TextField && f.column != "name" && d == store.Postgres {
		value = "(" + value + `) COLLATE "C"`
	}
	return condition{sql: value + " " + f.op + " ?", args: []any{first}}
}

// exact is how far the index, which is made from JSON, tells integers apart.
const exact = 1 << 53

// keys are the values as the index has them, when it can answer: it leaves out what is zero, and what others are is
// found by its value alone.
func (f filter) keys() ([]string, bool) {
	if !f.indexed || f.op != "=" && f.op != "in" && (!f.many || f.op != "!=") {
		return nil, false
	}
	keys := make([]string, 0, len(f.values))
	for _, v := range f.values {
		switch v := v.(type) {
		case string:
			keys = append(keys, v)
		case int64:
			if v > exact || v < -exact {
				return nil, false
			}
			keys = append(keys, strconv.FormatInt(v, 10))
		default:
			return nil, false
		}
		if v == "" || v == int64(0) {
			return nil, false
		}
	}
	return keys, true
}

// words are the conditions of a search: each of its words stands somewhere in the name or in the value of a label.
// Letters beyond ASCII are told apart by case.
func words(kind, search string, d store.Dialect) ([]condition, error) {
	list := strings.Fields(search)
	if len(search) > maxFilterValue || len(list) > maxFilters {
		return nil, unlistable(kind, "search", nil, "at most %d words and %d bytes", maxFilters, maxFilterValue)
	}
	within := `EXISTS (SELECT 1 FROM json_each(labels) AS l WHERE INSTR(LOWER(l.value), ?) > 0)`
	name, label := `INSTR(name, ?) > 0`, `key >= 'labels.' AND key < 'labels/' AND INSTR(LOWER(value), ?) > 0`
	if d == store.Postgres {
		within = `EXISTS (SELECT 1 FROM jsonb_each_text(labels) AS l (k, v) WHERE STRPOS(LOWER(l.v COLLATE "C"), ?) > 0)`
		name, label = `STRPOS(name, ?) > 0`, `key LIKE 'labels.%' AND STRPOS(LOWER(value COLLATE "C"), ?) > 0`
	}
	out := make([]condition, 0, len(list))
	for _, w := range list {
		w = strings.Map(asciiLower, w)
		found := condition{sql: "id IN (SELECT id FROM objects WHERE kind = ? AND " + name +
			" UNION ALL SELECT object_id FROM object_index WHERE kind = ? AND " + label + ")", args: []any{kind, w, kind, w}}
		out = append(out, condition{sql: "(" + name + " OR " + within + ")", args: []any{w, w}, wide: true, found: &found})
	}
	return out, nil
}

func asciiLower(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + ('a' - 'A')
	}
	return r
}
