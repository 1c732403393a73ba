// Package haproxy writes the configuration of a HAProxy (2.6 or later) that
// does at the edge what a gateway of package gateway does: it takes every label
// from outside away, identifies requests, signs the real label, and sends each
// to a node of its lane by the failover policies. No node of an environment is
// ever in the backend of common traffic.
//
// What HAProxy can not do is told by [Render] in notes and in the file's head:
//
//   - Rules by percentage, store, member, channel or client certificate. Such a
//     rule is left out, and its traffic goes where later rules send it.
//   - It does not pick again when a guard answers 421, nor follow new rules,
//     nodes or campaign windows by itself: write the file anew and reload.
//   - minHealthy and spillAt count what this HAProxy process sees.
//   - Signed probes do not enter by it, limits and timeouts of routes are not
//     written, and a path with dot segments or doubled slashes is refused.
//   - Baggage from outside with a member that looks like a label, or whose key
//     is percent-encoded, is dropped whole.
package haproxy

import (
	"cmp"
	_ "embed"
	"encoding/base64"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/gateway"
)

// Options say what is written. The same options give the same text.
type Options struct {
	// Rules is the document that Config was made of.
	Rules  *dpath.Document
	Config *dpath.Config
	Routes []gateway.Route
	// Listen is ip:port, for HTTP/1.1 and HTTP/2 in the clear.
	Listen string
	// KeyID and Key sign labels. The file holds the key: keep it as you keep keys.
	KeyID string
	Key   []byte
	// Health is the path of node checks; empty means /healthz.
	Health string
	// TTL is the lifetime of labels; 0 means dpath.DefaultTTL.
	TTL time.Duration
}

//go:embed haproxy.cfg.tmpl
var text string

var file = template.Must(template.New("haproxy.cfg").Parse(text))

// page is what the template shows.
type page struct {
	Version              uint64
	Hash, Listen, Health string
	Notes                []string
	KeyID, Key           string
	TTL                  int64 // seconds
	Identify             []line
	Rehearsals           []string // conditions of calls that are refused
	Routes               []line
	Choices              []choice
	Servers              []backend
}

// line is a value that is set on conditions; each of Ifs alone suffices.
type line struct {
	Value string
	Ifs   []string
}

// choice sends the calls of an app, in an environment unless that is empty, to
// a backend on a condition; without a backend they are refused.
type choice struct{ App, Env, Backend, If, Reason, Detail string }

type backend struct {
	Name    string
	H2C     bool
	MaxConn int
	Nodes   []node
}

type node struct{ Name, Addr string }

var (
	word   = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)
	prefix = regexp.MustCompile(`^/[A-Za-z0-9._~/-]{0,255}$`)
)

// Render writes the file. notes tell what of the rules it leaves out. An error
// names what can not be written at all.
func Render(o Options) (text string, notes []string, err error) {
	if err := o.validate(); err != nil {
		return "", nil, err
	}
	p := &page{Version: o.Config.Version(), Hash: o.Config.Hash(), Listen: o.Listen, Health: cmp.Or(o.Health, "/healthz"),
		KeyID: o.KeyID, Key: base64.StdEncoding.EncodeToString(o.Key), TTL: int64(cmp.Or(o.TTL, dpath.DefaultTTL).Seconds())}
	p.identify(o.Rules, o.Config)
	if err := p.rehearsal(o.Rules.Rehearsal); err != nil {
		return "", nil, err
	}
	if until := o.Config.ValidUntil(); !until.IsZero() {
		p.note("a campaign window opens or closes at %s; write this file anew then", until.UTC().Format(time.RFC3339))
	}
	if err := p.route(o.Routes); err != nil {
		return "", nil, err
	}
	for _, app := range apps(o.Routes) {
		p.app(&o, app.name, app.h2c)
	}
	var out strings.Builder
	err = file.Execute(&out, p)
	return out.String(), p.Notes, err
}

func (o *Options) validate() error {
	if _, err := netip.ParseAddrPort(o.Listen); err != nil {
		return fmt.Errorf("%q is not ip:port to listen on", o.Listen)
	}
	if !word.MatchString(o.KeyID) || len(o.Key) < dpath.KeyBytes {
		return fmt.Errorf("a key id and a key of %d bytes or more are needed to sign labels", dpath.KeyBytes)
	}
	if o.Health != "" && !prefix.MatchString(o.Health) {
		return fmt.Errorf("health path %q can not be written into HAProxy's file", o.Health)
	}
	if len(o.Routes) == 0 {
		return fmt.Errorf("routes is missing; map at least one path prefix to an app")
	}
	return nil
}

func (p *page) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

// route writes the routes in the order in which the first match counts.
func (p *page) route(routes []gateway.Route) error {
	sorted := slices.Clone(routes)
	slices.SortStableFunc(sorted, func(a, b gateway.Route) int {
		return cmp.Or(cmp.Compare(kind(a.Host), kind(b.Host)), cmp.Compare(len(b.Host), len(a.Host)), cmp.Compare(len(b.Prefix), len(a.Prefix)))
	})
	for _, r := range sorted {
		if !prefix.MatchString(r.Prefix) || !word.MatchString(r.App) || r.Host != "" && !word.MatchString(strings.TrimPrefix(r.Host, "*.")) {
			return fmt.Errorf("route %q of host %q can not be written into HAProxy's file", r.Prefix, r.Host)
		}
		host := ""
		if below, ok := strings.CutPrefix(r.Host, "*"); ok {
			host = "{ var(txn.host) -m end " + below + " } "
		} else if r.Host != "" {
			host = "{ var(txn.host) -m str " + r.Host + " } "
		}
		l := line{Value: r.App, Ifs: []string{host + "{ var(txn.path) -m beg " + strings.TrimSuffix(r.Prefix, "/") + "/ }"}}
		if !strings.HasSuffix(r.Prefix, "/") {
			l.Ifs = append(l.Ifs, host+"{ var(txn.path) -m str "+r.Prefix+" }")
		}
		p.Routes = append(p.Routes, l)
	}
	return nil
}

// kind orders hosts: exact, then those below a name, then any.
func kind(host string) int {
	switch {
	case host == "":
		return 2
	case strings.HasPrefix(host, "*"):
		return 1
	}
	return 0
}

type routed struct {
	name string
	h2c  bool
}

// apps are those that a route leads to, sorted.
func apps(routes []gateway.Route) []routed {
	var out []routed
	for _, r := range routes {
		out = append(out, routed{r.App, r.Upstream == gateway.H2C})
	}
	slices.SortFunc(out, func(a, b routed) int { return cmp.Compare(a.name, b.name) })
	return slices.CompactFunc(out, func(a, b routed) bool { return a.name == b.name })
}
