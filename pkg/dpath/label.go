package dpath

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	oteltrace "go.opentelemetry.io/otel/trace"
)

const (
	macBytes = 8
	macChars = 11 // of macBytes as text
)

// macText is how a signature is written; each has one spelling only.
var macText = base64.RawURLEncoding.Strict()

func isMAC(s string) bool {
	b, err := macText.DecodeString(s)
	return err == nil && len(b) == macBytes
}

// DefaultTTL is how long a label lives when the signer says nothing else.
const DefaultTTL = 10 * time.Minute

// Label names the environment of one trace. It is made only by [Sign], at the
// entry, and by [Verify], at every further hop; nothing else can alter it. The
// zero value is a common call.
type Label struct {
	env    string
	trace  string
	shadow bool
	member string // as signed, carried on verbatim; "" when there is no valid label
	expiry time.Time
}

// Env is the environment, empty for a common call.
func (l Label) Env() string { return l.env }

// Shadow tells whether the call is part of a rehearsal: nothing of it may reach
// what is real. It stays true of a label that is not valid any more, or never
// was, so that such a call is refused and not taken for a real one.
func (l Label) Shadow() bool { return l.shadow }

// Valid tells whether the label was signed; that of a common call is not.
func (l Label) Valid() bool { return l.member != "" }

// At gives the label as it is at an instant: once expired the call is common,
// or a rehearsal that nobody may serve.
func (l Label) At(now time.Time) Label {
	return l.unless(!now.Before(l.expiry))
}

// Now is [Label.At] the present instant, and quicker: where a label was signed or verified the wall clock is not asked again.
func (l Label) Now() Label { return l.unless(time.Until(l.expiry) <= 0) }

func (l Label) unless(expired bool) Label {
	if expired {
		return Label{shadow: l.shadow}
	}
	return l
}

// Trace is the trace id the label is bound to, 32 hexadecimal digits.
func (l Label) Trace() string { return l.trace }

// Expiry is when the label stops being valid.
func (l Label) Expiry() time.Time { return l.expiry }

// LabelError says why a label was not accepted; the call is then common.
type LabelError struct {
	Reason string // duplicate, malformed, no_trace, unknown_key, bad_signature, expired, unsigned, shadow_lost
}

// Error gives the reason in a sentence.
func (e *LabelError) Error() string { return "dpath: label not accepted: " + e.Reason }

// signed appends what is signed. Its kind is so short that, with most names of environments, it is one block of SHA-256.
func (m member) signed(b []byte, trace string) []byte {
	kind := "dl1\n"
	if m.shadow {
		kind = "ds1\n"
	}
	b = append(append(b, kind...), m.env...)
	b = append(append(b, '\n'), trace...)
	return append(append(b, '\n'), m.exp...)
}

// room holds what a label is as text, in most cases.
type room [192]byte

// Sign makes the label of a trace, valid for ttl from now (0: [DefaultTTL]).
// The member reads dpath_env=<env>;kid=<id>;exp=<unix seconds>;s=<base64url of
// the first 8 bytes of HMAC-SHA256 over env, trace id and expiry>.
func Sign(keys *Keyring, env, trace string, now time.Time, ttl time.Duration) (Label, error) {
	if !isEnv(env) {
		return Label{}, fmt.Errorf("dpath: environment name %q is not valid", env)
	}
	return sign(keys, member{env: env}, trace, now, ttl)
}

// SignShadow makes the label of a rehearsal's call, in an environment or, with
// env "", among common traffic. Its member begins dpath_env=<env or _>;shadow=1.
func SignShadow(keys *Keyring, env, trace string, now time.Time, ttl time.Duration) (Label, error) {
	if env != "" && !isEnv(env) {
		return Label{}, fmt.Errorf("dpath: environment name %q is not valid", env)
	}
	return sign(keys, member{env: env, shadow: true}, trace, now, ttl)
}

func sign(keys *Keyring, m member, trace string, now time.Time, ttl time.Duration) (Label, error) {
	if !isTrace(trace) {
		return Label{}, fmt.Errorf("dpath: trace id %q is not valid", trace)
	}
	if ttl <= 0 {
		ttl = DefaultTTL
	}
	expiry := now.Add(ttl).Unix()
	m.exp = strconv.FormatInt(expiry, 10)
	var text room
	kid, mac := keys.Sign(m.signed(text[:0], trace))
	m.kid, m.s = kid, macText.EncodeToString(mac[:macBytes])
	return m.label("", trace, now, expiry), nil
}

