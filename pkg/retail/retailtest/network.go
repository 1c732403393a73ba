package retailtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// Network is a RoundTripper that hands a request for http://app/… to that app's handler.
type Network map[string]http.Handler

// RoundTrip implements http.RoundTripper.
func (n Network) RoundTrip(r *http.Request) (*http.Response, error) {
	h, ok := n[r.URL.Host]
	if !ok {
		return nil, fmt.Errorf("there is no app %q", r.URL.Host)
	}
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// Answer is a response read to its end.
type Answer struct {
	Status int
	Body   []byte
	Header http.Header
}

// JSON decodes the answer's body.
func (a Answer) JSON(t testing.TB, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.Body, v), string(a.Body))
}

// Reason is the reason of a problem answer.
func (a Answer) Reason() string {
	var p struct{ Reason string }
	_ = json.Unmarshal(a.Body, &p)
	return p.Reason
}

// Do sends one request with a JSON body and, if key is "", a fresh Idempotency-Key. Header pairs
// follow.
func Do(t testing.TB, c *http.Client, method, url, key string, body any, header ...string) Answer {
	t.Helper()
	a, err := Try(c, method, url, key, body, header...)
	require.NoError(t, err)
	return a
}

// Try is Do for goroutines, which may not end the test.
func Try(c *http.Client, method, url, key string, body any, header ...string) (Answer, error) {
	var raw []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		raw = b
	default:
		var err error
		if raw, err = json.Marshal(b); err != nil {
			return Answer{}, err
		}
	}
	req, err := http.NewRequest(method, url, bytes.NewReader(raw))
	if err != nil {
		return Answer{}, err
	}
	if key == "" {
		key = uuid.NewString()
	}
	req.Header.Set("Idempotency-Key", key)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	out, err := io.ReadAll(resp.Body)
	return Answer{Status: resp.StatusCode, Body: out, Header: resp.Header}, err
}
