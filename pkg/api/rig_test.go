package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		storetest.Stop()
		os.Exit(code)
	}))
}

const (
	password = "correct horse battery"
	shop     = "freshfoods/north/dailymart/shop"
	teashop  = "freshfoods/south/tealeaf/shop"
)

// boxSpec is the spec of a kind whose changes take work.
type boxSpec struct {
	Size   int               `json:"size" minimum:"1" maximum:"100" doc:"Litres"`
	Colour string            `json:"colour,omitempty" enum:"red,green,blue"`
	Secret string            `json:"secret,omitempty" maxLength:"100"`
	Tags   []string          `json:"tags,omitempty" maxItems:"3"`
	Extra  map[string]string `json:"extra,omitempty"`
	Closed bool              `json:"closed,omitempty"`
}

type boxStatus struct {
	Size   int  `json:"size"`
	Closed bool `json:"closed"`
}

type growInput struct {
	By int `json:"by" minimum:"1" maximum:"50"`
}

type box = resource.Object[boxSpec, boxStatus]

// works holds back or fails the work on boxes.
type works struct {
	mu   sync.Mutex
	hold bool
	fail error
}

func (w *works) set(hold bool, fail error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hold, w.fail = hold, fail
}

func (w *works) pass() (resource.Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return resource.Result{Done: !w.hold && w.fail == nil, Again: 20 * time.Millisecond, Progress: 50}, w.fail
}

func register(reg *resource.Registry, w *works) {
	resource.Register(reg, resource.Kind[boxSpec, boxStatus]{
		Name: "box", Plural: "boxes", Doc: "Something to put things in.", Indexed: []string{"spec.size", "spec.colour"}, Secrets: []string{"secret"},
		Columns: []resource.Column{{Header: "SIZE", Path: "status.size"}},
		Charge: func(o *box) resource.Charges {
			return resource.Charges{"boxes": 1, "litres": int64(o.Spec.Size)}
		},
		Validate: func(_ context.Context, _ *resource.Admission, _, o *box) error {
			if o.Spec.Size == 13 {
				return resource.Invalid("box", "spec.size", 13, "brings bad luck")
			}
			return nil
		},
		Reconcile: func(_ context.Context, _ *resource.Reconciliation, o *box) (resource.Result, error) {
			res, err := w.pass()
			if res.Done {
				o.Status = boxStatus{Size: o.Spec.Size, Closed: o.Spec.Closed}
			}
			return res, err
		},
		Actions: map[string]resource.Action[boxSpec, boxStatus]{
			"close": {Doc: "Close the lid.", Apply: func(_ context.Context, _ *resource.Admission, o *box, _ any) error { o.Spec.Closed = true; return nil }},
			"grow": {Doc: "Make it larger.", Input: &growInput{}, Apply: func(_ context.Context, _ *resource.Admission, o *box, in any) error {
				o.Spec.Size += in.(*growInput).By
				return nil
			}},
		},
	})
	resource.Register(reg, resource.Kind[shelfSpec, struct{}]{Name: "shelf", Plural: "shelves", Doc: "A catalogue entry.", Scoping: resource.Global})
}

type shelfSpec struct {
	Height int `json:"height" minimum:"1"`
}

// rig is the real server over a real database, with the real engine at work.
type rig struct {
	*works
	store   *resource.Store
	tenancy *tenancy.Service
	server  *api.Server
	http    *httptest.Server
	spec    validator.Validator
	secrets map[string]string
	project map[string]string
	log     *bytes.Buffer
}

type enroller struct{ used bool }

func (e *enroller) IssueToken(_ context.Context, _ resource.Actor, in api.NewEnrolToken) (api.EnrolToken, error) {
	return api.EnrolToken{Token: "once", Site: in.Site, Name: in.Name, ExpiresAt: time.Now().Add(time.Hour)}, nil
}

func (e *enroller) Enrol(_ context.Context, _ string, in api.EnrolRequest) (api.EnrolResponse, error) {
	if in.Token != "once" || e.used {
		return api.EnrolResponse{}, resource.Problemf(resource.ReasonUnauthenticated, "host", "ask for a new one", "the token is unknown or was used")
	}
	e.used = true
	return api.EnrolResponse{HostID: resource.NewID(), BusURL: "tls://127.0.0.1:4222", BusCA: "PEM", Time: time.Now()}, nil
}

type option func(*api.Config)

func newRig(t testing.TB, options ...option) *rig {
	t.Helper()
	db := storetest.Open(t, store.SQLite)
	r := &rig{works: &works{}, secrets: map[string]string{}, project: map[string]string{}, log: &bytes.Buffer{}}
	reg := resource.NewRegistry()
	register(reg, r.works)
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	r.tenancy = tenancy.New(db, nil)
	r.tenancy.UseSealer(sealer)
	first, err := r.tenancy.Bootstrap(t.Context())
	require.NoError(t, err)
	words := map[string]string{}
	for _, name := range []string{"cloud-operator", "dailymart-member", "dailymart-reader", "tealeaf-member"} {
		words[name] = password
	}
	seeded, err := r.tenancy.Seed(t.Context(), words)
	require.NoError(t, err)
	for _, n := range seeded.Nodes {
		r.project[n.FullName] = n.ID
	}
	words["admin"] = first.Password
	for name, word := range words {
		_, secret, err := r.tenancy.Login(t.Context(), tenancy.Credentials{Name: name, Password: word})
		require.NoError(t, err)
		r.secrets[name] = secret
	}
	r.store = resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer, Authorizer: r.tenancy, Tree: r.tenancy})
	r.tenancy.Attach(r.store)
	engine, err := operation.New(t.Context(), operation.Config{DB: db, Objects: r.store, Node: "n1"})
	require.NoError(t, err)
	r.store.UseJobs(engine)
	require.NoError(t, engine.Start(t.Context()))
	cfg := api.Config{Store: r.store, Tenancy: r.tenancy, Hosts: &enroller{}, Version: "test", Log: slog.New(slog.NewTextHandler(r.log, nil)),
		Portal: fstest.MapFS{"index.html": {Data: []byte("<html>plaza</html>")}, "assets/app-1.js": {Data: []byte("1")}}}
	for _, o := range options {
		o(&cfg)
	}
	r.server, err = api.New(cfg)
	require.NoError(t, err)
	r.http = httptest.NewUnstartedServer(nil)
	r.http.Config = r.server.HTTP()
	r.http.Start()
	t.Cleanup(func() {
		r.http.Client().CloseIdleConnections()
		r.http.CloseClientConnections()
		r.http.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, engine.Stop(ctx))
		r.store.Close()
	})
	doc, err := libopenapi.NewDocument(r.server.OpenAPI())
	require.NoError(t, err)
	var errs []error
	r.spec, errs = validator.NewValidator(doc)
	require.Empty(t, errs)
	return r
}

