package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/plazacloud/plaza/pkg/resource"
)

// schemaPrefix is where the document keeps its schemas.
const schemaPrefix = "#/components/schemas/"

func ref(name string) *huma.Schema { return &huma.Schema{Ref: schemaPrefix + name} }

// open marks an operation as public.
var open = []map[string][]string{}

func (s *Server) humaConfig() huma.Config {
	cfg := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "Plaza", Version: "v1", License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
				Description: "Private cloud for retail groups. Writes answer 202 with the operation to follow when they entail work; ?wait=30s waits for its end. Every refusal is a Problem."},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry(schemaPrefix, s.namer()),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"bearer": {Type: "http", Scheme: "bearer", Description: "A session's secret or an API token"},
					"cookie": {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "The portal's session; writes also send X-Plaza-CSRF"},
				},
			},
			Security: []map[string][]string{{"bearer": {}}, {"cookie": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": textJSON(), "json": textJSON()},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
	cfg.OnAddOperation = []huma.AddOpFunc{s.declare}
	return cfg
}

// declare notes which routes are public and gives every one its answer for problems.
func (s *Server) declare(doc *huma.OpenAPI, op *huma.Operation) {
	if op.Security != nil && len(op.Security) == 0 {
		s.public[op.Method+" "+ginPath(op.Path)] = true
	}
	schema := doc.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	op.Responses["default"] = &huma.Response{Description: "Problem", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
}

func ginPath(p string) string {
	return strings.ReplaceAll(strings.ReplaceAll(p, "{", ":"), "}", "")
}

// wrappers are what a kind's schemas that have no Go type are named by.
var wrappers = []string{"Create", "Update", "Patch", "List", "Applied"}

// namer names schemas: those of kinds after the kind, others after their type, with the package's name where two clash.
func (s *Server) namer() func(reflect.Type, string) string {
	names := map[reflect.Type]string{reflect.TypeFor[resource.Problem](): "OperationProblem"}
	taken := map[string]reflect.Type{}
	for _, d := range s.registry.Kinds() {
		for _, suffix := range wrappers {
			taken[pascal(d.Name)+suffix] = nil
		}
		for t, suffix := range map[reflect.Type]string{d.ObjectType: "Object", d.SpecType: "Spec", d.StatusType: "Status"} {
			if t.Name() != "" && names[t] == "" {
				names[t] = pascal(d.Name) + suffix
				taken[names[t]] = t
			}
		}
	}
	return func(t reflect.Type, hint string) string {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if n := names[t]; n != "" {
			return n
		}
		n := huma.DefaultSchemaNamer(t, hint)
		if t.Name() == "" || t.Kind() != reflect.Struct {
			return n
		}
		if other, dup := taken[n]; dup && other != t {
			n = pascal(t.PkgPath()[strings.LastIndex(t.PkgPath(), "/")+1:]) + n
		}
		names[t], taken[n] = n, t
		return n
	}
}

// pascal turns baremetal-node into BaremetalNode.
func pascal(name string) string {
	up := true
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' {
			up = true
			return -1
		}
		if up {
			up = false
			return unicode.ToUpper(r)
		}
		return r
	}, name)
}

// finishDocument fixes what types alone can not say, and renders the document.
func (s *Server) finishDocument() error {
	doc := s.api.OpenAPI()
	schemas := doc.Components.Schemas
	cause := schemas.Schema(reflect.TypeFor[resource.Problem](), true, "")
	op := schemas.Schema(reflect.TypeFor[resource.Operation](), false, "")
	op.Properties["problem"] = &huma.Schema{Ref: cause.Ref}
	op.PrecomputeMessages()
	for _, schema := range schemas.Map() {
		present(schema)
	}
	var err error
	if s.json, err = json.Marshal(doc); err != nil {
		return err
	}
	s.document, err = doc.YAML()
	return err
}

// present says of lists that are left out when empty that they are never null.
func present(s *huma.Schema) {
	for name, p := range s.Properties {
		if p.Type == huma.TypeArray && !slices.Contains(s.Required, name) {
			p.Nullable = false
		}
	}
}

// OpenAPI returns the document in YAML.
func (s *Server) OpenAPI() []byte { return s.document }

// Document returns the document of a registry and further routes, without a database.
func Document(reg *resource.Registry, routes ...Routes) ([]byte, error) {
	s, err := New(Config{Registry: reg, Routes: routes})
	if err != nil {
		return nil, err
	}
	return s.OpenAPI(), nil
}

// raw adds an undocumented route that is read.
func (s *Server) raw(path string, public bool, h gin.HandlerFunc) {
	s.public[http.MethodGet+" "+path] = public
	s.engine.GET(path, h)
}

func (s *Server) documentRoutes() {
	serve := func(kind string, body *[]byte) gin.HandlerFunc {
		return func(c *gin.Context) { c.Data(http.StatusOK, kind, *body) }
	}
	s.raw("/v1/openapi.yaml", true, serve("application/yaml", &s.document))
	s.raw("/v1/openapi.json", true, serve("application/json", &s.json))
}
