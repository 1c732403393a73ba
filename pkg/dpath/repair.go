package dpath

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Lost is a list of a damaged document whose elements are gone.
type Lost struct {
	Line  int    `json:"line"` // from 1
	Path  string `json:"path"` // JSON path in the repaired document
	Env   string `json:"env,omitempty"`
	App   string `json:"app,omitempty"`
	Field string `json:"field"`
}

// String gives "line 8: lost elements of machineGroups of app1 in newRetail".
func (l Lost) String() string {
	s := fmt.Sprintf("line %d: lost elements of %s", l.Line, l.Field)
	if l.App != "" {
		s += " of " + l.App
	}
	if l.Env != "" {
		s += " in " + l.Env
	}
	return s
}

// Repair reads a rule document from which all lines without a colon were lost,
// as happens when such a text is copied through some editors. It is for
// explicit imports by a person, never for the live path: lists whose elements
// are gone come back empty and are listed as [Lost], and must be filled before
// the document is published. An intact document is read as by [Parse], with
// nothing lost; one that is JSON but breaks the model is refused as by Parse.
func Repair(r io.Reader) (*Document, []Lost, error) {
	text, err := readBounded(r)
	if err != nil {
		return nil, nil, err
	}
	doc, err := parseText(text)
	var invalid *InvalidError
	if err == nil || !errors.As(err, &invalid) || invalid.Problems[0].Reason != "not_json" {
		return doc, nil, err
	}
	m := newMender()
	for i, line := range strings.Split(string(text), "\n") {
		m.line = i + 1
		if err := m.read(line); err != nil {
			return nil, nil, &InvalidError{Problems: []Problem{{Path: "$", Reason: "not_repairable",
				Message: fmt.Sprintf("line %d: %v", m.line, err), Hint: "only lines without a colon can be missing"}}}
		}
	}
	m.shut()
	mended, err := json.Marshal(m.top.fields)
	if err != nil {
		return nil, nil, fmt.Errorf("dpath: encode repaired document: %w", err)
	}
	if doc, err = parseText(mended); err != nil {
		return nil, nil, err
	}
	return doc, m.lost, nil
}

// level is an object being put together again.
type level struct {
	keys   map[string]kind // keys that belong here
	fields map[string]any
	opened bool // its list of objects was opened
}

type kind int

const (
	scalar kind = iota + 1
	stringList
	objectList
)

var (
	topKeys = map[string]kind{"enable": scalar, "version": scalar, "entryApps": stringList, "envRules": objectList}
	envKeys = map[string]kind{"envName": scalar, "failoverPolicy": scalar, "minHealthy": scalar, "spillAt": scalar,
		"notBefore": scalar, "notAfter": scalar, "envAppRules": objectList}
	appKeys = map[string]kind{"appName": scalar, "ips": stringList, "machineGroups": stringList,
		"failoverPolicy": scalar, "state": scalar, "allowNoPublic": scalar}
)

// mender reads a damaged document line by line.
type mender struct {
	line int
	top  *level
	env  *level // nil outside an environment
	app  *level // nil outside an app rule
	envs []any
	apps []any
	open *openList
	lost []Lost
}

// openList is a string list whose end has not been seen.
type openList struct {
	owner  *level
	field  string
	values []any
	lost   Lost
}

func newMender() *mender {
	return &mender{top: &level{keys: topKeys, fields: map[string]any{}}}
}

func (m *mender) read(line string) error {
	rest := strings.TrimLeft(strings.TrimSpace(line), "{ \t")
	if rest == "" {
		return nil
	}
	if rest[0] != '"' {
		return m.structure(rest)
	}
	dec := json.NewDecoder(strings.NewReader(rest))
	var word string
	if err := dec.Decode(&word); err != nil {
		return errors.New("not a key or a string")
	}
	rest = strings.TrimSpace(rest[dec.InputOffset():])
	if value, isKey := strings.CutPrefix(rest, ":"); isKey {
		m.shut()
		return m.key(word, strings.TrimSpace(value))
	}
	return m.bare(word, rest)
}

// structure reads a line of brackets; only the end of a string list matters.
func (m *mender) structure(s string) error {
	if strings.Trim(s, "{}[], \t") != "" {
		return errors.New("not a key, a string or a bracket")
	}
	if strings.Contains(s, "]") {
		m.closed()
	}
	return nil
}

