package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

const (
	largestBody   = 64 << 20  // bytes that are sent
	largestAnswer = 256 << 20 // bytes of answers that have to be held as a whole
)

type apiOptions struct {
	data    string
	query   []string
	headers []string
	include bool
	all     bool
}

func newAPICommand(a *app) *cobra.Command {
	var o apiOptions
	cmd := &cobra.Command{
		Use: "api METHOD PATH", Short: "Make a request of the REST API by hand", Args: cobra.ExactArgs(2), ValidArgsFunction: completeCall,
		Long: `Make a request of the REST API by hand, as who is signed in: also one for which there is no command, or that a newer server has.

PATH is relative to the server and may leave out /v1. Nothing is sent to another server. The answer is written as it came, on a
terminal with its JSON indented; -o json, -o yaml and -o jq=EXPRESSION work on it. A refusal is told as by all commands.`,
		Example: `  plaza api get servers --query project=group/shop --query limit=10
  plaza api get servers --all -o 'jq=.[].name'
  plaza api post nodes --data '{"type": "store", "name": "s-0042", "parent": "group/north"}'
  plaza api patch servers/web --query project=group/shop --data @change.json -i`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runAPI(cmd.Context(), a, args[0], args[1], o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.data, "data", "", "what is sent: JSON, @FILE, or - for standard input")
	f.StringArrayVar(&o.query, "query", nil, "parameter, key=value; repeatable")
	f.StringArrayVar(&o.headers, "header", nil, "header, 'Name: value'; repeatable")
	f.BoolVarP(&o.include, "include", "i", false, "write the status and the headers of the answer before it")
	f.BoolVar(&o.all, "all", false, "read all pages of a list, and write their items as one array")
	return cmd
}

func runAPI(ctx context.Context, a *app, method, path string, o apiOptions) error {
	if !a.rawOutput() {
		return usagef("-o %s is for tables; an answer of the API can be json, yaml or jq=EXPRESSION", a.o.output)
	}
	r, err := a.rawRequest(ctx, method, path, o)
	if err != nil {
		return err
	}
	if o.all {
		items, err := r.pages()
		if err != nil {
			return err
		}
		return a.printData(items)
	}
	resp, err := r.send()
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if o.include {
		writeHead(a.Out, resp)
	}
	if err := client.Refusal(resp); err != nil {
		return err
	}
	return a.writeAnswer(resp)
}

func (a *app) rawOutput() bool {
	o := a.o.output
	return o == "table" || o == "json" || o == "yaml" || strings.HasPrefix(o, "jq=")
}

// rawRequest is a request that was put together by hand.
type rawRequest struct {
	client *client.Client
	http   *http.Request
	next   string // parameter that asks for the next page
}

func (a *app) rawRequest(ctx context.Context, method, path string, o apiOptions) (*rawRequest, error) {
	method = strings.ToUpper(method)
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		return nil, usagef("%q is not a method: GET, POST, PUT, PATCH or DELETE", method)
	}
	if o.all && (method != http.MethodGet || o.include) {
		return nil, usagef("--all is for lists, which are asked for by GET, and without --include")
	}
	c, err := a.connect()
	if err != nil {
		return nil, err
	}
	u, err := rawURL(c.Server, path, o.query)
	if err != nil {
		return nil, err
	}
	// Where the server is below a path, the document does not know of it.
	call := client.FindCall(method, "/"+strings.TrimPrefix(u.EscapedPath(), basePath(c.Server)))
	if call == nil {
		call = &client.Call{Body: "application/json", Next: "after"}
	}
	body, err := a.rawBody(o.data)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, &usageError{err}
	}
	req.Header.Set("Accept", "application/json, */*;q=0.5")
	if len(body) == 0 {
		req.Body = nil
	} else {
		req.Header.Set("Content-Type", first(call.Body, "application/json"))
	}
	if err := addHeaders(req.Header, o.headers); err != nil {
		return nil, err
	}
	if len(body) > 0 && strings.Contains(req.Header.Get("Content-Type"), "json") && !json.Valid(body) {
		return nil, usagef("--data is not JSON; @FILE reads a file, and --header 'Content-Type: …' says what else it is")
	}
	return &rawRequest{client: c, http: req, next: first(call.Next, "after")}, nil
}

// atRoot are the paths that the server has outside its versions.
var (
	atRoot    = map[string]bool{"healthz": true, "readyz": true, "metrics": true}
	versioned = regexp.MustCompile(`^v[0-9]+$`)
)

