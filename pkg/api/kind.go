package api

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
)

// KindInfo is the extension x-plaza-kind: what clients need to treat all kinds alike. It stands on the kind's tag and
// each of its operations, there with the verb.
type KindInfo struct {
	Name    string            `json:"name" yaml:"name"`
	Plural  string            `json:"plural" yaml:"plural"`
	Doc     string            `json:"doc" yaml:"doc"`
	Scoping resource.Scoping  `json:"scoping" yaml:"scoping"`
	Columns []resource.Column `json:"columns" yaml:"columns"`
	Indexed []string          `json:"indexed" yaml:"indexed"`
	// Fields are the values of spec and status that lists can be filtered by, with what they are compared as.
	Fields  map[string]resource.FieldType `json:"fields" yaml:"fields"`
	Secrets []string                      `json:"secrets,omitempty" yaml:"secrets,omitempty"`
	Actions []ActionInfo                  `json:"actions" yaml:"actions"`
	// Async tells that changes entail work, so that writes answer 202.
	Async bool `json:"async" yaml:"async"`
}

// ActionInfo tells of an action; Input names its schema, "" when it takes none.
type ActionInfo struct {
	Name  string `json:"name" yaml:"name"`
	Doc   string `json:"doc" yaml:"doc"`
	Input string `json:"input,omitempty" yaml:"input,omitempty"`
}

// kind is a definition with its names in the document.
type kind struct {
	*resource.Definition
	server *Server
	title  string // Server
	info   KindInfo
	spec   *huma.Schema
	told   lastEvent
}

func (s *Server) kindRoutes(def *resource.Definition) {
	k := &kind{Definition: def, server: s, title: pascal(def.Name)}
	k.describe()
	k.schemas()
	k.register(http.MethodGet, "", "list", "List "+def.Plural+", by id, in pages.", k.pages)
	k.register(http.MethodPost, "", "create", "Create a "+def.Name+".", k.creates)
	k.register(http.MethodGet, "/{id}", "get", "Read a "+def.Name+".", k.reads)
	k.register(http.MethodPut, "/{id}", "update", "Replace what is wanted of a "+def.Name+".", k.replaces)
	k.register(http.MethodPatch, "/{id}", "patch", "Change some of what is wanted of a "+def.Name+", by JSON merge patch.", k.patches)
	k.register(http.MethodDelete, "/{id}", "delete", "Delete a "+def.Name+".", k.deletes)
	for _, a := range def.Actions {
		doc := a.Doc
		if doc == "" {
			doc = strings.ToUpper(a.Name[:1]) + a.Name[1:] + " a " + def.Name + "."
		}
		k.register(http.MethodPost, "/{id}/"+a.Name, a.Name, doc, func(op huma.Operation) { k.acts(op, a) })
	}
	k.versionRoutes()
	k.laneRoutes()
	k.register(http.MethodGet, "/{id}/operations", "listOperations", "List a "+def.Name+"'s operations, newest first.", k.work)
	k.register(http.MethodGet, "/{id}/history", "listHistory", "List what was done to a "+def.Name+", newest first.", k.past)
}

// describe fills in the extension and adds the kind's tag.
func (k *kind) describe() {
	k.info = KindInfo{Name: k.Name, Plural: k.Plural, Doc: k.Doc, Scoping: k.Scoping, Columns: k.Columns, Indexed: k.Indexed, Fields: map[string]resource.FieldType{}, Secrets: k.Secrets,
		Actions: []ActionInfo{}, Async: k.Reconciles}
	if k.info.Columns == nil {
		k.info.Columns = []resource.Column{}
	}
	if k.info.Indexed == nil {
		k.info.Indexed = []string{}
	}
	for _, f := range k.Definition.Fields {
		if strings.Contains(f.Path, ".") {
			k.info.Fields[f.Path] = f.Type
		}
	}
	for _, a := range k.Actions {
		info := ActionInfo{Name: a.Name, Doc: a.Doc}
		if a.Input != nil {
			info.Input = k.title + pascal(a.Name) + "Input"
		}
		k.info.Actions = append(k.info.Actions, info)
	}
	doc := k.server.api.OpenAPI()
	doc.Tags = append(doc.Tags, &huma.Tag{Name: k.Plural, Description: k.Doc, Extensions: map[string]any{"x-plaza-kind": k.info}})
}

// register hands add an operation that is filled in but for its input and output.
func (k *kind) register(method, path, verb, doc string, add func(huma.Operation)) {
	id := verb + k.title
	switch verb {
	case "list":
		id = verb + pascal(k.Plural)
	case "listOperations", "listHistory", "listVersions", "listSubscribers":
		id = "list" + k.title + strings.TrimPrefix(verb, "list")
	case "getVersion", "watchVersions": // getConfigVersion, watchConfigVersions
		i := strings.Index(verb, "Version")
		id = verb[:i] + k.title + verb[i:]
	}
	add(huma.Operation{Method: method, Path: "/v1/" + k.Plural + path, OperationID: camel(id), Summary: strings.TrimSuffix(doc, "."), Tags: []string{k.Plural},
		Extensions: map[string]any{"x-plaza-kind": map[string]any{"name": k.Name, "plural": k.Plural, "verb": verb, "scoping": k.Scoping}}})
}

