package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

// Client speaks REST as any client would.
type Client struct {
	base, token string
	http        *http.Client
}

func newClient(base string) *Client {
	return &Client{base: base, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true}}}
}

// Base is the URL before /v1.
func (c *Client) Base() string { return c.base }

// Token is what it sends as bearer.
func (c *Client) Token() string { return c.token }

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Problem is a refusal as problem+json tells it.
type Problem struct {
	resource.Problem

	Status    int                 `json:"status"`
	Title     string              `json:"title"`
	Type      string              `json:"type"`
	Operation *resource.Operation `json:"operation"`
}

// Applied is the answer to a write.
type Applied struct {
	Object    resource.Raw        `json:"object"`
	Operation *resource.Operation `json:"operation"`
	Created   bool                `json:"created"`
	Changed   bool                `json:"changed"`
}

// Do sends one request; header are names and values in turn.
func (c *Client) Do(ctx context.Context, method, path string, body any, header ...string) (Answer, error) {
	var content io.Reader
	if body != nil {
		data, raw := body.([]byte)
		if !raw {
			var err error
			if data, err = json.Marshal(body); err != nil {
				return Answer{}, err
			}
		}
		content = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, content)
	if err != nil {
		return Answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	return Answer{res.StatusCode, res.Header, data}, err
}

// Call sends a request that must succeed and decodes the answer.
func Call[T any](tb testing.TB, c *Client, method, path string, body any, header ...string) (out T) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	a, err := c.Do(ctx, method, path, body, header...)
	require.NoError(tb, err)
	require.Less(tb, a.Status, 300, "%s %s: %s", method, path, a.Body)
	if len(a.Body) > 0 {
		require.NoError(tb, json.Unmarshal(a.Body, &out), "%s %s: %s", method, path, a.Body)
	}
	return out
}

// Refused sends a request that must be refused with this status, as problem+json that explains itself.
func (c *Client) Refused(tb testing.TB, status int, reason resource.Reason, method, path string, body any) Problem {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	a, err := c.Do(ctx, method, path, body)
	require.NoError(tb, err)
	var p Problem
	require.Equal(tb, status, a.Status, "%s %s: %s", method, path, a.Body)
	require.Equal(tb, "application/problem+json", a.Header.Get("Content-Type"))
	require.NoError(tb, json.Unmarshal(a.Body, &p))
	require.Equal(tb, reason, p.Reason, "%s", a.Body)
	require.Equal(tb, status, p.Status)
	require.Equal(tb, "urn:plaza:problem:"+string(reason), p.Type)
	require.NotEmpty(tb, p.Title)
	require.NotEmpty(tb, p.Detail)
	return p
}

// SignIn makes the client the administrator.
func (c *Client) SignIn(tb testing.TB, password string) {
	tb.Helper()
	c.token = c.As(tb, "admin", password).token
}

// As is a client of the same control plane that is signed in as somebody.
func (c *Client) As(tb testing.TB, name, password string) *Client {
	tb.Helper()
	as := &Client{base: c.base, http: c.http}
	as.token = Call[struct{ Token string }](tb, as, http.MethodPost, "/v1/login", map[string]string{"name": name, "password": password}).Token
	return as
}

// Project makes a project below a group of its own and returns its id.
func (c *Client) Project(tb testing.TB, name string) string {
	tb.Helper()
	type node struct{ ID string }
	group := Call[node](tb, c, http.MethodPost, "/v1/nodes", map[string]string{"type": "group", "name": "g-" + name})
	return Call[node](tb, c, http.MethodPost, "/v1/nodes", map[string]string{"type": "project", "name": name, "parent": group.ID}).ID
}

// Body is what creates an object.
func Body(project, name string, spec any) map[string]any {
	b := map[string]any{"name": name, "spec": spec}
	if project != "" {
		b["project"] = project
	}
	return b
}

// Create makes an object and waits until it is ready.
func (c *Client) Create(tb testing.TB, plural, project, name string, spec any) resource.Raw {
	tb.Helper()
	a := Call[Applied](tb, c, http.MethodPost, "/v1/"+plural+"?wait=90s", Body(project, name, spec), "Idempotency-Key", uuid.NewString())
	if a.Operation == nil || a.Operation.State == resource.OperationSucceeded {
		return a.Object
	}
	c.Succeeded(tb, a.Operation.ID, patience)
	return c.Get(tb, plural, a.Object.ID)
}

// patience is how long an order may take on a machine that is busy with others; how long it should take is measured elsewhere.
const patience = 3 * time.Minute

// Patch changes some of what is wanted of an object; wait may be "".
func (c *Client) Patch(tb testing.TB, plural, id, wait string, spec any) Applied {
	tb.Helper()
	return Call[Applied](tb, c, http.MethodPatch, "/v1/"+plural+"/"+id+"?wait="+wait, map[string]any{"spec": spec})
}

// Delete deletes an object and waits until nothing is left of it.
func (c *Client) Delete(tb testing.TB, plural, id string) {
	tb.Helper()
	a := Call[Applied](tb, c, http.MethodDelete, "/v1/"+plural+"/"+id+"?wait=90s", nil)
	if a.Operation != nil {
		c.Succeeded(tb, a.Operation.ID, patience)
	}
}

// Get reads an object.
func (c *Client) Get(tb testing.TB, plural, id string) resource.Raw {
	tb.Helper()
	return Call[resource.Raw](tb, c, http.MethodGet, "/v1/"+plural+"/"+id, nil)
}

// Operation reads an operation.
func (c *Client) Operation(tb testing.TB, id string) resource.Operation {
	tb.Helper()
	return Call[resource.Operation](tb, c, http.MethodGet, "/v1/operations/"+id, nil)
}

// List reads all objects of a kind.
func (c *Client) List(tb testing.TB, plural string, query ...string) []resource.Raw {
	tb.Helper()
	var out []resource.Raw
	for after := ""; ; {
		page := Call[struct {
			Items []resource.Raw
			Next  string
		}](tb, c, http.MethodGet, "/v1/"+plural+"?limit=100&after="+url.QueryEscape(after)+strings.Join(append([]string{""}, query...), "&"), nil)
		out = append(out, page.Items...)
		if after = page.Next; after == "" {
			return out
		}
	}
}

// History reads what was done to an object, newest first.
func (c *Client) History(tb testing.TB, plural, id string) []resource.Audit {
	tb.Helper()
	return Call[struct{ Items []resource.Audit }](tb, c, http.MethodGet, "/v1/"+plural+"/"+id+"/history", nil).Items
}

// Status is the first value at a path of an object, "" when there is none.
func Status(o resource.Raw, path string) string {
	if v := resource.Lookup(o, path); len(v) > 0 {
		return v[0]
	}
	return ""
}

// Succeeded waits until an operation has succeeded, and returns how long that took.
func (c *Client) Succeeded(tb testing.TB, id string, limit time.Duration) time.Duration {
	tb.Helper()
	return Within(tb, limit, func() error {
		switch op := c.Operation(tb, id); {
		case !op.Ended():
			return fmt.Errorf("operation %s of %s %s is %s: %s", op.Verb, op.Kind, op.ObjectName, op.State, op.Message)
		case op.State != resource.OperationSucceeded:
			tb.Fatalf("operation %s of %s %s: %s: %s", op.Verb, op.Kind, op.ObjectName, op.State, op.Message)
		}
		return nil
	})
}
