package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"testing"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// here calls handlers in this process, without a network or a server.
type here map[string]http.Handler

func (h here) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &blank{header: http.Header{}}
	h[r.URL.Host].ServeHTTP(w, r)
	return &http.Response{StatusCode: max(w.status, http.StatusOK), Header: w.header, Body: http.NoBody, Request: r}, nil
}

// blank forgets what is written.
type blank struct {
	header http.Header
	status int
}

func (w *blank) Header() http.Header         { return w.header }
func (w *blank) WriteHeader(status int)      { w.status = status }
func (w *blank) Write(b []byte) (int, error) { return len(b), nil }

func (w *blank) WriteString(s string) (int, error) { return len(s), nil } //nolint:unparam // as io.StringWriter has it

// serviceBytes is what a service keeps in memory. A process that keeps nothing collects garbage every thousand calls.
const serviceBytes = 64 << 20

// benchAdded measures Transport and Guard one upon the other, which is all that they add to a call, and beside them
// what anybody pays who carries one signed header so.
func benchAdded(ctx context.Context) error {
	base := here{}
	_, label, transport, stop, err := toolkit(base)
	if err != nil {
		return err
	}
	defer stop()
	keeps := make([]byte, serviceBytes)
	defer runtime.KeepAlive(keeps)
	const rounds = 7
	fmt.Printf("\nIn a process that keeps %d MiB; medians of %d rounds in turn.\n", serviceBytes>>20, rounds)
	fmt.Println("\n| call without a network | time | over the handler alone | allocations |")
	fmt.Println("|---|---:|---:|---:|")
	byHand := here{"shop": checked(page)}
	ways := []struct {
		name  string
		way   http.RoundTripper
		label dpath.Label
	}{
		{"handler alone", here{"shop": page}, dpath.Label{}},
		{"one signed header, by hand", signing{byHand}, dpath.Label{}},
		{"Transport, Guard and handler, common", transport, dpath.Label{}},
		{"Transport, Guard and handler, labelled", transport, label},
	}
	times, allocs := make([][]float64, len(ways)), make([]int64, len(ways))
	for range rounds {
		for i, w := range ways {
			r := calls(dpath.WithLabel(ctx, w.label), w.way)
			if r.N == 0 {
				return errors.New("calls of " + w.name + " failed")
			}
			times[i], allocs[i] = append(times[i], float64(r.T.Nanoseconds())/float64(r.N)), r.AllocsPerOp()
		}
	}
	alone := median(times[0])
	for i, w := range ways {
		fmt.Printf("| %s | %.0f ns | %+.0f ns | %d |\n", w.name, median(times[i]), median(times[i])-alone, allocs[i])
	}
	return nil
}

func calls(ctx context.Context, way http.RoundTripper) testing.BenchmarkResult {
	return testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if _, err := sequence(ctx, way, "http://shop/", 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}

var (
	handKey    = []byte("a key for measuring")
	handText   = "env=vip;exp=1893456000"
	handHeader = handText + ";s=" + base64.RawURLEncoding.EncodeToString(handSum([]byte(handText)))
)

func handSum(text []byte) []byte {
	mac := hmac.New(sha256.New, handKey)
	_, _ = mac.Write(text)
	return mac.Sum(nil)
}

// signing is what one writes to send one more header: a RoundTripper must not change its request.
type signing struct{ base http.RoundTripper }

func (s signing) RoundTrip(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.Header.Set("X-Env", handHeader)
	return s.base.RoundTrip(out)
}

type handEnv struct{}

// checked is what one writes for the other side: check the signature, and keep the header for the calls further down.
func checked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := r.Header.Get("X-Env")
		if len(v) <= len(handText)+3 {
			w.WriteHeader(http.StatusMisdirectedRequest)
			return
		}
		sum, err := base64.RawURLEncoding.DecodeString(v[len(handText)+3:])
		if err != nil || !hmac.Equal(sum, handSum([]byte(v[:len(handText)]))) {
			w.WriteHeader(http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), handEnv{}, v)))
	})
}
