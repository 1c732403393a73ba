package trail

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// MaxHops bounds one trail; further hops are counted but not kept.
const MaxHops = 64

// Decisions that only hops know, beside those of the dpath package.
const (
	Refused = "refused" // the provider guard sent the call away
	Entered = "entry"   // the hop at which the call came in
)

// Hop is one node that a probe call reached.
type Hop struct {
	App      string `json:"app"`
	Node     string `json:"node"`
	Lane     string `json:"lane,omitempty"` // environment the node is dedicated to
	Env      string `json:"env,omitempty"`  // environment of the call as the node verified it
	Version  uint64 `json:"version"`        // configuration the node used
	Decision string `json:"decision"`       // why the caller chose it
}

// Pool is public or dedicated, as the node itself saw it.
func (h Hop) Pool() string {
	if h.Lane == "" {
		return dpath.PoolPublic.String()
	}
	return dpath.PoolDedicated.String()
}

func (h Hop) encode() string {
	esc := url.QueryEscape
	return strings.Join([]string{esc(h.App), esc(h.Node), esc(h.Lane), esc(h.Env), strconv.FormatUint(h.Version, 36), esc(h.Decision)}, ",")
}

func decodeHop(s string) (Hop, error) {
	part := strings.Split(s, ",")
	if len(part) != 6 {
		return Hop{}, ErrTrail
	}
	var err error
	text := func(i int) string {
		v, e := url.QueryUnescape(part[i])
		err = errors.Join(err, e)
		return v
	}
	h := Hop{App: text(0), Node: text(1), Lane: text(2), Env: text(3), Decision: text(5)}
	v, e := strconv.ParseUint(part[4], 36, 64)
	h.Version = v
	return h, errors.Join(err, e)
}

// Trail is what came back from a probe call.
type Trail struct {
	Hops []Hop
	// ConfigHash is the hash of the outermost hop's rule document, shortened.
	ConfigHash string
	Dropped    int // hops beyond MaxHops
	Broken     int // trails of inner calls that were missing or altered
}

// ErrTrail says that a trail is malformed, altered or of another probe.
var ErrTrail = errors.New("dpath: trail not accepted")

// Open verifies the trail of the probe with this id.
func Open(keys *dpath.Keyring, id, value string) (Trail, error) {
	body, sig, ok := cutLast(value, ";")
	if !ok {
		return Trail{}, ErrTrail
	}
	kid, mac64, ok := strings.Cut(sig, ".")
	mac, err := base64.RawURLEncoding.DecodeString(mac64)
	if !ok || err != nil || len(mac) != macBytes {
		return Trail{}, ErrTrail
	}
	if valid, _ := keys.Verify(kid, []byte("dpath-trail\n"+id+"\n"+body), mac); !valid {
		return Trail{}, ErrTrail
	}
	part := strings.Split(body, ";")
	if len(part) < 4 || part[0] != "v1" {
		return Trail{}, ErrTrail
	}
	t := Trail{ConfigHash: part[1]}
	var e1, e2 error
	t.Dropped, e1 = strconv.Atoi(part[2])
	t.Broken, e2 = strconv.Atoi(part[3])
	if e1 != nil || e2 != nil {
		return Trail{}, ErrTrail
	}
	for _, s := range part[4:] {
		h, err := decodeHop(s)
		if err != nil {
			return Trail{}, ErrTrail
		}
		t.Hops = append(t.Hops, h)
	}
	return t, nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// Collector gathers the trails of the calls made while one probe call is
// served. It is safe for concurrent use.
type Collector struct {
	probe Probe
	keys  *dpath.Keyring
	mu    sync.Mutex
	trail Trail
}

// NewCollector starts a trail for a probe.
func NewCollector(p Probe, keys *dpath.Keyring) *Collector {
	return &Collector{probe: p, keys: keys}
}

// Probe gives the probe being served.
func (c *Collector) Probe() Probe { return c.probe }

// Add takes in the trail header of an inner call. A missing or altered one is
// counted as broken.
func (c *Collector) Add(value string) {
	t, err := Open(c.keys, c.probe.ID, value)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.trail.Broken++
		return
	}
	c.trail.Dropped += t.Dropped
	c.trail.Broken += t.Broken
	for _, h := range t.Hops {
		c.append(h)
	}
}

func (c *Collector) append(h Hop) {
	if len(c.trail.Hops) >= MaxHops {
		c.trail.Dropped++
		return
	}
	c.trail.Hops = append(c.trail.Hops, h)
}

// Seal gives the trail header of this hop: itself, then what its calls left.
// self is nil for a hop that serves nothing itself.
func (c *Collector) Seal(self *Hop, configHash string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	hops := make([]string, 0, len(c.trail.Hops)+1)
	if self != nil {
		hops = append(hops, self.encode())
	}
	for _, h := range c.trail.Hops {
		hops = append(hops, h.encode())
	}
	dropped := c.trail.Dropped
	if len(hops) > MaxHops {
		dropped += len(hops) - MaxHops
		hops = hops[:MaxHops]
	}
	body := strings.Join(append([]string{"v1", configHash[:min(16, len(configHash))], strconv.Itoa(dropped), strconv.Itoa(c.trail.Broken)}, hops...), ";")
	kid, mac := c.keys.Sign([]byte("dpath-trail\n" + c.probe.ID + "\n" + body))
	return body + ";" + kid + "." + base64.RawURLEncoding.EncodeToString(mac[:macBytes])
}