// answer is a response that was read.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// call sends a request as who ("" for nobody) and checks the answer against the document.
func (r *rig) call(t testing.TB, who, method, path string, body any, headers ...string) answer {
	t.Helper()
	var data []byte
	switch b := body.(type) {
	case nil:
	case string:
		data = []byte(b)
	default:
		var err error
		data, err = json.Marshal(b)
		require.NoError(t, err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, r.http.URL+path, bytes.NewReader(data))
	require.NoError(t, err)
	if len(data) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	if secret := r.secrets[who]; secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := r.http.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	out := answer{t: t, status: resp.StatusCode, header: resp.Header}
	out.body, err = io.ReadAll(resp.Body)
	require.NoError(t, err)
	r.conforms(t, req, resp, out.body)
	return out
}

// conforms checks that the document says what was answered.
func (r *rig) conforms(t testing.TB, req *http.Request, resp *http.Response, body []byte) {
	t.Helper()
	if !strings.HasPrefix(req.URL.Path, "/v1/") || resp.StatusCode == http.StatusMethodNotAllowed || strings.HasPrefix(req.URL.Path, "/v1/openapi") ||
		resp.Header.Get("X-Stray") != "" || resp.StatusCode == http.StatusNotModified || len(body) == 0 {
		return
	}
	if resp.StatusCode == http.StatusNotFound && bytes.Contains(body, []byte("there is nothing at")) {
		return
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	ok, errs := r.spec.ValidateHttpResponse(req, resp)
	for _, e := range errs {
		for _, why := range e.SchemaValidationErrors {
			t.Errorf("%s %s: %s: %s at %s", req.Method, req.URL.Path, e.Message, why.Reason, why.KeywordLocation)
		}
		if len(e.SchemaValidationErrors) == 0 {
			t.Errorf("%s %s: %s: %s", req.Method, req.URL.Path, e.Message, e.Reason)
		}
	}
	require.True(t, ok, "%s", body)
}

func (a answer) is(status int) answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s", a.body)
	return a
}

// refused checks a problem and returns it.
func (a answer) refused(reason resource.Reason) api.Problem {
	a.t.Helper()
	var p api.Problem
	require.NoError(a.t, json.Unmarshal(a.body, &p), "%s", a.body)
	require.Equal(a.t, reason, p.Reason, "%s", a.body)
	require.Equal(a.t, api.StatusOf(reason), a.status)
	require.Equal(a.t, a.status, p.Status)
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"))
	require.NotEmpty(a.t, p.Detail)
	require.NotEmpty(a.t, p.Instance)
	return p
}

func (a answer) into(v any) { require.NoError(a.t, json.Unmarshal(a.body, v), "%s", a.body) }

type applied struct {
	Object    box
	Operation *resource.Operation
	Created   bool
	Changed   bool
	DryRun    bool
	Charges   map[string]int64
}

func (a answer) applied() applied {
	a.t.Helper()
	require.Less(a.t, a.status, 300, "%s", a.body)
	var out applied
	a.into(&out)
	return out
}

func (r *rig) newBox(t testing.TB, who, project, name string, size int) applied {
	t.Helper()
	return r.call(t, who, "POST", "/v1/boxes?wait=20s", map[string]any{"project": project, "name": name, "spec": map[string]any{"size": size}}).is(201).applied()
}

var volatile = []struct {
	pattern *regexp.Regexp
	as      string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "ID"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`), "TIME"},
	{regexp.MustCompile(`"(revision|attempts)": \d+`), `"$1": 0`},
	{regexp.MustCompile(`pl[sz]_[0-9A-Za-z]{43}`), "SECRET"},
	{regexp.MustCompile(`plz_[0-9A-Za-z]{4}"`), `HINT"`},
}

// golden compares the answer with a file, but for ids and times.
func (a answer) golden(name string) answer {
	a.t.Helper()
	var pretty bytes.Buffer
	if len(a.body) > 0 {
		require.NoError(a.t, json.Indent(&pretty, a.body, "", "  "))
	}
	text := fmt.Sprintf("%d %s\n%s\n", a.status, a.header.Get("Content-Type"), strings.TrimSpace(pretty.String()))
	for _, v := range volatile {
		text = v.pattern.ReplaceAllString(text, v.as)
	}
	path := filepath.Join("testdata", name+".json")
	if *update {
		require.NoError(a.t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(a.t, err)
	require.Equal(a.t, string(want), text)
	return a
}

var errBroken = errors.New("the lid is broken")
