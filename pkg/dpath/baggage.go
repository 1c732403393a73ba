package dpath

import (
	"net/http"
	"net/url"
	"strings"
)

// Header names of the label.
const (
	HeaderBaggage     = "Baggage"
	HeaderTraceparent = "Traceparent"
	HeaderMirror      = "X-Dpath-Env" // for load balancers; never trusted
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
	"x-dpath-decision": true,
	"x-dpath-trail":    true,
	"x-mse-tag":        true,
}

// ours tells whether a baggage member is one of the label's, however its key
// is spelled: in another case or percent-encoded.
func ours(member string) bool {
	key := member
	if i := strings.IndexAny(member, "=;"); i >= 0 {
		key = member[:i]
	}
	key = strings.TrimSpace(key)
	for range 2 { // encoded twice is still meant
		if plain, err := url.PathUnescape(key); err == nil {
			key = plain
		}
	}
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(key)), memberPrefix)
}

// fold gives all values of a header, whatever the case of its name.
func fold(h map[string][]string, name string) []string {
	var out []string
	for k, v := range h {
		if len(k) == len(name) && strings.EqualFold(k, name) {
			out = append(out, v...)
		}
	}
	return out
}

// members splits baggage headers into members, in order. Like a carrier that
// shortens, it reads no further than 64 members and 8192 bytes.
func members(values []string) []string {
	var out []string
	room := maxBaggage
	for _, v := range values {
		cut := len(v) > room
		if cut {
			v = v[:room]
		}
		room -= len(v)
		parts := strings.Split(v, ",")
		if cut {
			parts = parts[:len(parts)-1] // the last one may be half a member
		}
		for _, m := range parts {
			if m = strings.TrimSpace(m); m == "" {
				continue
			}
			if len(out) == maxMembers {
				return out
			}
			out = append(out, m)
		}
		if cut {
			break
		}
	}
	return out
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

// setBaggage puts member first and keeps as many of the foreign members after
// it as fit the sizes every carrier must carry on.
func setBaggage(h http.Header, member string) {
	rest, _ := foreign(fold(h, HeaderBaggage))
	removeFold(h, HeaderBaggage)
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
	if b.Len() > 0 {
		h[HeaderBaggage] = []string{b.String()}
	}
}

func removeFold(h map[string][]string, name string) {
	for k := range h {
		if strings.EqualFold(k, name) {
			delete(h, k)
		}
	}
}
