package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/plazacloud/plaza/pkg/client"
)

// document is an object as people write it. What the server alone sets may stand in it and is passed over, so that the
// output of get can be applied again.
type document struct {
	Kind    string            `json:"kind,omitempty"`
	Project string            `json:"project,omitempty"`
	Name    string            `json:"name"`
	Labels  map[string]string `json:"labels,omitempty"`
	Spec    map[string]any    `json:"spec"`

	noun *client.Noun
}

var passedOver = []string{"id", "generation", "observedGeneration", "version", "revision", "phase", "conditions", "finalizers", "owner", "createdBy",
	"createdAt", "updatedAt", "deletingAt", "status"}

// readDocuments reads YAML or JSON documents; kind is that of those which do not say.
func (a *app) readDocuments(path, kind string) ([]*document, error) {
	text, err := a.readFile(path)
	if err != nil {
		return nil, err
	}
	var out []*document
	for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var v any
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, usagef("%s: %w", path, err)
		}
		items, err := unfold(v)
		if err != nil {
			return nil, usagef("%s: document %d %w", path, len(out)+1, err)
		}
		for _, m := range items {
			doc, err := newDocument(m, kind)
			if err != nil {
				return nil, usagef("%s: document %d %w", path, len(out)+1, err)
			}
			out = append(out, doc)
		}
	}
	if len(out) == 0 {
		return nil, usagef("%s holds no document", path)
	}
	return out, nil
}

// unfold takes one object, or a list of them as list -o yaml writes it.
func unfold(v any) ([]map[string]any, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return []map[string]any{x}, nil
	case []any:
		var out []map[string]any
		for _, e := range x {
			m, ok := e.(map[string]any)
			if !ok {
				return nil, errors.New("is not a list of objects")
			}
			out = append(out, m)
		}
		return out, nil
	}
	return nil, errors.New("is not an object with kind, name and spec")
}

func newDocument(m map[string]any, kind string) (*document, error) {
	for _, name := range passedOver {
		delete(m, name)
	}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	doc := &document{}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	strict.UseNumber()
	if err := strict.Decode(doc); err != nil {
		return nil, fmt.Errorf("is not an object with kind, project, name, labels and spec: %w", err)
	}
	if doc.Kind == "" {
		doc.Kind = kind
	}
	n, ok := client.FindNoun(doc.Kind)
	switch {
	case doc.Kind == "":
		return nil, errors.New("does not say its kind")
	case !ok:
		return nil, fmt.Errorf("is of kind %q, which is not known", doc.Kind)
	case kind != "" && n.Name != kind:
		return nil, fmt.Errorf("is of kind %s, not %s", n.Name, kind)
	}
	doc.noun, doc.Kind = n, n.Name
	if doc.Spec == nil {
		doc.Spec = map[string]any{}
	}
	return doc, nil
}

// dropReadOnly leaves out what only the server sets.
func (d *document) dropReadOnly() {
	for _, p := range d.noun.Spec {
		if p.ReadOnly {
			delete(d.Spec, p.Name)
		}
	}
}

// createBody is the body of a create.
func (d *document) createBody() (io.Reader, error) {
	body := map[string]any{"name": d.Name, "spec": d.Spec}
	if d.Labels != nil {
		body["labels"] = d.Labels
	}
	if !d.noun.Global && (d.Project != "" || !d.noun.Shared) {
		body["project"] = d.Project
	}
	return jsonBody(body)
}

// updateBody is the body of an update; labels that are not mentioned stay.
func (d *document) updateBody() (io.Reader, error) {
	body := map[string]any{"spec": d.Spec}
	if d.Labels != nil {
		body["labels"] = d.Labels
	}
	return jsonBody(body)
}

func jsonBody(v any) (io.Reader, error) {
	text, err := json.Marshal(v)
	return bytes.NewReader(text), err
}

// find returns the property by a name.
func find(list []client.Property, name string) (client.Property, bool) {
	i := slices.IndexFunc(list, func(p client.Property) bool { return p.Name == name })
	if i < 0 {
		return client.Property{}, false
	}
	return list[i], true
}
