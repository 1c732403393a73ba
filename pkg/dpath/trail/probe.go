// Package trail lets an authenticated probe see which nodes served it: a
// signed token asks for the trail, every hop adds itself to a signed response
// header. Calls without a valid token leave no trail.
package trail

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// Header names of probes.
const (
	HeaderProbe    = "X-Dpath-Probe"    // request: the token
	HeaderDecision = "X-Dpath-Decision" // request: the caller's decision
	HeaderTrail    = "X-Dpath-Trail"    // response: the hops so far
)

// MaxTTL bounds a token's life, whatever its signer asked for.
const MaxTTL = 5 * time.Minute

// Probe is an authenticated request for a trail.
type Probe struct {
	ID  string // 32 hexadecimal digits, unique per probe
	Env string // environment to be set by the entry; empty for a common call
	// NoGuard and NoFilter switch the provider guard and the caller's public
	// set off for this one call: the negative control.
	NoGuard, NoFilter bool

	token string
}

// Token is the probe's signed form, the value of [HeaderProbe].
func (p Probe) Token() string { return p.token }

// Disable switches off the named protections, "guard" or "filter".
func (p *Probe) Disable(names ...string) error {
	for _, n := range names {
		switch n {
		case "guard":
			p.NoGuard = true
		case "filter":
			p.NoFilter = true
		default:
			return fmt.Errorf("dpath: protection %q does not exist; guard or filter can be disabled", n)
		}
	}
	return nil
}

const macBytes = 16

// Mint signs a probe with a new id, valid for ttl (at most [MaxTTL]).
func Mint(keys *dpath.Keyring, p Probe, now time.Time, ttl time.Duration) Probe {
	p.ID = dpath.NewTrace()
	env, flags := p.Env, ""
	if env == "" {
		env = "-"
	}
	if p.NoGuard {
		flags += "g"
	}
	if p.NoFilter {
		flags += "f"
	}
	body := strings.Join([]string{"v1", p.ID, env, strconv.FormatInt(now.Add(min(ttl, MaxTTL)).Unix(), 10), flags}, ".")
	kid, mac := keys.Sign([]byte("dpath-probe\n" + body))
	p.token = body + "." + kid + "." + base64.RawURLEncoding.EncodeToString(mac[:macBytes])
	return p
}

// ErrProbe says that a probe token was not accepted.
var ErrProbe = errors.New("dpath: probe token not accepted")

// Read gives the probe of a request. ok is false without an error when there
// is no token; an invalid one is [ErrProbe].
func Read(keys *dpath.Keyring, h http.Header, now time.Time) (p Probe, ok bool, err error) {
	values := h[HeaderProbe] // in canonical form already
	if len(values) == 0 {
		return Probe{}, false, nil
	}
	part := strings.Split(values[0], ".")
	if keys == nil || len(values) > 1 || len(part) != 7 || part[0] != "v1" {
		return Probe{}, false, ErrProbe
	}
	mac, err := base64.RawURLEncoding.DecodeString(part[6])
	if err != nil || len(mac) != macBytes {
		return Probe{}, false, ErrProbe
	}
	body := strings.Join(part[:5], ".")
	if valid, _ := keys.Verify(part[5], []byte("dpath-probe\n"+body), mac); !valid {
		return Probe{}, false, ErrProbe
	}
	exp, err := strconv.ParseInt(part[3], 10, 64)
	if err != nil || now.Unix() >= exp || exp > now.Add(2*MaxTTL).Unix() {
		return Probe{}, false, ErrProbe
	}
	p = Probe{ID: part[1], Env: part[2], token: values[0],
		NoGuard: strings.Contains(part[4], "g"), NoFilter: strings.Contains(part[4], "f")}
	if p.Env == "-" {
		p.Env = ""
	}
	return p, true, nil
}

type collectorKey struct{}

// WithCollector puts a probe call's collector into its context.
func WithCollector(ctx context.Context, c *Collector) context.Context {
	return context.WithValue(ctx, collectorKey{}, c)
}

// FromContext gives the collector of a probe call, nil for any other call.
func FromContext(ctx context.Context) *Collector {
	c, _ := ctx.Value(collectorKey{}).(*Collector)
	return c
}