// rawURL puts a path below the server's address: whatever it is, the request goes nowhere else.
func rawURL(server, path string, query []string) (*url.URL, error) {
	u, err := url.Parse(server)
	if err != nil {
		return nil, err
	}
	p, err := url.Parse(path)
	if err != nil {
		return nil, usagef("%q is not a path: %w", path, err)
	}
	if p.Scheme != "" || p.Host != "" || p.User != nil || p.Fragment != "" {
		return nil, usagef("%q is not a path of the server, such as servers or /v1/servers; choose another server with --server or --context", path)
	}
	for _, s := range strings.FieldsFunc(p.Path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if s == "." || s == ".." {
			return nil, usagef("%q leads about; give the path as it is", path)
		}
	}
	rest := strings.TrimPrefix(p.EscapedPath(), "/")
	top, _, _ := strings.Cut(rest, "/")
	switch {
	case top == "":
		return nil, usagef("%q names nothing; give a path such as servers, and Tab shows what there is", path)
	case !versioned.MatchString(top) && !atRoot[top]:
		rest = "v1/" + rest
	}
	u = u.JoinPath(rest)
	q, err := url.ParseQuery(p.RawQuery)
	if err != nil {
		return nil, usagef("%q has no query that can be read: %w", path, err)
	}
	for _, pair := range query {
		key, v, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, usagef("--query %s: has the form key=value", pair)
		}
		q.Add(key, v)
	}
	u.RawQuery = q.Encode()
	return u, nil
}

// basePath is the path of the server's address, with a slash at its end.
func basePath(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return "/"
	}
	return strings.TrimSuffix(u.EscapedPath(), "/") + "/"
}

// rawBody reads what is sent.
func (a *app) rawBody(data string) ([]byte, error) {
	from := a.In
	if path, ok := strings.CutPrefix(data, "@"); ok {
		f, err := os.Open(path) // #nosec G304 -- the user names the file
		if err != nil {
			return nil, err
		}
		defer f.Close() //nolint:errcheck // it was only read
		from = f
	} else if data != "-" {
		from = strings.NewReader(data)
	}
	return bounded(from, largestBody, "what is sent")
}

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// addHeaders puts in what was given, but for what says who asks and whom.
func addHeaders(into http.Header, given []string) error {
	for _, text := range given {
		name, v, ok := strings.Cut(text, ":")
		if v = strings.TrimSpace(v); !ok || !headerName.MatchString(name) || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return usagef("--header %q has the form 'Name: value'", text)
		}
		switch http.CanonicalHeaderKey(name) {
		case "Authorization", "Cookie", "Host", "Content-Length", "Transfer-Encoding":
			return usagef("--header %s is set by plaza; another token is given with --token, another server with --server", name)
		}
		into.Set(name, v)
	}
	return nil
}

// send makes the request. The body is read again for each.
func (r *rawRequest) send() (*http.Response, error) { return r.client.Client.Do(r.http) }

// page is what all lists answer.
type page struct {
	Items *[]json.RawMessage
	Next  string
}

// pages reads a list to its end.
func (r *rawRequest) pages() ([]json.RawMessage, error) {
	items, size, last := []json.RawMessage{}, 0, ""
	for {
		page, err := client.Read[page](r.send())
		if err != nil {
			return nil, err
		}
		if page.Items == nil {
			return nil, errors.New("the answer is not a list, which has items; ask without --all")
		}
		for _, item := range *page.Items {
			size += len(item)
		}
		if size > largestAnswer {
			return nil, tooLarge("the list", largestAnswer)
		}
		items = append(items, *page.Items...)
		if page.Next == "" {
			return items, nil
		}
		if page.Next == last {
			return nil, errors.New("the server tells of the same next page again and again")
		}
		last = page.Next
		q := r.http.URL.Query()
		q.Set(r.next, last)
		r.http.URL.RawQuery = q.Encode()
	}
}

// bounded reads all of what may not be more than so many bytes.
func bounded(from io.Reader, most int64, what string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, most+1))
	if err == nil && int64(len(text)) > most {
		err = tooLarge(what, most)
	}
	return text, err
}

func tooLarge(what string, most int64) error {
	return fmt.Errorf("%s is larger than %d MiB; send or ask for less, or have an answer written as it comes, without -o", what, most>>20)
}

// writeHead writes status and headers as curl -i does.
func writeHead(w io.Writer, resp *http.Response) {
	fmt.Fprintf(w, "%s %s\n", resp.Proto, resp.Status)
	names := make([]string, 0, len(resp.Header))
	for name := range resp.Header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, v := range resp.Header[name] {
			fmt.Fprintf(w, "%s: %s\n", name, clean(v))
		}
	}
	fmt.Fprintln(w)
}

// writeAnswer writes an answer in the form that -o says, or as it comes: that of a stream has no end.
func (a *app) writeAnswer(resp *http.Response) error {
	isJSON := strings.Contains(resp.Header.Get("Content-Type"), "json")
	if a.o.output == "table" && (!isJSON || !terminal(a.Out)) {
		_, err := io.Copy(a.Out, resp.Body)
		if errors.Is(err, context.Canceled) {
			return nil // that is how one ends a stream
		}
		return err
	}
	if !isJSON && resp.ContentLength != 0 {
		return usagef("the answer is %s; -o %s is for JSON", first(resp.Header.Get("Content-Type"), "of no type"), a.o.output)
	}
	text, err := bounded(resp.Body, largestAnswer, "the answer")
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return err
	}
	return a.printData(json.RawMessage(text))
}
