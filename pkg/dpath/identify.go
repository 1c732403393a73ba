package dpath

import (
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Facts are what identify rules may look at. StoreID, MemberID and Channel
// must come from a verified token or terminal certificate, never from a
// header the client can set; empty means not known.
type Facts struct {
	Header    http.Header
	Path      string
	RawQuery  string
	StoreID   string
	MemberID  string
	Channel   string
	TLSClient string     // subject of the verified client certificate
	Source    netip.Addr // peer of the connection

	query url.Values // of RawQuery, once a rule has asked for it
}

// parameter gives the first value of a query parameter that can be read.
func (f *Facts) parameter(key string) (string, bool) {
	if f.query == nil {
		f.query, _ = url.ParseQuery(f.RawQuery)
	}
	return first(f.query[key])
}

func (f *Facts) cookie(name string) (string, bool) {
	c, err := (&http.Request{Header: f.Header}).Cookie(name)
	if err != nil {
		return "", false
	}
	return c.Value, true
}

type identifyRule struct {
	env        string
	priority   int
	any        bool
	conditions []condition
}

type condition struct {
	Condition
	salt     string
	percent  uint64 // hundredths of a percent
	regex    *regexp.Regexp
	prefixes []netip.Prefix
}

// compileIdentify prepares validated rules in the order they are tried.
func compileIdentify(rules []IdentifyRule) []identifyRule {
	out := make([]identifyRule, 0, len(rules))
	for _, r := range rules {
		out = append(out, compileRule(r))
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].priority < out[j].priority })
	return out
}

func compileRule(r IdentifyRule) identifyRule {
	c := identifyRule{env: r.EnvName, priority: r.Priority, any: r.Logic == "any"}
	for _, cond := range r.Conditions {
		c.conditions = append(c.conditions, compileCondition(cond, r.EnvName))
	}
	return c
}

func compileCondition(c Condition, env string) condition {
	out := condition{Condition: c, salt: env}
	switch {
	case c.Op == "percentage":
		out.percent, _ = parsePercent(c.Value[0])
	case c.Op == "regex":
		out.regex, _ = regexp.Compile(c.Value[0])
	case c.Type == "sourceCIDR":
		for _, v := range c.Value {
			if p, err := netip.ParsePrefix(v); err == nil {
				out.prefixes = append(out.prefixes, p.Masked())
			}
		}
	}
	return out
}

// Identify gives the environment of a request: that of the first rule, by
// ascending priority then order, whose environment is in force and whose
// conditions hold. No match gives "", the common traffic.
func (c *Config) Identify(f *Facts) string {
	for i := range c.rules {
		r := &c.rules[i]
		if c.HasEnv(r.env) && r.holds(f) {
			return r.env
		}
	}
	return ""
}

// rehearsal is a compiled [Rehearsal].
type rehearsal struct {
	on         bool
	rule       identifyRule
	simulators map[string]bool
}

func compileRehearsal(r *Rehearsal) rehearsal {
	out := rehearsal{simulators: map[string]bool{}}
	if r == nil {
		return out
	}
	out.on = r.Enable
	out.rule = compileRule(IdentifyRule{EnvName: "rehearsal", Logic: r.Logic, Conditions: r.Conditions})
	for _, h := range r.Simulators {
		out.simulators[strings.ToLower(h)] = true
	}
	return out
}

// Rehearses tells whether a request at the entry is a rehearsal's, also when
// rehearsals are switched off or dedicated sets are.
func (c *Config) Rehearses(f *Facts) bool {
	return len(c.rehearsal.rule.conditions) > 0 && c.rehearsal.rule.holds(f)
}

// Rehearsal tells whether the calls of rehearsals are served now.
func (c *Config) Rehearsal() bool { return c.rehearsal.on }

// Simulates tells whether a host outside the registry takes the calls of rehearsals.
func (c *Config) Simulates(host string) bool { return c.rehearsal.simulators[strings.ToLower(host)] }

func (r *identifyRule) holds(f *Facts) bool {
	for i := range r.conditions {
		if r.conditions[i].holds(f) == r.any {
			return r.any
		}
	}
	return !r.any
}

// holds evaluates one condition. An absent fact only satisfies the negative
// operators. Of a repeated header or parameter the first value counts.
func (c *condition) holds(f *Facts) bool {
	if c.Type == "sourceCIDR" {
		return c.source(f.Source)
	}
	v, ok := c.fact(f)
	switch c.Op {
	case "present":
		return ok
	case "equal":
		return ok && v == c.Value[0]
	case "not_equal":
		return !ok || v != c.Value[0]
	case "prefix":
		return ok && strings.HasPrefix(v, c.Value[0])
	case "in":
		return ok && slices.Contains(c.Value, v)
	case "not_in":
		return !ok || !slices.Contains(c.Value, v)
	case "regex":
		return ok && c.regex.MatchString(v)
	case "percentage":
		return ok && bucket(c.salt, v) < c.percent
	}
	return false
}

// bucket places a value among 10,000 buckets. The salt is the environment's
// name, so a member stays in its lane over channels and rules, and raising the
// percentage never removes one.
func bucket(salt, value string) uint64 {
	var h xxhash.Digest
	h.Reset()
	_, _ = h.WriteString(salt)
	_, _ = h.WriteString("\x00")
	_, _ = h.WriteString(value)
	return h.Sum64() % 10000
}

func (c *condition) source(ip netip.Addr) bool {
	if !ip.IsValid() {
		return c.Op == "not_in"
	}
	inside := slices.ContainsFunc(c.prefixes, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
	return inside == (c.Op == "in")
}

func (c *condition) fact(f *Facts) (string, bool) {
	switch c.Type {
	case "header":
		return first(f.Header.Values(c.Key))
	case "query":
		return f.parameter(c.Key)
	case "cookie":
		return f.cookie(c.Key)
	case "path":
		return f.Path, true
	case "storeId":
		return f.StoreID, f.StoreID != ""
	case "memberId":
		return f.MemberID, f.MemberID != ""
	case "channel":
		return f.Channel, f.Channel != ""
	case "tlsClient":
		return f.TLSClient, f.TLSClient != ""
	}
	return "", false
}

func first(values []string) (string, bool) {
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}
