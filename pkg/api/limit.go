package api

import (
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"github.com/plazacloud/plaza/pkg/resource"
)

// limiter slows down those who guess: each remote address has a bucket of its own.
type limiter struct {
	every time.Duration
	burst int

	mu      sync.Mutex
	buckets map[string]*bucket
	swept   time.Time
}

type bucket struct {
	*rate.Limiter
	used time.Time
}

func newLimiter(every time.Duration, burst int) *limiter {
	return &limiter{every: every, burst: burst, buckets: map[string]*bucket{}}
}

// wait tells how long the remote must wait; zero lets it pass.
func (l *limiter) wait(remote string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	full := l.every * time.Duration(l.burst)
	if now.Sub(l.swept) > full {
		for k, b := range l.buckets {
			if now.Sub(b.used) > full {
				delete(l.buckets, k)
			}
		}
		l.swept = now
	}
	b, ok := l.buckets[remote]
	if !ok {
		b = &bucket{Limiter: rate.NewLimiter(rate.Every(l.every), l.burst)}
		l.buckets[remote] = b
	}
	b.used = now
	r := b.ReserveN(now, 1)
	if d := r.DelayFrom(now); d > 0 {
		r.CancelAt(now)
		return d
	}
	return 0
}

// throttle refuses remotes that try the limited routes too often.
func (s *Server) throttle(c *gin.Context) {
	if !s.limited[c.Request.Method+" "+c.FullPath()] {
		c.Next()
		return
	}
	if d := s.limiter.wait(c.ClientIP(), time.Now()); d > 0 {
		c.Header("Retry-After", strconv.Itoa(int(math.Ceil(d.Seconds()))))
		s.turnAway(c, resource.Problemf(ReasonTooManyRequests, "", "wait "+d.Round(time.Second).String()+", then try again",
			"too many attempts from %s", c.ClientIP()))
		c.Abort()
		return
	}
	c.Next()
}