// bare takes in an element of the open string list.
func (m *mender) bare(word, rest string) error {
	if m.open == nil {
		return fmt.Errorf("string %q is in no list", word)
	}
	m.open.values = append(m.open.values, word)
	rest = strings.TrimLeft(rest, ", \t")
	if strings.HasPrefix(rest, `"`) {
		return m.read(rest)
	}
	if rest == "" {
		return nil
	}
	return m.structure(rest)
}

// closed ends the open list where its bracket is.
func (m *mender) closed() {
	if m.open != nil {
		m.open.owner.fields[m.open.field] = m.open.values
		m.open = nil
	}
}

// shut ends the open list where its bracket is missing.
func (m *mender) shut() {
	if m.open == nil {
		return
	}
	if len(m.open.values) == 0 {
		m.lost = append(m.lost, m.open.lost)
	}
	m.closed()
}

// key places one key and its value into the object it belongs to.
func (m *mender) key(name, value string) error {
	if err := m.enter(name); err != nil {
		return err
	}
	owner := m.owner(name)
	if owner == nil {
		return fmt.Errorf("key %q does not belong here", name)
	}
	if _, twice := owner.fields[name]; twice {
		return fmt.Errorf("key %q appears twice", name)
	}
	switch owner.keys[name] {
	case objectList:
		return m.objects(name, value, owner)
	case stringList:
		return m.strings(name, value, owner)
	default:
		v, err := decodeValue(value)
		owner.fields[name] = v
		return err
	}
}

// enter opens a new environment or app rule at its first key.
func (m *mender) enter(name string) error {
	switch name {
	case "envName":
		if !m.top.opened {
			return errors.New(`key "envName" is outside "envRules"`)
		}
		m.env, m.app = &level{keys: envKeys, fields: map[string]any{}}, nil
		m.envs = append(m.envs, m.env.fields)
		m.top.fields["envRules"] = m.envs
	case "appName":
		if m.env == nil || !m.env.opened {
			return errors.New(`key "appName" is outside "envAppRules"`)
		}
		m.app = &level{keys: appKeys, fields: map[string]any{}}
		m.apps = append(m.apps, m.app.fields)
		m.env.fields["envAppRules"] = m.apps
	}
	return nil
}

// owner is the innermost open object that has such a key.
func (m *mender) owner(name string) *level {
	for _, l := range []*level{m.app, m.env, m.top} {
		if l != nil && l.keys[name] != 0 {
			return l
		}
	}
	return nil
}

func (m *mender) objects(name, value string, owner *level) error {
	if strings.Trim(value, "[]{}, \t") != "" || !strings.HasPrefix(value, "[") {
		return fmt.Errorf("key %q must open a list of objects", name)
	}
	owner.fields[name] = []any{}
	if strings.Contains(value, "]") {
		return nil
	}
	owner.opened = true
	if owner == m.env {
		m.apps, m.app = nil, nil
	}
	return nil
}

func (m *mender) strings(name, value string, owner *level) error {
	inner, isList := strings.CutPrefix(value, "[")
	if !isList {
		return fmt.Errorf("key %q must be a list", name)
	}
	owner.fields[name] = []any{}
	m.open = &openList{owner: owner, field: name, values: []any{}, lost: m.lose(name)}
	inner = strings.TrimSpace(inner)
	if inner == "" {
		return nil
	}
	if strings.HasPrefix(inner, `"`) {
		return m.read(inner)
	}
	return m.structure(inner)
}

// lose describes a list in case its elements turn out to be gone.
func (m *mender) lose(field string) Lost {
	l := Lost{Line: m.line, Path: "$." + field, Field: field}
	if m.env != nil {
		l.Env, _ = m.env.fields["envName"].(string)
	}
	if m.app != nil {
		l.App, _ = m.app.fields["appName"].(string)
		l.Path = fmt.Sprintf("$.envRules[%d].envAppRules[%d].%s", len(m.envs)-1, len(m.apps)-1, field)
	}
	return l
}

// decodeValue reads one scalar; only separators may follow it on its line.
func decodeValue(value string) (any, error) {
	dec := json.NewDecoder(strings.NewReader(value))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, errors.New("the value is not JSON")
	}
	switch v.(type) {
	case map[string]any, []any:
		return nil, errors.New("the value must be a scalar")
	}
	if rest := value[dec.InputOffset():]; strings.Trim(rest, "{}[], \t") != "" {
		return nil, errors.New("there is more than one key on the line")
	}
	return v, nil
}
