// Package haproxy writes the configuration of a HAProxy that spreads listeners over members. The same input gives the same
// bytes, so that whoever compares two of them sees a change only where there is one.
package haproxy

import (
	"cmp"
	_ "embed"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"
)

// Protocols of a listener.
const (
	HTTP = "http"
	TCP  = "tcp"
)

// Algorithms by which a listener chooses a member.
const (
	RoundRobin       = "round-robin"
	LeastConnections = "least-connections"
	Source           = "source"
)

// Config is what one HAProxy does.
type Config struct {
	Name   string // of the load balancer, for the file's reader and the Host header of checks
	Bind   string // address to listen on; "" for every one
	Health Health
	// Listeners are written in the order of their ports, and their members by name.
	Listeners []Listener
}

// Health is where HAProxy itself answers 200 as long as it runs; every other path is 404.
type Health struct {
	Port int
	Path string
}

// Listener is a port and the members that answer for it.
type Listener struct {
	Name      string
	Port      int
	Protocol  string // HTTP or TCP
	Algorithm string // RoundRobin, LeastConnections or Source
	Check     Check
	Members   []Member
}

// Check says how a member is asked whether it is well: by a GET of Path, which must answer 2xx or 3xx, or by connecting.
type Check struct {
	Path              string // "" to connect only
	Interval, Timeout time.Duration
	Rise, Fall        int // answers in a row that bring a member in, and failures that take it out
}

// Member is where a request may go.
type Member struct {
	Name, Address string
	Port          int
}

//go:embed haproxy.cfg.tmpl
var text string

var file = template.Must(template.New("haproxy.cfg").Funcs(template.FuncMap{
	"ms":      func(d time.Duration) string { return fmt.Sprintf("%dms", d.Milliseconds()) },
	"balance": func(a string) string { return balances[a] },
}).Parse(text))

var balances = map[string]string{RoundRobin: "roundrobin", LeastConnections: "leastconn", Source: "source"}

var (
	word = regexp.MustCompile(`^[A-Za-z0-9._-]{1,255}$`)
	// Path is what a check may ask for: nothing that HAProxy's own syntax knows.
	Path = regexp.MustCompile(`^/[A-Za-z0-9._~/%&=+:,;@?-]{0,255}$`)
)

// Render writes the file. An error names what can not be written, such as a name with a space in it.
func (c Config) Render() (string, error) {
	if err := c.validate(); err != nil {
		return "", err
	}
	c.Listeners = slices.Clone(c.Listeners)
	slices.SortFunc(c.Listeners, func(a, b Listener) int { return cmp.Compare(a.Port, b.Port) })
	for i, l := range c.Listeners {
		l.Members = slices.Clone(l.Members)
		slices.SortFunc(l.Members, func(a, b Member) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Address, b.Address), cmp.Compare(a.Port, b.Port))
		})
		c.Listeners[i] = l
	}
	var out strings.Builder
	err := file.Execute(&out, c)
	return out.String(), err
}

func (c Config) validate() error {
	if !word.MatchString(c.Name) {
		return fmt.Errorf("name %q can not be written into HAProxy's file", c.Name)
	}
	if _, err := netip.ParseAddr(c.Bind); c.Bind != "" && err != nil {
		return fmt.Errorf("%q is not an address to listen on", c.Bind)
	}
	if !Path.MatchString(c.Health.Path) || !isPort(c.Health.Port) {
		return fmt.Errorf("port %d and path %q can not tell of HAProxy's health", c.Health.Port, c.Health.Path)
	}
	taken := map[int]string{c.Health.Port: "HAProxy's health"}
	for _, l := range c.Listeners {
		if other, twice := taken[l.Port]; twice {
			return fmt.Errorf("port %d is that of %s and of listener %s", l.Port, other, l.Name)
		}
		taken[l.Port] = "listener " + l.Name
		if err := l.validate(); err != nil {
			return fmt.Errorf("listener %q: %w", l.Name, err)
		}
	}
	return nil
}

func (l Listener) validate() error {
	switch {
	case !word.MatchString(l.Name):
		return fmt.Errorf("the name can not be written into HAProxy's file")
	case !isPort(l.Port):
		return fmt.Errorf("%d is not a port", l.Port)
	case l.Protocol != HTTP && l.Protocol != TCP:
		return fmt.Errorf("protocol %q is not http or tcp", l.Protocol)
	case balances[l.Algorithm] == "":
		return fmt.Errorf("algorithm %q is not round-robin, least-connections or source", l.Algorithm)
	case l.Check.Path != "" && !Path.MatchString(l.Check.Path):
		return fmt.Errorf("path %q can not be written into HAProxy's file", l.Check.Path)
	case l.Check.Interval <= 0 || l.Check.Timeout <= 0 || l.Check.Rise < 1 || l.Check.Fall < 1:
		return fmt.Errorf("a check needs an interval, a timeout, a rise and a fall")
	}
	for _, m := range l.Members {
		_, err := netip.ParseAddr(m.Address)
		if !word.MatchString(m.Name) || err != nil || !isPort(m.Port) {
			return fmt.Errorf("member %q at %q port %d can not be written into HAProxy's file", m.Name, m.Address, m.Port)
		}
	}
	return nil
}

func isPort(n int) bool { return n > 0 && n < 65536 }
