package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/plazacloud/plaza/pkg/client"
)

// connect makes the client from flags, environment and context, in this order.
func (a *app) connect() (*client.Client, error) {
	if a.client != nil {
		return a.client, nil
	}
	o, err := a.options()
	if err != nil {
		return nil, err
	}
	a.client, err = connect(o)
	return a.client, err
}

func connect(o client.Options) (*client.Client, error) {
	c, err := client.Connect(o)
	if err != nil {
		return nil, &usageError{err}
	}
	return c, nil
}

// options say how the server is reached.
func (a *app) options() (client.Options, error) {
	_, c, err := a.chosen()
	if err != nil {
		return client.Options{}, err
	}
	o := client.Options{Server: a.serverOf(c), Token: first(a.o.token, a.Getenv("PLAZA_TOKEN"))}
	if o.Server == "" {
		return o, usagef("no server is known; sign in with: plaza login --server URL --user NAME")
	}
	// The secret of one server is never shown to another.
	if o.Token == "" && same(o.Server, c.Server) {
		o.Token = c.Token
	}
	return a.complete(o, c)
}

func (a *app) serverOf(c *Context) string {
	return first(a.o.server, a.Getenv("PLAZA_SERVER"), c.Server)
}

func same(a, b string) bool { return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/") }

// dial completes the options and connects.
func (a *app) dial(o client.Options, c *Context) (*client.Client, error) {
	o, err := a.complete(o, c)
	if err != nil {
		return nil, err
	}
	return connect(o)
}

// complete adds what is the same for all requests.
func (a *app) complete(o client.Options, c *Context) (client.Options, error) {
	o.UserAgent = "plaza/" + a.Version
	o.Insecure = a.o.insecure || c.Insecure && same(o.Server, c.Server)
	path := first(a.o.ca, a.Getenv("PLAZA_CA"))
	if path == "" && same(o.Server, c.Server) {
		path = c.CA
	}
	if path != "" {
		ca, err := os.ReadFile(path) // #nosec G304 -- the user names the file
		if err != nil {
			return o, fmt.Errorf("reading the authority: %w", err)
		}
		o.CA = ca
	}
	if a.o.debug || a.Getenv("PLAZA_DEBUG") == "1" {
		o.Trace = a.trace
	}
	o.Trace = a.remember(o.Trace) //nolint:bodyclose // who asked closes it
	return o, nil
}

// trace shows a request so that it can be sent again by hand, but for the secrets.
func (a *app) trace(req *http.Request, body []byte, resp *http.Response, err error, took time.Duration) {
	var b strings.Builder
	fmt.Fprintf(&b, "+ curl -X %s", req.Method)
	names := make([]string, 0, len(req.Header))
	for name := range req.Header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		v := req.Header.Get(name)
		if name == "Authorization" || name == "Cookie" {
			v = "Bearer ***"
		}
		fmt.Fprintf(&b, " -H %s", quote(name+": "+v))
	}
	if len(body) > 0 {
		fmt.Fprintf(&b, " -d %s", quote(mask(string(body))))
	}
	fmt.Fprintf(&b, " %s\n", quote(req.URL.String()))
	if err != nil {
		fmt.Fprintf(&b, "< no answer after %d ms: %s\n", took.Milliseconds(), err)
	} else {
		fmt.Fprintf(&b, "< %s after %d ms\n", resp.Status, took.Milliseconds())
	}
	_, _ = io.WriteString(a.Err, b.String())
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

var (
	secretField = secretFields()
	secretWord  = regexp.MustCompile(`pl[isz]_[0-9A-Za-z]{20,}`)
)

// secretFields matches JSON members whose values are secret: those of kinds, and those by common names.
func secretFields() *regexp.Regexp {
	names := []string{"old", "new", "code", "ticket", "verifier"}
	for _, n := range client.Nouns {
		names = append(names, n.Secrets...)
	}
	for i, n := range names {
		names[i] = regexp.QuoteMeta(n)
	}
	return regexp.MustCompile(`(?i)"(` + strings.Join(names, "|") + `|[a-z]*(?:password|secret|token|privatekey|credential)[a-z]*)"\s*:\s*("(?:[^"\\]|\\.)*"|\{[^{}]*\}|\[[^\[\]]*\])`)
}

// mask hides secrets in JSON.
func mask(body string) string {
	return secretWord.ReplaceAllString(secretField.ReplaceAllString(body, `"$1":"***"`), "***")
}

// project returns the project in use as the user named it, "" for none.
func (a *app) project() (string, error) {
	_, c, err := a.chosen()
	if err != nil {
		return "", err
	}
	p := first(a.o.project, a.Getenv("PLAZA_PROJECT"))
	if p == "" && same(a.serverOf(c), c.Server) {
		p = c.Project
	}
	return p, nil
}

// someProject returns the project in use, or the only one that is seen.
func (a *app) someProject(ctx context.Context) (string, error) {
	p, err := a.project()
	if err != nil || p != "" {
		return p, err
	}
	c, err := a.connect()
	if err != nil {
		return "", err
	}
	kind := client.ListNodesParamsType("project")
	list, err := client.Read[client.NodeList](c.ListNodes(ctx, &client.ListNodesParams{Type: &kind}))
	if err != nil {
		return "", err
	}
	switch len(list.Items) {
	case 1:
		return list.Items[0].FullName, nil
	case 0:
		return "", usagef("there is no project that you may see; ask for a role in one")
	}
	names := make([]string, 0, len(list.Items))
	for _, n := range list.Items {
		names = append(names, n.FullName)
	}
	return "", usagef("say which project with --project, or: plaza context set --project P (%s)", strings.Join(names, ", "))
}

// nodeName returns the full name of a node; its id when it is not seen.
func (a *app) nodeName(ctx context.Context, id string) string {
	if id == "" {
		return ""
	}
	if a.nodes == nil {
		a.nodes = map[string]string{}
		c, err := a.connect()
		if err != nil {
			return id
		}
		list, err := client.Read[client.NodeList](c.ListNodes(ctx, &client.ListNodesParams{}))
		if err != nil {
			return id
		}
		for _, n := range list.Items {
			a.nodes[n.Id.String()] = first(n.FullName, "/")
		}
	}
	return first(a.nodes[id], id)
}

// newKey makes a write safe to be sent again.
func newKey() string { return uuid.NewString() }

// readFile reads a file, or the standard input for -.
func (a *app) readFile(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(a.In)
	}
	return os.ReadFile(path) // #nosec G304 -- the user names the file
}

func trimmed(text []byte) string { return string(bytes.TrimRight(text, "\r\n")) }
