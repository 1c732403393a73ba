package dpath_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// statusError is an answer other than 2xx.
type statusError struct {
	status int
	body   string
}

func (e *statusError) Error() string { return fmt.Sprintf("status %d: %s", e.status, e.body) }

// send makes a call and gives the body of a 2xx answer.
func send(ctx context.Context, c *http.Client, method, url string, header http.Header) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return "", err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = &statusError{resp.StatusCode, string(body)}
	}
	return string(body), err
}

// call sends one call through the entry and gives the nodes that served it.
func (r *rig) call(ctx context.Context, method, env, path string) ([]string, error) {
	h := http.Header{}
	if env != "" {
		h.Set(headerLane, env)
	}
	body, err := send(ctx, r.client, method, "http://"+r.entry.addr()+path, h)
	return strings.Fields(body), err
}

// get is a call that should not fail for want of time.
func (r *rig) get(env, path string) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return r.call(ctx, http.MethodGet, env, path)
}
