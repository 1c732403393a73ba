package dpath

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Release is a rule document with the nodes that it is about, as a centre
// publishes them together, so that no subscriber ever joins one with another's.
type Release struct {
	Document *Document `json:"document"`
	Registry *Registry `json:"registry"`
}

// ParseRelease reads one JSON object with document, as [Parse] reads it, and
// registry. Unknown fields and text after it are refused.
func ParseRelease(r io.Reader) (*Release, error) {
	text, err := readBounded(r)
	if err != nil {
		return nil, err
	}
	var raw struct {
		Document json.RawMessage `json:"document"`
		Registry json.RawMessage `json:"registry"`
	}
	if err := strictly(text, &raw); err != nil {
		return nil, releaseProblem("$", err)
	}
	reg := &Registry{}
	if err := strictly(raw.Registry, reg); err != nil {
		return nil, releaseProblem("$.registry", err)
	}
	if len(raw.Document) == 0 {
		return nil, releaseProblem("$.document", errors.New("is missing"))
	}
	if err := reg.check(); err != nil {
		return nil, releaseProblem("$.registry", err)
	}
	doc, err := parseText(raw.Document)
	if err != nil {
		return nil, err
	}
	return &Release{Document: doc, Registry: reg}, nil
}

func strictly(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("extra data after the object")
	}
	return nil
}

func releaseProblem(path string, err error) *InvalidError {
	return &InvalidError{Problems: []Problem{{Path: path, Reason: "not_a_release", Message: fmt.Sprint(err),
		Hint: `a release is {"document": {…}, "registry": {"apps": {…}, "groups": {…}}}`}}}
}
