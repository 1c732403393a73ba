// Package client talks to a Plaza server. Types and calls are generated from the server's OpenAPI document; Connect adds
// credentials, TLS, retries and errors that explain themselves, and Nouns treats all kinds of resources alike.
package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config oapi-codegen.yaml ../api/openapi.yaml
//go:generate go run ./gen

// Options say how a server is reached.
type Options struct {
	Server    string        // URL, e.g. https://plaza.example.net
	Token     string        // session or API token; empty only signs in
	CA        []byte        // PEM of the authorities to trust instead of the system's
	Insecure  bool          // trust any certificate
	Timeout   time.Duration // of one attempt until its answer begins, waits excluded; 0 means 30 s
	UserAgent string
	// Trace is told of every attempt; may be nil. resp is nil when there was none.
	Trace func(req *http.Request, body []byte, resp *http.Response, err error, took time.Duration)
}

const (
	attempts  = 4
	firstWait = 100 * time.Millisecond
)

// Connect makes a client. It sends nothing yet.
func Connect(o Options) (*Client, error) {
	u, err := url.Parse(o.Server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("server %q is not a URL such as https://plaza.example.net", o.Server)
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = 0                                                                   // waits answer late; doer bounds the others
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.Insecure} // #nosec G402 -- only when asked for
	if len(o.CA) > 0 {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(o.CA) {
			return nil, errors.New("the CA file holds no certificate in PEM")
		}
		t.TLSClientConfig.RootCAs = pool
	}
	d := &doer{Options: o, http: &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	return NewClient(strings.TrimSuffix(o.Server, "/"), WithHTTPClient(d))
}

// doer sends requests with credentials, and again when it is safe to.
type doer struct {
	Options
	http *http.Client
}

var _ HttpRequestDoer = (*doer)(nil)

// Do sends a request. A call that reached no server is sent again if it can do no harm twice.
func (d *doer) Do(req *http.Request) (*http.Response, error) {
	if d.Token != "" {
		req.Header.Set("Authorization", "Bearer "+d.Token)
	}
	if d.UserAgent != "" {
		req.Header.Set("User-Agent", d.UserAgent)
	}
	if streamed(req) {
		start := time.Now()
		resp, err := d.http.Do(req)
		if d.Trace != nil {
			d.Trace(req, nil, resp, err, time.Since(start))
		}
		if err != nil {
			return nil, unreachable(d.Server, err)
		}
		return resp, nil
	}
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		_ = req.Body.Close()
	}
	pause := firstWait
	for try := 1; ; try++ {
		if body != nil {
			req.Body = io.NopCloser(bytes.NewReader(body))
			req.ContentLength = int64(len(body))
		}
		start := time.Now()
		resp, err := d.send(req)
		if d.Trace != nil {
			d.Trace(req, body, resp, err, time.Since(start))
		}
		if err == nil {
			return resp, nil
		}
		if try == attempts || !harmless(req) || req.Context().Err() != nil {
			return nil, unreachable(d.Server, err)
		}
		select {
		case <-time.After(pause):
		case <-req.Context().Done():
			return nil, unreachable(d.Server, req.Context().Err())
		}
		pause *= 3
	}
}

// streamed tells of bodies that are too large to be held, and so to be sent again: the caller goes on where they ended.
func streamed(req *http.Request) bool {
	return req.Body != nil && req.Header.Get("Content-Type") == "application/octet-stream"
}

// send makes one attempt. What does not wait on purpose must begin to answer in time.
func (d *doer) send(req *http.Request) (*http.Response, error) {
	if patient(req) {
		return d.http.Do(req)
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	timer := time.AfterFunc(d.Timeout, func() { cancel(fmt.Errorf("it did not answer within %s", d.Timeout)) })
	resp, err := d.http.Do(req.WithContext(ctx))
	stopped := timer.Stop()
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !stopped {
			err = cause
		}
		cancel(nil)
		return nil, err
	}
	resp.Body = &released{resp.Body, func() { cancel(nil) }}
	return resp, nil
}

// patient tells of requests that the server answers late by design.
func patient(req *http.Request) bool {
	return req.URL.Query().Has("wait") || strings.HasSuffix(req.URL.Path, "/v1/watch") || strings.HasSuffix(req.URL.Path, "/verify")
}

type released struct {
	io.ReadCloser
	release func()
}

func (r *released) Close() error {
	err := r.ReadCloser.Close()
	r.release()
	return err
}

// harmless tells whether a request that may have arrived can be sent again.
func harmless(req *http.Request) bool {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete:
		return true
	}
	return req.Header.Get("Idempotency-Key") != ""
}

// Check turns an answer other than 2xx into a *Problem. Its parameters are a call's results.
func Check(resp *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	if err := Refusal(resp); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// Refusal reads a *Problem out of an answer other than 2xx; nil for one of these. It does not close the body.
func Refusal(resp *http.Response) error {
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return nil
	}
	return problemOf(resp)
}

// Read reads a call's JSON answer.
func Read[T any](resp *http.Response, err error) (T, error) {
	var out T
	if resp, err = Check(resp, err); err != nil {
		return out, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("the server's answer is not what was expected: %w", err)
	}
	return out, nil
}

// Done checks a call that answers nothing.
func Done(resp *http.Response, err error) error {
	if resp, err = Check(resp, err); err != nil {
		return err
	}
	return resp.Body.Close()
}