// camel turns power-offServer into powerOffServer.
func camel(id string) string {
	p := pascal(id)
	return strings.ToLower(p[:1]) + p[1:]
}

// schemas adds the kind's schemas: object, spec and status from its types, and what requests and answers wrap them in.
func (k *kind) schemas() {
	reg := k.server.api.OpenAPI().Components.Schemas
	object := reg.Schema(k.ObjectType, false, k.title+"Object")
	k.spec = reg.Schema(k.SpecType, true, k.title+"Spec")
	reg.Schema(k.StatusType, true, k.title+"Status")
	k.hideSecrets(reg)
	meta := object.Properties
	all := reg.Map()
	wanted := map[string]*huma.Schema{"labels": meta["labels"], "spec": k.spec}
	create := map[string]*huma.Schema{"name": meta["name"], "labels": meta["labels"], "spec": k.spec}
	required := []string{"name", "spec"}
	switch k.Scoping {
	case resource.Projected:
		create["project"] = &huma.Schema{Type: huma.TypeString, Description: "Project id or full name"}
		required = append(required, "project")
	case resource.Shared:
		create["project"] = &huma.Schema{Type: huma.TypeString, Description: "Project id or full name; without it, it is everybody's"}
	case resource.Global:
	}
	all[k.title+"Create"] = record("What a new "+k.Name+" shall be", create, required...)
	all[k.title+"Update"] = record("What a "+k.Name+" shall be from now on; labels left out stay, secrets left out stay", wanted, "spec")
	all[k.title+"Patch"] = record("JSON merge patch: what is there replaces, null removes, the rest stays", map[string]*huma.Schema{
		"labels": {Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString, Nullable: true}},
		"spec":   {Type: huma.TypeObject, AdditionalProperties: true, Description: "Part of a " + k.title + "Spec"}})
	all[k.title+"List"] = record("One page", map[string]*huma.Schema{
		"items": {Type: huma.TypeArray, Items: ref(k.title + "Object")},
		"next":  {Type: huma.TypeString, Description: nextDoc},
		"count": reg.Schema(totalType, true, "")}, "items")
	all["Selection"] = selectionSchema(reg)
	all[k.title+"Applied"] = record("What a write did", map[string]*huma.Schema{
		"object":    ref(k.title + "Object"),
		"operation": reg.Schema(operationType, true, ""),
		"created":   {Type: huma.TypeBoolean},
		"changed":   {Type: huma.TypeBoolean, Description: "False when everything was like that already"},
		"dryRun":    {Type: huma.TypeBoolean, Description: "Nothing was written"},
		"plan":      reg.Schema(reflect.TypeFor[resource.PlacementPlan](), true, ""),
		"charges":   {Type: huma.TypeObject, Description: "What it takes from the quota, by metric", AdditionalProperties: &huma.Schema{Type: huma.TypeInteger, Format: "int64"}},
	}, "object", "created", "changed")
	for _, a := range k.Actions {
		if a.Input != nil {
			all[k.title+pascal(a.Name)+"Input"] = huma.SchemaFromType(reg, a.Input)
		}
	}
	if k.Versions > 0 {
		k.versionSchemas(all)
	}
	for _, suffix := range wrappers {
		all[k.title+suffix].PrecomputeMessages()
	}
}

// hideSecrets marks secret fields as ones that are only written; answers leave them out.
func (k *kind) hideSecrets(reg huma.Registry) {
	spec := k.spec
	if spec.Ref != "" {
		spec = reg.SchemaFromRef(spec.Ref)
	}
	for _, name := range k.Secrets {
		if p := spec.Properties[name]; p != nil {
			p.WriteOnly = true
		}
	}
}

func record(doc string, properties map[string]*huma.Schema, required ...string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Description: doc, Properties: properties, Required: required, AdditionalProperties: false}
}

// takes declares a JSON body that must be there.
func takes(op *huma.Operation, contentType, schema string) {
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{contentType: {Schema: ref(schema)}}}
}

// answers declares what the operation returns, by status.
func answers(op *huma.Operation, schema string, statuses map[string]string) {
	op.Responses = map[string]*huma.Response{}
	for status, doc := range statuses {
		op.Responses[status] = &huma.Response{Description: doc, Content: map[string]*huma.MediaType{"application/json": {Schema: ref(schema)}}}
	}
}

// tells declares headers of an answer.
func tells(op *huma.Operation, status string, headers ...string) {
	if r := op.Responses[status]; r != nil {
		r.Headers = map[string]*huma.Param{}
		for _, name := range headers {
			r.Headers[name] = &huma.Header{Description: headerDocs[name], Schema: &huma.Schema{Type: huma.TypeString}}
		}
	}
}

var headerDocs = map[string]string{"ETag": "Version of the object, for If-Match", "Location": "The operation to follow, or the object made"}
