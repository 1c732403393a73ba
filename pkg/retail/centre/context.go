package centre

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
)

type traceKey struct{}
type envKey struct{}

// TraceHeader is the W3C Trace Context header.
const TraceHeader = "Traceparent"

var traceparent = regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)

// Traceparent returns the trace context of the request ctx belongs to, "" outside of one.
func Traceparent(ctx context.Context) string { s, _ := ctx.Value(traceKey{}).(string); return s }

// WithTraceparent returns ctx with the trace context s.
func WithTraceparent(ctx context.Context, s string) context.Context {
	return context.WithValue(ctx, traceKey{}, s)
}

// Env returns the Dpath environment of the request ctx belongs to, "" for common traffic.
func Env(ctx context.Context) string { s, _ := ctx.Value(envKey{}).(string); return s }

// WithEnv returns ctx with the Dpath environment env.
func WithEnv(ctx context.Context, env string) context.Context {
	return context.WithValue(ctx, envKey{}, env)
}

// Traced puts the request's trace context into its context and starts one where there is none.
// env reads the verified lane label of the request; nil means there are no lanes.
func Traced(next http.Handler, env func(context.Context) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tp := r.Header.Get(TraceHeader)
		if !traceparent.MatchString(tp) {
			tp = "00-" + randomHex(16) + "-" + randomHex(8) + "-01"
			r.Header.Set(TraceHeader, tp)
		}
		ctx := WithTraceparent(r.Context(), tp)
		if env != nil {
			ctx = WithEnv(ctx, env(ctx))
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Propagate is a RoundTripper that passes the trace context on, under a new parent id.
type Propagate struct{ Next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (p Propagate) RoundTrip(r *http.Request) (*http.Response, error) {
	if tp := Traceparent(r.Context()); tp != "" && r.Header.Get(TraceHeader) == "" {
		r = r.Clone(r.Context())
		r.Header.Set(TraceHeader, tp[:36]+randomHex(8)+tp[52:])
	}
	return p.Next.RoundTrip(r)
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// As is a RoundTripper that names the calling app, which scopes its idempotency keys, and passes
// the trace on.
type As struct {
	App  string
	Next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (a As) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(CallerHeader, a.App)
	next := a.Next
	if next == nil {
		next = http.DefaultTransport
	}
	return Propagate{next}.RoundTrip(r)
}