// label gives the label of a member that was read from text, if it was read.
func (m member) label(text, trace string, now time.Time, expiry int64) Label {
	var own room
	if b := m.append(own[:0]); string(b) != text {
		text = string(b)
	}
	until := now.Add(time.Unix(expiry, 0).Sub(now)) // by the clock that never jumps, if now has it
	return Label{env: m.env, trace: trace, shadow: m.shadow, expiry: until, member: text}
}

// Verify reads the label of a call from its headers, in any case of their
// names. No label gives the zero Label and no error. A label that is not
// beyond doubt (repeated, spelled otherwise, unsigned, altered, expired, of
// another trace, or outside the first 64 members and 8192 bytes) gives the
// zero Label and a [*LabelError]: the call is common. One that says of itself
// that it is a rehearsal's gives a Label with nothing but Shadow instead: such a
// call may not be served at all.
func Verify(keys *Keyring, h map[string][]string, now time.Time) (Label, error) {
	in := gather(h)
	label, err := in.verify(keys, now)
	if label.shadow || len(in.shadow) == 0 && (in.only(label.member) || !in.claimsShadow()) {
		return label, err
	}
	if err == nil {
		err = &LabelError{"shadow_lost"}
	}
	return Label{shadow: true}, err
}

// only tells whether a label that was accepted is all of the baggage.
func (in *carried) only(member string) bool {
	return member != "" && len(in.baggage) == 1 && in.baggage[0] == member
}

func (in *carried) claimsShadow() bool {
	return slices.ContainsFunc(in.baggage, func(v string) bool {
		return strings.Contains(v, "shadow") && slices.ContainsFunc(strings.Split(v, ","), func(m string) bool {
			_, properties, _ := strings.Cut(m, ";")
			return ours(m) && strings.Contains(properties, "shadow")
		})
	})
}

func (in *carried) verify(keys *Keyring, now time.Time) (Label, error) {
	found, n := "", 0
	for m := range members(in.baggage) {
		if ours(m) {
			found, n = m, n+1
		}
	}
	switch {
	case n > 1:
		return Label{}, &LabelError{"duplicate"}
	case n == 0 && len(in.mirror) > 0:
		return Label{}, &LabelError{"unsigned"}
	case n == 0:
		if _, n := foreign(in.baggage); n > 0 {
			return Label{}, &LabelError{"malformed"}
		}
		return Label{}, nil
	}
	trace, _, err := ParseTraceparent(in.trace)
	if err != nil {
		return Label{}, &LabelError{"no_trace"}
	}
	return verifyMember(keys, found, trace, now)
}

func verifyMember(keys *Keyring, text, trace string, now time.Time) (Label, error) {
	m, ok := parseMember(text)
	unix, err := strconv.ParseInt(m.exp, 10, 64)
	switch {
	case ok && m.s == "" && m.kid == "":
		return Label{}, &LabelError{"unsigned"}
	case !ok, !m.complete(), err != nil:
		return Label{}, &LabelError{"malformed"}
	}
	var signed room
	ok, known := keys.verifyText(m.kid, m.signed(signed[:0], trace), m.s)
	switch {
	case !ok && !isMAC(m.s):
		return Label{}, &LabelError{"malformed"}
	case !known:
		return Label{}, &LabelError{"unknown_key"}
	case !ok:
		return Label{}, &LabelError{"bad_signature"}
	case now.Unix() >= unix:
		return Label{}, &LabelError{"expired"}
	}
	return m.label(text, trace, now, unix), nil
}

// Inject sets the label on an outgoing call: first baggage member, trace and
// mirror header. Whatever label the headers held is removed, so a zero Label
// makes a common call. A traceparent of the same trace is kept.
func (l Label) Inject(h http.Header) { l.inject(h, nil) }

// Values is memory for the headers that one label sets.
type Values [4]string

// InjectIn is Inject for who makes something for each call anyway, of which
// values are a part. They belong to h from then on.
func (l Label) InjectIn(h http.Header, values *Values) { l.inject(h, values[:0]) }

