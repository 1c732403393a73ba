package client

import (
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"
)

// Noun is a kind of resource as a client sees it: what the server tells of it, and the calls that go with it. The
// table Nouns is generated from the server's document, so that a new kind needs no edit here.
type Noun struct {
	Name    string
	Plural  string
	Doc     string
	Global  bool // belongs to the whole installation, not to a project
	Shared  bool // belongs to either, as each object says
	Async   bool // changes entail work, so that writes answer with an operation
	Columns []Column
	Indexed []string // paths that lists can be filtered by at once
	Fields  []Filterable
	Secrets []string // fields of spec that are written and never returned
	Spec    []Property
	Actions []Action

	List       func(context.Context, *Client, ListQuery) (*http.Response, error)
	Get        func(context.Context, *Client, Target) (*http.Response, error)
	Create     func(context.Context, *Client, Write, io.Reader) (*http.Response, error)
	Update     func(context.Context, *Client, Target, Write, io.Reader) (*http.Response, error)
	Patch      func(context.Context, *Client, Target, Write, io.Reader) (*http.Response, error)
	Delete     func(context.Context, *Client, Target, Write) (*http.Response, error)
	Operations func(context.Context, *Client, Target, BackQuery) (*http.Response, error)
	History    func(context.Context, *Client, Target, BackQuery) (*http.Response, error)
}

// Column is a field that lists show.
type Column struct{ Header, Path string }

// Filterable is a value of spec or status that lists can be filtered by; Type is text, integer, number, boolean or time.
type Filterable struct{ Path, Type string }

// Common are what lists of every kind can be filtered by, besides labels.KEY.
var Common = []Filterable{{"name", "text"}, {"phase", "text"}, {"project", "text"}, {"owner", "text"}, {"createdBy", "text"}, {"createdAt", "time"}, {"updatedAt", "time"}}

// Action is a verb beyond the usual ones. Input is nil when it takes none.
type Action struct {
	Name  string
	Doc   string
	Input []Property
	Do    func(context.Context, *Client, Target, Write, io.Reader) (*http.Response, error)
}

// Property is a field of a schema.
type Property struct {
	Name       string // within its parent
	Type       string // string, integer, number, boolean, array, object, or "" for anything
	Doc        string
	Enum       []string
	Required   bool
	ReadOnly   bool
	Secret     bool
	Items      string     // type of an array's items, or of the values of a map
	Properties []Property // of an object, or of the objects in an array
}

// ListQuery says which objects are listed; empty fields match all.
type ListQuery struct {
	Project string // id or full name
	Limit   int    // of a page; 0 for the server's
	After   string
	Name    string
	Phase   string
	Owner   string
	Labels  []string // key=value
	Fields  []string // path=value
	Filters []string // field operator value
	Search  string
	Sort    string
	Select  []string // paths that the answer is cut to
	Count   string   // exact or estimated
}

// Target names an object.
type Target struct {
	ID      string // or name
	Project string // id or full name, to find the object by name
}

// Write is what a write may carry besides its body; empty fields are left out.
type Write struct {
	Key     string // idempotency key
	IfMatch string
	DryRun  bool
}

// BackQuery pages through what comes newest first.
type BackQuery struct {
	Limit  int
	Before string
}

// FindNoun finds a kind by its name or plural.
func FindNoun(name string) (*Noun, bool) {
	i := slices.IndexFunc(Nouns, func(n Noun) bool { return n.Name == name || n.Plural == name })
	if i < 0 {
		return nil, false
	}
	return &Nouns[i], true
}

// opt leaves empty values out.
func opt[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func optList(v []string) *[]string {
	if len(v) == 0 {
		return nil
	}
	return &v
}

func number(n int) *int64 { return opt(int64(n)) }

// before reads the id that a page ended with, "" for none.
func before(q BackQuery) *openapi_types.UUID {
	id, err := uuid.Parse(q.Before)
	if err != nil {
		return nil
	}
	return &id
}
