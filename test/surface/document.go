// Package surface asks a running plazad whatever its OpenAPI document allows, and much that it does not: every answer must be
// one that the document knows, in time, and none may be a failure of the server's own.
package surface

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
)

type object = map[string]any

// Document is what a server says of itself.
type Document struct {
	Operations []Operation
	schemas    object
	answers    validator.Validator
}

// Operation is one method of one path.
type Operation struct {
	ID, Method, Path string
	Parameters       []Parameter
	Body             object // schema; nil for none
	Stream           bool   // answers without an end
	Kind             Kind   // of what objects; the zero value for none
}

// Kind is what the document says of a kind of object.
type Kind struct{ Name, Plural, Scoping string }

// Tenants tells whether projects have such objects.
func (k Kind) Tenants() bool { return k.Scoping == "project" || k.Scoping == "shared" }

// Parameter is a part of the path, of the query, or a header.
type Parameter struct {
	Name, In string
	Required bool
	Schema   object
}

// Parse reads an OpenAPI 3.1 document in JSON.
func Parse(data []byte) (*Document, error) {
	doc, err := libopenapi.NewDocument(data)
	if err != nil {
		return nil, err
	}
	answers, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		return nil, fmt.Errorf("the document is not valid: %w", errs[0])
	}
	var raw struct {
		Paths map[string]map[string]struct {
			OperationID string
			Parameters  []Parameter
			RequestBody struct {
				Content map[string]struct{ Schema object }
			}
			Responses map[string]struct{ Content map[string]any }
			Kind      Kind `json:"x-plaza-kind"`
		}
		Components struct{ Schemas object }
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	d := &Document{schemas: raw.Components.Schemas, answers: answers}
	for path, methods := range raw.Paths {
		for method, o := range methods {
			op := Operation{ID: o.OperationID, Method: strings.ToUpper(method), Path: path, Parameters: o.Parameters, Kind: o.Kind}
			for _, c := range o.RequestBody.Content {
				op.Body = c.Schema
			}
			for _, r := range o.Responses {
				_, stream := r.Content["text/event-stream"]
				op.Stream = op.Stream || stream
			}
			d.Operations = append(d.Operations, op)
		}
	}
	slices.SortFunc(d.Operations, func(a, b Operation) int { return cmp.Compare(a.ID, b.ID) })
	return d, nil
}

// resolve follows references.
func (d *Document) resolve(s object) object {
	for {
		ref, ok := s["$ref"].(string)
		if !ok {
			return s
		}
		s, _ = d.schemas[ref[strings.LastIndexByte(ref, '/')+1:]].(object)
	}
}

// collection is what the objects of a path are called: servers of /v1/servers/{id}/stop.
func (o Operation) collection() string {
	parts := strings.Split(o.Path, "/")
	return parts[min(2, len(parts)-1)]
}
