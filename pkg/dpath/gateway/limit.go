package gateway

import (
	"math"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Ways to tell callers apart.
const (
	byClient      = "client"
	byCertificate = "tlsClient"
	byRoute       = "route"
	defaultKeys   = 1 << 16
)

// limiter holds one token bucket for each caller. Callers are in two
// generations: when the young one is full it becomes the old one, and what the
// old one held is forgotten, so that memory is bounded whatever comes in.
type limiter struct {
	limit  rate.Limit
	burst  int
	key    string
	header string
	size   int

	mu         sync.Mutex
	young, old map[string]*rate.Limiter
}

func newLimiter(l *Limit) *limiter {
	if l == nil {
		return nil
	}
	n := &limiter{limit: rate.Limit(l.Rate), burst: l.Burst, key: l.Key, size: max(l.Keys, 1) / 2, young: map[string]*rate.Limiter{}}
	if l.Keys == 0 {
		n.size = defaultKeys / 2
	}
	n.size = max(n.size, 1)
	if n.burst == 0 {
		n.burst = max(int(math.Ceil(l.Rate)), 1)
	}
	n.header, _ = strings.CutPrefix(l.Key, "header:")
	return n
}

// wait is how long the caller of a request has to wait before it may come
// again; 0 lets the request pass. A nil limiter lets everything pass.
func (l *limiter) wait(r *http.Request, now time.Time) time.Duration {
	if l == nil {
		return 0
	}
	bucket := l.bucket(l.caller(r))
	if bucket.AllowN(now, 1) {
		return 0
	}
	missing := 1 - bucket.TokensAt(now)
	return max(time.Duration(missing/float64(l.limit)*float64(time.Second)), time.Millisecond)
}

func (l *limiter) caller(r *http.Request) string {
	switch {
	case l.key == byRoute:
		return ""
	case l.key == byCertificate && r.TLS != nil && len(r.TLS.VerifiedChains) > 0:
		return "certificate " + r.TLS.VerifiedChains[0][0].Subject.String()
	case strings.HasPrefix(l.key, "header:"):
		if v := r.Header.Get(l.header); v != "" {
			return "header " + v
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func (l *limiter) bucket(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.young[key]; b != nil {
		return b
	}
	b := l.old[key]
	if b == nil {
		b = rate.NewLimiter(l.limit, l.burst)
	}
	if len(l.young) >= l.size {
		l.old, l.young = l.young, map[string]*rate.Limiter{}
	}
	l.young[key] = b
	return b
}

// same tells whether a limiter can go on serving a changed route.
func (l *limiter) same(o *limiter) bool {
	if l == nil || o == nil {
		return false
	}
	return l.limit == o.limit && l.burst == o.burst && l.key == o.key && l.size == o.size
}

// lanes counts the calls in flight by environment; "" is common traffic.
type lanes struct {
	max   int64
	count sync.Map // environment → *atomic.Int64
}

// enter takes a place; leave gives it back. ok is false when the lane is full.
func (l *lanes) enter(env string) (leave func(), ok bool) {
	if l.max <= 0 {
		return func() {}, true
	}
	v, known := l.count.Load(env)
	if !known {
		v, _ = l.count.LoadOrStore(env, new(atomic.Int64))
	}
	n := v.(*atomic.Int64)
	if n.Add(1) > l.max {
		n.Add(-1)
		return nil, false
	}
	return func() { n.Add(-1) }, true
}
