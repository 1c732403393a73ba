package dpath

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const macBytes = 8

// DefaultTTL is how long a label lives when the signer says nothing else.
const DefaultTTL = 10 * time.Minute

// Label names the environment of one trace. It is made only by [Sign], at the
// entry, and by [Verify], at every further hop; nothing else can alter it. The
// zero value is a common call.
type Label struct {
	env    string
	trace  string
	member string // as signed, carried on verbatim
	expiry time.Time
}

// Env is the environment, empty for a common call.
func (l Label) Env() string { return l.env }

// Trace is the trace id the label is bound to, 32 hexadecimal digits.
func (l Label) Trace() string { return l.trace }

// Expiry is when the label stops being valid.
func (l Label) Expiry() time.Time { return l.expiry }

// LabelError says why a label was not accepted; the call is then common.
type LabelError struct {
	Reason string // duplicate, malformed, no_trace, unknown_key, bad_signature, expired, unsigned
}

// Error gives the reason in a sentence.
func (e *LabelError) Error() string { return "dpath: label not accepted: " + e.Reason }

func labelText(env, trace, expiry string) string {
	return "dpath-label-v1\n" + env + "\n" + trace + "\n" + expiry
}

// Sign makes the label of a trace, valid for ttl from now (0: [DefaultTTL]).
// The member reads dpath_env=<env>;kid=<id>;exp=<unix seconds>;s=<base64url of
// the first 8 bytes of HMAC-SHA256 over env, trace id and expiry>.
func Sign(keys *Keyring, env, trace string, now time.Time, ttl time.Duration) (Label, error) {
	if !envName.MatchString(env) {
		return Label{}, fmt.Errorf("dpath: environment name %q is not valid", env)
	}
	if !isTrace(trace) {
		return Label{}, fmt.Errorf("dpath: trace id %q is not valid", trace)
	}
	if ttl <= 0 {
		ttl = DefaultTTL
	}
	expiry := now.Add(ttl).Unix()
	exp := strconv.FormatInt(expiry, 10)
	kid, mac := keys.Sign(labelText(env, trace, exp))
	s := base64.RawURLEncoding.EncodeToString(mac[:macBytes])
	return Label{
		env: env, trace: trace, expiry: time.Unix(expiry, 0),
		member: memberKey + "=" + env + ";kid=" + kid + ";exp=" + exp + ";s=" + s,
	}, nil
}

// Verify reads the label of a call from its headers, in any case of their
// names. No label gives the zero Label and no error. A label that is not
// beyond doubt (repeated, spelled otherwise, unsigned, altered, expired, of
// another trace, or outside the first 64 members and 8192 bytes) gives the
// zero Label and a [*LabelError]: the call is common.
func Verify(keys *Keyring, h map[string][]string, now time.Time) (Label, error) {
	var found []string
	for _, m := range members(fold(h, HeaderBaggage)) {
		if ours(m) {
			found = append(found, m)
		}
	}
	switch {
	case len(found) > 1:
		return Label{}, &LabelError{"duplicate"}
	case len(found) == 0 && len(fold(h, HeaderMirror)) > 0:
		return Label{}, &LabelError{"unsigned"}
	case len(found) == 0:
		if _, n := foreign(fold(h, HeaderBaggage)); n > 0 {
			return Label{}, &LabelError{"malformed"}
		}
		return Label{}, nil
	}
	trace, _, err := ParseTraceparent(fold(h, HeaderTraceparent))
	if err != nil {
		return Label{}, &LabelError{"no_trace"}
	}
	return verifyMember(keys, found[0], trace, now)
}

func verifyMember(keys *Keyring, member, trace string, now time.Time) (Label, error) {
	parts := strings.Split(member, ";")
	fields := make(map[string]string, len(parts))
	for _, p := range parts {
		k, v, ok := strings.Cut(p, "=")
		k = strings.TrimSpace(k)
		if _, twice := fields[k]; twice || !ok {
			return Label{}, &LabelError{"malformed"}
		}
		fields[k] = strings.TrimSpace(v)
	}
	env, kid, exp, s := fields[memberKey], fields["kid"], fields["exp"], fields["s"]
	mac, err := base64.RawURLEncoding.DecodeString(s)
	unix, expErr := strconv.ParseInt(exp, 10, 64)
	switch {
	case s == "" && kid == "":
		return Label{}, &LabelError{"unsigned"}
	case len(fields) != 4, !envName.MatchString(env), err != nil, len(mac) != macBytes, expErr != nil:
		return Label{}, &LabelError{"malformed"}
	}
	ok, known := keys.Verify(kid, labelText(env, trace, exp), mac)
	switch {
	case !known:
		return Label{}, &LabelError{"unknown_key"}
	case !ok:
		return Label{}, &LabelError{"bad_signature"}
	case now.Unix() >= unix:
		return Label{}, &LabelError{"expired"}
	}
	// Rebuilt, so that what travels on is exactly what was signed.
	member = memberKey + "=" + env + ";kid=" + kid + ";exp=" + exp + ";s=" + s
	return Label{env: env, trace: trace, member: member, expiry: time.Unix(unix, 0)}, nil
}

// Inject sets the label on an outgoing call: first baggage member, trace and
// mirror header. Whatever label the headers held is removed, so a zero Label
// makes a common call. A traceparent of the same trace is kept.
func (l Label) Inject(h http.Header) {
	removeFold(h, HeaderMirror)
	setBaggage(h, l.member)
	if l.env == "" {
		return
	}
	h[HeaderMirror] = []string{l.env}
	if trace, _, err := ParseTraceparent(fold(h, HeaderTraceparent)); err == nil && trace == l.trace {
		return
	}
	removeFold(h, HeaderTraceparent)
	h[HeaderTraceparent] = []string{"00-" + l.trace + "-" + randomHex(8) + "-01"}
}

// Remove takes the label and its mirror from outgoing headers.
func Remove(h http.Header) { Label{}.Inject(h) }

type labelKey struct{}

// WithLabel puts a label into a context, for the calls made under it.
func WithLabel(ctx context.Context, l Label) context.Context {
	return context.WithValue(ctx, labelKey{}, l)
}

// FromContext gives the context's label; the zero Label for common calls.
func FromContext(ctx context.Context) Label {
	l, _ := ctx.Value(labelKey{}).(Label)
	return l
}

// Env gives the environment of the call a context belongs to, "" for common.
func Env(ctx context.Context) string { return FromContext(ctx).env }

var errTraceparent = errors.New("dpath: no single valid traceparent")

// ParseTraceparent reads the one W3C traceparent of a call: trace id and
// parent id in hexadecimal.
func ParseTraceparent(values []string) (trace, parent string, err error) {
	if len(values) != 1 {
		return "", "", errTraceparent
	}
	v := strings.TrimSpace(values[0])
	if len(v) < 55 || v[2] != '-' || v[35] != '-' || v[52] != '-' || len(v) > 55 && (v[:2] == "00" || v[55] != '-') {
		return "", "", errTraceparent
	}
	if !isHex(v[:2]) || v[:2] == "ff" || !isTrace(v[3:35]) || !isHex(v[36:52]) || v[36:52] == "0000000000000000" || !isHex(v[53:55]) {
		return "", "", errTraceparent
	}
	return v[3:35], v[36:52], nil
}

// NewTrace makes a random trace id.
func NewTrace() string { return randomHex(16) }

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func isTrace(s string) bool {
	return len(s) == 32 && isHex(s) && strings.Trim(s, "0") != ""
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
