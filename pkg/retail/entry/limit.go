package entry

import (
	"net"
	"net/http"
	"sync"

	"golang.org/x/time/rate"

	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// maxClients bounds the memory of the limiter; beyond it the counts start afresh.
const maxClients = 10000

type limiter struct {
	rate  rate.Limit
	burst int
	mu    sync.Mutex
	by    map[string]*rate.Limiter
}

func newLimiter(perSecond float64, burst int) *limiter {
	return &limiter{rate: rate.Limit(perSecond), burst: max(burst, 1), by: map[string]*rate.Limiter{}}
}

func (l *limiter) allow(client string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	one, ok := l.by[client]
	if !ok {
		if len(l.by) >= maxClients {
			clear(l.by)
		}
		one = rate.NewLimiter(l.rate, l.burst)
		l.by[client] = one
	}
	return one.Allow()
}

func (l *limiter) limit(next http.Handler) http.Handler {
	if l.rate <= 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			client = r.RemoteAddr
		}
		if !l.allow(client) {
			e := problem.New(http.StatusTooManyRequests, "rate_limited", "This address sends too many requests.", "Slow down and retry.")
			e.RetryAfter = 1
			problem.Write(w, e)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func limitBody(n int64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > n {
			problem.Write(w, problem.New(http.StatusRequestEntityTooLarge, "body_too_large", "The body is too large.", "Send less in one request."))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, n)
		next.ServeHTTP(w, r)
	})
}
