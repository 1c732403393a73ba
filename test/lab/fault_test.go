package lab

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fault is what a service of the cloud suffers from.
type fault string

const (
	well    fault = ""
	refused fault = "refused" // its connections break
	slow    fault = "slow"    // it answers after longer than anybody waits
	broken  fault = "broken"  // it answers 500
)

// fence stands between plazad and the cloud: a proxy for each service, which the catalogue is rewritten to name. The real
// services stay as they are; only their answers are lost, late or replaced.
type fence struct {
	mu     sync.Mutex
	faults map[string]fault            // by port of the real service
	doors  map[string]*httptest.Server // by host:port of the real service
	t      *testing.T
}

var address = regexp.MustCompile(`https?://[0-9a-zA-Z.-]+:[0-9]+`)

func newFence(t *testing.T) *fence {
	return &fence{t: t, faults: map[string]fault{}, doors: map[string]*httptest.Server{}}
}

// set makes the service behind a port suffer.
func (f *fence) set(port int, is fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[strconv.Itoa(port)] = is
}

func (f *fence) suffers(port string) fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.faults[port]
}

// door returns the proxy's address for a real one.
func (f *fence) door(real string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d, open := f.doors[real]; open {
		return d.URL
	}
	target, err := url.Parse(real)
	if err != nil {
		return real
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = f.rewrite
	proxy.ErrorLog = nil
	d := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.pass(w, r, proxy, target) }))
	f.t.Cleanup(d.Close)
	f.doors[real] = d
	return d.URL
}

func (f *fence) pass(w http.ResponseWriter, r *http.Request, proxy *httputil.ReverseProxy, target *url.URL) {
	switch f.suffers(target.Port()) {
	case refused:
		panic(http.ErrAbortHandler)
	case slow:
		select {
		case <-r.Context().Done():
		case <-time.After(3 * time.Minute):
		}
		panic(http.ErrAbortHandler)
	case broken:
		http.Error(w, "internal server error", http.StatusInternalServerError)
	default:
		r.Host = target.Host
		r.Header.Del("Accept-Encoding")
		proxy.ServeHTTP(w, r)
	}
}

// rewrite makes what the cloud says of its own addresses lead through the fence.
func (f *fence) rewrite(res *http.Response) error {
	if to := res.Header.Get("Location"); to != "" {
		res.Header.Set("Location", address.ReplaceAllStringFunc(to, f.door))
	}
	if !strings.Contains(res.Header.Get("Content-Type"), "json") {
		return nil
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	if bytes.Contains(body, []byte(`"catalog"`)) || bytes.Contains(body, []byte(`"versions"`)) || bytes.Contains(body, []byte(`"version"`)) || bytes.Contains(body, []byte(`"links"`)) {
		body = []byte(address.ReplaceAllStringFunc(string(body), func(a string) string {
			if strings.Contains(a, f.host()) {
				return f.door(a)
			}
			return a
		}))
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	res.ContentLength = int64(len(body))
	res.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

// host is the cloud's own address: other addresses in answers are not services.
func (f *fence) host() string { return needLab(f.t).env["LAB_CONTROL_IP"] }

// through is the region's spec with every service behind the fence.
func (f *fence) through(spec m) m {
	u, err := url.Parse(spec["authURL"].(string))
	require.NoError(f.t, err)
	out := m{}
	for k, v := range spec {
		out[k] = v
	}
	out["authURL"] = f.door(u.Scheme+"://"+u.Host) + u.Path
	delete(out, "notifications")
	return out
}
