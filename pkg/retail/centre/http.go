package centre

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// Page is one page of a keyset-paged list. Next is "" on the last page.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// MaxPage is the largest page a list answers.
const MaxPage = 200

// Paging reads ?limit= (1 to 200, default 50) and the opaque ?cursor=.
func Paging(r *http.Request) (limit int, after string, err error) {
	limit = 50
	if s := r.URL.Query().Get("limit"); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 || limit > MaxPage {
			return 0, "", problem.New(http.StatusBadRequest, "bad_limit", "limit must be 1 to 200.", "Leave it out for 50.")
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(r.URL.Query().Get("cursor"))
	if err != nil {
		return 0, "", problem.New(http.StatusBadRequest, "bad_cursor", "The cursor is not one this service gave out.",
			"Start again without a cursor.")
	}
	return limit, string(raw), nil
}

// PageOf cuts items, read with limit+1, to one page; key gives the position of an item.
func PageOf[T any](items []T, limit int, key func(T) string) Page[T] {
	p := Page[T]{Items: items}
	if len(items) > limit {
		p.Items = items[:limit]
		p.Next = base64.RawURLEncoding.EncodeToString([]byte(key(items[limit-1])))
	}
	if p.Items == nil {
		p.Items = []T{}
	}
	return p
}

// ETag returns the entity tag of a row version.
func ETag(version int64) string { return fmt.Sprintf(`"%d"`, version) }

// IfMatch reads the version an edit is based on; an edit without one is refused.
func IfMatch(r *http.Request) (int64, error) {
	raw := r.Header.Get("If-Match")
	v, err := strconv.ParseInt(strings.Trim(raw, `"`), 10, 64)
	if raw == "" || err != nil {
		return 0, problem.New(http.StatusPreconditionRequired, "if_match_required",
			"An edit must name the version it is based on.", "Send the ETag of your last GET as If-Match.")
	}
	return v, nil
}

// Stale is the 412 for an edit based on an old version.
func Stale() error {
	return problem.New(http.StatusPreconditionFailed, "stale_version", "The resource changed since you read it.",
		"GET it again and repeat the edit on the new version.")
}

// Get is a handler for a read.
func Get(c *Centre, fn func(ctx context.Context, r *http.Request) (Reply, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		reply, err := fn(r.Context(), r)
		if err != nil {
			c.Fail(w, r, err)
			return
		}
		WriteJSON(w, reply)
	}
}

// WriteJSON sends a reply.
func WriteJSON(w http.ResponseWriter, reply Reply) {
	body, err := json.Marshal(reply.Body)
	if err != nil {
		problem.Write(w, err)
		return
	}
	if reply.ETag != "" {
		w.Header().Set("ETag", reply.ETag)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(max(reply.Status, http.StatusOK))
	_, _ = w.Write(body)
}

// Fail sends err as problem details and logs what the caller may not see.
func (c *Centre) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if p := problem.From(err); p.Status >= 500 {
		c.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path,
			"reason", p.Reason, "error", err.Error(), "traceparent", Traceparent(r.Context()))
	}
	problem.Write(w, err)
}

// Call sends one request to another centre and decodes its JSON answer into out. A problem answer
// comes back as *problem.Error with the peer's status and reason; a transport error as it is.
func Call(ctx context.Context, client *http.Client, method, url, key string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set(KeyHeader, key)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode >= 400 {
		p := &problem.Error{}
		if json.Unmarshal(raw, p) != nil || p.Reason == "" {
			p = problem.New(resp.StatusCode, "upstream_failed", fmt.Sprintf("%s answered %s.", url, resp.Status), "Retry later.")
		}
		p.Status = resp.StatusCode
		return p
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}