func (l Label) inject(h http.Header, values []string) {
	was := gather(h)
	if was.mirror != nil {
		removeFold(h, HeaderMirror)
	}
	if was.shadow != nil {
		removeFold(h, HeaderShadow)
	}
	if was.baggage != nil {
		removeFold(h, HeaderBaggage)
	}
	set := setter{h, values}
	if was.baggage != nil || l.member != "" {
		set.to(HeaderBaggage, joined(l.member, was.baggage))
	}
	if l.shadow {
		set.to(HeaderShadow, "1")
	}
	if l.member == "" {
		return
	}
	set.to(HeaderMirror, l.env)
	if trace, _, err := ParseTraceparent(was.trace); err == nil && trace == l.trace {
		return
	}
	if was.trace != nil {
		removeFold(h, HeaderTraceparent)
	}
	set.to(HeaderTraceparent, traceparent(l.trace))
}

// setter sets headers whose values lie in one piece of memory.
type setter struct {
	h      http.Header
	values []string
}

func (s *setter) to(name, value string) {
	if value == "" {
		return
	}
	if s.values == nil {
		s.values = make([]string, 0, len(Values{}))
	}
	n := len(s.values)
	s.values = append(s.values, value)
	s.h[name] = s.values[n : n+1 : n+1]
}

// Remove takes the label and its mirror from outgoing headers.
func Remove(h http.Header) { Label{}.Inject(h) }

type labelKey struct{}

// AttributeEnv is the attribute in which spans carry the environment.
const AttributeEnv = memberKey

// WithLabel puts a label into a context, for the calls made under it. The
// context's span, if it is recorded, carries the environment from then on.
func WithLabel(ctx context.Context, l Label) context.Context { return new(Labelled).Under(ctx, l) }

// Labelled is a context with a label. One is made for each call, and one piece
// is what [context.WithValue] needs two for.
type Labelled struct {
	context.Context //nolint:containedctx // it is one
	label           Label
}

// Under is [WithLabel] for who makes something for each call anyway, of which c
// is a part.
func (c *Labelled) Under(ctx context.Context, l Label) context.Context {
	if l.env != "" {
		if s := oteltrace.SpanFromContext(ctx); s.IsRecording() {
			s.SetAttributes(attribute.String(AttributeEnv, l.env))
		}
	}
	if l == (Label{}) && FromContext(ctx) == l {
		return ctx // common already
	}
	c.Context, c.label = ctx, l
	return c
}

// Value implements context.Context.
func (c *Labelled) Value(key any) any {
	if key == (labelKey{}) {
		return &c.label
	}
	return c.Context.Value(key)
}

// FromContext gives the context's label; the zero Label for common calls.
func FromContext(ctx context.Context) Label {
	if l, ok := ctx.Value(labelKey{}).(*Label); ok {
		return *l
	}
	return Label{}
}

// Shadow tells whether the call a context belongs to is part of a rehearsal.
func Shadow(ctx context.Context) bool { return FromContext(ctx).shadow }

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

// NewTrace makes a random trace id. It is no secret.
func NewTrace() string {
	var b [32]byte
	return string(appendRandom(appendRandom(b[:0])))
}

// traceparent begins a span of a trace.
func traceparent(trace string) string {
	var b [64]byte
	t := append(append(b[:0], "00-"...), trace...)
	t = appendRandom(append(t, '-'))
	return string(append(t, "-01"...))
}

// appendRandom appends 16 hexadecimal digits that are not all 0.
func appendRandom(b []byte) []byte {
	n := max(rand.Uint64(), 1) // #nosec G404 -- an id
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[n>>shift&15])
	}
	return b
}

func isTrace(s string) bool {
	return len(s) == 32 && isHex(s) && s != "00000000000000000000000000000000"
}

// isEnv tells whether s can be an environment's name: a letter, then up to 31
// letters, digits, _ or -.
func isEnv(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '_' && c != '-') {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

func isHex(s string) bool {
	for i := range len(s) {
		if !hexDigits[s[i]] {
			return false
		}
	}
	return true
}

// hexDigits is looked up for each character of each trace id.
var hexDigits = func() (t [256]bool) {
	for _, c := range "0123456789abcdef" {
		t[c] = true
	}
	return t
}()
