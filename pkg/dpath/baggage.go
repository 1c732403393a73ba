package dpath

import (
	"iter"
	"net/url"
	"strings"
)

// Header names of the label.
const (
	HeaderBaggage     = "Baggage"
	HeaderTraceparent = "Traceparent"
	HeaderMirror      = "X-Dpath-Env"    // for load balancers; never trusted
	HeaderShadow      = "X-Dpath-Shadow" // a rehearsal's, trusted only to forbid
)

const (
	memberKey    = "dpath_env"
	memberPrefix = "dpath_"
	// The sizes every W3C Baggage implementation must carry on.
	maxMembers = 64
	maxBaggage = 8192
)

// outsideHeaders are removed at the edge, compared without case and with
// underscores read as hyphens, as some servers do.
var outsideHeaders = map[string]bool{
	"x-dpath-env":      true,
	"x-dpath-shadow":   true,
	"x-dpath-decision": true,
	"x-dpath-trail":    true,
	"x-mse-tag":        true,
}

// ours tells whether a baggage member is one of the label's, however its key
// is spelled: in another case or percent-encoded.
func ours(member string) bool {
	if strings.HasPrefix(member, memberPrefix) {
		return true // as Plaza spells it
	}
	key := member
	if i := strings.IndexAny(member, "=;"); i >= 0 {
		key = member[:i]
	}
	key = strings.TrimSpace(key)
	if strings.Contains(key, "%") {
		for range 2 { // encoded twice is still meant
			if plain, err := url.PathUnescape(key); err == nil {
				key = plain
			}
		}
		key = strings.TrimSpace(key)
	}
	return len(key) >= len(memberPrefix) && strings.EqualFold(key[:len(memberPrefix)], memberPrefix)
}

// member is the label's baggage member, as text.
type member struct {
	env, kid, exp, s string
	shadow           bool
	properties       int // of the text it was read from, known or not
}

// noEnv stands for no environment in a rehearsal's member. It cannot be one's name.
const noEnv = "_"

// append writes the member, in the one order.
func (m member) append(b []byte) []byte {
	b = append(append(b, memberKey+"="...), m.env...)
	if m.shadow {
		if m.env == "" {
			b = append(b, noEnv...)
		}
		b = append(b, ";shadow=1"...)
	}
	b = append(append(b, ";kid="...), m.kid...)
	b = append(append(b, ";exp="...), m.exp...)
	return append(append(b, ";s="...), m.s...)
}

// complete tells whether the text it was read from had all that belongs to it, and no more.
func (m member) complete() bool {
	if m.shadow {
		return m.properties == 5 && (m.env == "" || isEnv(m.env))
	}
	return m.properties == 4 && isEnv(m.env)
}

// parseMember reads a member; ok is false when a property has no value or comes twice.
func parseMember(text string) (m member, ok bool) {
	var shadow string
	for p := range strings.SplitSeq(text, ";") {
		k, v, found := strings.Cut(p, "=")
		m.properties++
		var field *string
		switch strings.TrimSpace(k) {
		case memberKey:
			field = &m.env
		case "shadow":
			field = &shadow
		case "kid":
			field = &m.kid
		case "exp":
			field = &m.exp
		case "s":
			field = &m.s
		default:
			field = new(string)
		}
		if !found || *field != "" {
			return m, false
		}
		*field = strings.TrimSpace(v)
	}
	if m.shadow = shadow == "1"; m.shadow && m.env == noEnv {
		m.env = ""
	}
	return m, true
}

// carried is what headers hold of a label, whatever the case of their names.
type carried struct{ baggage, mirror, shadow, trace []string }

func gather(h map[string][]string) (c carried) {
	for k, v := range h {
		switch {
		case len(k) == len(HeaderBaggage) && strings.EqualFold(k, HeaderBaggage):
			c.baggage = with(c.baggage, v)
		case len(k) == len(HeaderMirror) && strings.EqualFold(k, HeaderMirror):
			c.mirror = with(c.mirror, v)
		case len(k) == len(HeaderShadow) && strings.EqualFold(k, HeaderShadow):
			c.shadow = with(c.shadow, v)
		case len(k) == len(HeaderTraceparent) && strings.EqualFold(k, HeaderTraceparent):
			c.trace = with(c.trace, v)
		}
	}
	return c
}

// with adds values to a header's; the header's own are left as they are.
func with(values, more []string) []string {
	if values == nil {
		return more
	}
	return append(values[:len(values):len(values)], more...)
}

// members splits baggage headers into members, in order. Like a carrier that
// shortens, it reads no further than 64 members and 8192 bytes.
func members(values []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		room, n := maxBaggage, 0
		for _, v := range values {
			cut := len(v) > room
			if cut {
				v = v[:max(0, strings.LastIndexByte(v[:room], ','))] // the last one may be half a member
			}
			room -= len(v)
			for m := range strings.SplitSeq(v, ",") {
				if m = strings.TrimSpace(m); m == "" {
					continue
				}
				if n++; n > maxMembers || !yield(m) {
					return
				}
			}
			if cut {
				return
			}
		}
	}
}

// Strip removes every label that came from outside: X-Dpath-Env, X-Mse-Tag,
// hop headers of probes, and dpath_* baggage members in any spelling, also
// beyond the sizes that are read. Other baggage stays. It returns how many it
// found; a cookie that poses as a label is counted but has no effect.
func Strip(h map[string][]string) int {
	found := 0
	var kept []string
	hadBaggage := false
	for k, values := range h {
		name := strings.ReplaceAll(strings.ToLower(k), "_", "-")
		switch {
		case outsideHeaders[name]:
			found += len(values)
			delete(h, k)
		case name == "baggage":
			hadBaggage = true
			delete(h, k)
			rest, n := foreign(values)
			kept = append(kept, rest...)
			found += n
		case name == "cookie":
			for _, v := range values {
				found += strings.Count(strings.ToLower(v), memberPrefix)
			}
		}
	}
	if hadBaggage && len(kept) > 0 {
		h[HeaderBaggage] = []string{strings.Join(kept, ",")}
	}
	return found
}

// foreign gives the members that are not ours, and the number of those that are.
func foreign(values []string) (kept []string, found int) {
	for _, v := range values {
		for m := range strings.SplitSeq(v, ",") {
			m = strings.TrimSpace(m)
			if ours(m) {
				found++
			} else if m != "" {
				kept = append(kept, m)
			}
		}
	}
	return kept, found
}

// joined gives the baggage with member first, and after it as many of the
// foreign members of values, which the headers held, as fit the sizes every
// carrier must carry on.
func joined(member string, values []string) string {
	rest, _ := foreign(values)
	if len(rest) == 0 {
		return member
	}
	var b strings.Builder
	b.WriteString(member)
	n := 0
	if member != "" {
		n = 1
	}
	for _, m := range rest {
		if n == maxMembers || b.Len()+1+len(m) > maxBaggage {
			break
		}
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteString(m)
		n++
	}
	return b.String()
}

func removeFold(h map[string][]string, name string) {
	for k := range h {
		if len(k) == len(name) && strings.EqualFold(k, name) {
			delete(h, k)
		}
	}
}
