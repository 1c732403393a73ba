package dpath

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// shape describes one JSON value of the rule document. encoding/json alone
// accepts duplicate and differently-cased names, and stops at the first fault.
type shape struct {
	want   string
	fields map[string]*shape         // of an object
	elem   *shape                    // of a list
	accept func(tok json.Token) bool // of a scalar
}

func isText(t json.Token) bool { _, ok := t.(string); return ok }
func isBool(t json.Token) bool { _, ok := t.(bool); return ok }
func isInt(t json.Token) bool {
	n, ok := t.(json.Number)
	if !ok {
		return false
	}
	_, err := strconv.ParseInt(n.String(), 10, 32)
	return err == nil
}
func isUint(t json.Token) bool {
	n, ok := t.(json.Number)
	if !ok {
		return false
	}
	_, err := strconv.ParseUint(n.String(), 10, 64)
	return err == nil
}
func isPolicy(t json.Token) bool { return accepted(t, new(Policy)) }
func isQuorum(t json.Token) bool { return accepted(t, new(Quorum)) }

func accepted(t json.Token, into json.Unmarshaler) bool {
	if !isText(t) && !isInt(t) {
		return false
	}
	raw, err := json.Marshal(t)
	return err == nil && into.UnmarshalJSON(raw) == nil
}

func objectOf(fields map[string]*shape) *shape { return &shape{want: "an object", fields: fields} }
func listOf(elem *shape) *shape                { return &shape{want: "a list", elem: elem} }

var (
	textShape    = &shape{want: "a string", accept: isText}
	boolShape    = &shape{want: "true or false", accept: isBool}
	intShape     = &shape{want: "an integer", accept: isInt}
	versionShape = &shape{want: "an integer from 0 to 2^64-1", accept: isUint}
	policyShape  = &shape{want: "0, 1, 2 or one of failover, strict, spill", accept: isPolicy}
	quorumShape  = &shape{want: "a count or a percentage such as \"50%\"", accept: isQuorum}
)

var documentShape = objectOf(map[string]*shape{
	"enable":    boolShape,
	"version":   versionShape,
	"entryApps": listOf(textShape),
	"trust":     objectOf(map[string]*shape{"hosts": listOf(textShape)}),
	"envRules": listOf(objectOf(map[string]*shape{
		"envName":        textShape,
		"failoverPolicy": policyShape,
		"minHealthy":     quorumShape,
		"spillAt":        intShape,
		"notBefore":      textShape,
		"notAfter":       textShape,
		"envAppRules": listOf(objectOf(map[string]*shape{
			"appName":        textShape,
			"ips":            listOf(textShape),
			"machineGroups":  listOf(textShape),
			"failoverPolicy": policyShape,
			"state":          textShape,
			"allowNoPublic":  boolShape,
		})),
	})),
	"identify": listOf(objectOf(map[string]*shape{
		"envName":    textShape,
		"priority":   intShape,
		"logic":      textShape,
		"conditions": conditionsShape,
	})),
	"rehearsal": objectOf(map[string]*shape{
		"enable":     boolShape,
		"logic":      textShape,
		"conditions": conditionsShape,
		"simulators": listOf(textShape),
	}),
})

var conditionsShape = listOf(objectOf(map[string]*shape{
	"type":  textShape,
	"key":   textShape,
	"op":    textShape,
	"value": listOf(textShape),
}))

// walker compares a JSON text with a shape and notes every difference.
type walker struct {
	dec *json.Decoder
	findings
}

func (w *walker) value(s *shape, path string) error {
	tok, err := w.dec.Token()
	if err != nil {
		return err
	}
	delim, nested := tok.(json.Delim)
	switch {
	case nested && delim == '{' && s.fields != nil:
		return w.object(s, path)
	case nested && delim == '[' && s.elem != nil:
		return w.list(s, path)
	case !nested && s.accept != nil && s.accept(tok):
		return nil
	}
	w.add(path, "wrong_type", "", "must be %s", s.want)
	if nested {
		return w.skip()
	}
	return nil
}

func (w *walker) object(s *shape, path string) error {
	seen := map[string]bool{}
	for w.dec.More() {
		tok, err := w.dec.Token()
		if err != nil {
			return err
		}
		name, _ := tok.(string)
		at := path + "." + name
		field, known := s.fields[name]
		if seen[name] {
			w.add(at, "duplicate_field", "keep one of them", "field %q appears twice", name)
		}
		seen[name] = true
		if !known {
			w.add(at, "unknown_field", "names are case-sensitive; see the rule model", "field %q is not part of the rule model", name)
			if err := w.anything(); err != nil {
				return err
			}
			continue
		}
		if err := w.value(field, at); err != nil {
			return err
		}
	}
	_, err := w.dec.Token()
	return err
}

func (w *walker) list(s *shape, path string) error {
	for i := 0; w.dec.More(); i++ {
		if err := w.value(s.elem, path+"["+strconv.Itoa(i)+"]"); err != nil {
			return err
		}
	}
	_, err := w.dec.Token()
	return err
}

// anything reads past one value of any sort.
func (w *walker) anything() error {
	tok, err := w.dec.Token()
	if err != nil {
		return err
	}
	if _, nested := tok.(json.Delim); nested {
		return w.skip()
	}
	return nil
}

// skip reads past the rest of an object or list whose opening was just read.
func (w *walker) skip() error {
	for depth := 1; depth > 0; {
		tok, err := w.dec.Token()
		if err != nil {
			return err
		}
		switch tok {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

// syntaxError tells where a text stops being JSON.
func (w *walker) syntaxError(err error, text []byte) *InvalidError {
	offset := w.dec.InputOffset()
	var syn *json.SyntaxError
	if errors.As(err, &syn) {
		offset = syn.Offset
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("unexpected end of the text")
	}
	line := 1
	for _, c := range text[:min(int(offset), len(text))] {
		if c == '\n' {
			line++
		}
	}
	return &InvalidError{Problems: []Problem{{
		Path:    "$",
		Reason:  "not_json",
		Message: fmt.Sprintf("line %d: %v", line, err),
		Hint:    "if lines were lost in copying, import the text with the explicit repair",
	}}}
}
