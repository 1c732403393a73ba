// Package gateway is the way in for traffic from outside: it takes a request
// over HTTP/1.1, HTTP/2, WebSocket or gRPC, finds the app its host and path
// belong to, limits what comes in, identifies its lane and sends it to a node.
//
// A [Gateway] is an http.Handler; package front serves it fast. Its routes and
// certificates are replaced at run time without touching a call in flight.
package gateway

import (
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
)

// Config is what a gateway does with requests.
type Config struct {
	Routes []Route `yaml:"routes"`
}

// Protocols a route speaks to the nodes of its app.
const (
	HTTP1 = "http/1.1" // in the clear; also WebSocket
	H2C   = "h2c"      // HTTP/2 in the clear; gRPC needs it
)

// Route sends the requests for a host and a path to an app. Of all that match,
// that with the most exact host counts, then that with the longest prefix.
type Route struct {
	// Host is a name, *.name for every name below it, or empty for any.
	Host string `yaml:"host"`
	// Prefix matches whole segments: /v1/orders is not the way to /v1/orders2.
	// That of a gRPC service is /package.Service/.
	Prefix string `yaml:"prefix"`
	App    string `yaml:"app"`
	// Upstream is HTTP1 (default) or H2C.
	Upstream string `yaml:"upstream"`
	// Timeout bounds a whole call, but for upgraded connections; 0: no bound.
	Timeout time.Duration `yaml:"timeout"`
	// TryTimeout bounds the wait for one node's answer to begin; 0: no bound.
	TryTimeout time.Duration `yaml:"tryTimeout"`
	// Attempts bounds the nodes tried for one call; 0 means 3.
	Attempts int `yaml:"attempts"`
	// MaxBody and MaxHeader bound a request, in bytes; 0: no bound but that of
	// the server, which is 1 MiB for headers.
	MaxBody   int64 `yaml:"maxBody"`
	MaxHeader int   `yaml:"maxHeader"`
	// MaxInFlight bounds the calls of each lane, common traffic being one, that
	// are served at the same time; 0: no bound.
	MaxInFlight int    `yaml:"maxInFlight"`
	Limit       *Limit `yaml:"limit"`
}

// Limit is how often one caller may call.
type Limit struct {
	Rate  float64 `yaml:"rate"`  // requests a second
	Burst int     `yaml:"burst"` // 0 means the rate, and at least 1
	// Key tells callers apart: client (the address, default), tlsClient (the
	// certificate's subject), header:NAME, or route for all together. Who has no
	// such header or certificate is told by the address.
	Key string `yaml:"key"`
	// Keys bounds the callers remembered; 0 means 65,536. When more call, the
	// longest silent ones begin anew.
	Keys int `yaml:"keys"`
}

func (r *Route) validate() error {
	host := strings.TrimPrefix(r.Host, "*.")
	switch {
	case !strings.HasPrefix(r.Prefix, "/") || r.App == "":
		return fmt.Errorf("route %q to %q: the prefix begins with / and the app has a name", r.Prefix, r.App)
	case tidy(r.Prefix) != r.Prefix:
		return fmt.Errorf("route %q: write the prefix without //, /./ and /../", r.Prefix)
	case strings.ContainsAny(host, "*/: ") || host != strings.ToLower(host):
		return fmt.Errorf("route %q: host %q is not a name in lower case, or *. before one", r.Prefix, r.Host)
	case r.Upstream != "" && r.Upstream != HTTP1 && r.Upstream != H2C:
		return fmt.Errorf("route %q: upstream %q is not %s or %s", r.Prefix, r.Upstream, HTTP1, H2C)
	case r.Timeout < 0 || r.TryTimeout < 0 || r.Attempts < 0 || r.MaxBody < 0 || r.MaxHeader < 0 || r.MaxInFlight < 0:
		return fmt.Errorf("route %q: times and bounds are not negative", r.Prefix)
	case r.Limit != nil:
		return r.Limit.validate(r.Prefix)
	}
	return nil
}

func (l *Limit) validate(route string) error {
	name, isHeader := strings.CutPrefix(l.Key, "header:")
	switch {
	case l.Rate <= 0 || l.Burst < 0 || l.Keys < 0:
		return fmt.Errorf("route %q: a limit has a rate above 0, in requests a second, and no negative bound", route)
	case isHeader && name != "":
		return nil
	case l.Key != "" && l.Key != byClient && l.Key != byCertificate && l.Key != byRoute:
		return fmt.Errorf("route %q: limit by %q is not client, tlsClient, route or header:NAME", route, l.Key)
	}
	return nil
}

// tidy is a path as a node will read it: without dots and doubled slashes, by
// which a request could pass for one of another route.
func tidy(p string) string {
	if !strings.Contains(p, "/.") && !strings.Contains(p, "//") {
		return p
	}
	c := path.Clean("/" + p)
	if c != "/" && (strings.HasSuffix(p, "/") || strings.HasSuffix(p, "/.") || strings.HasSuffix(p, "/..")) {
		c += "/"
	}
	return c
}

// hostOf is the host a request is for, in lower case and without port.
func hostOf(r *http.Request) string {
	host := r.Host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
