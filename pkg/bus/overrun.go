package bus

import (
	"bytes"
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

const (
	overrunAfter = 10 * time.Second // a handler that goes on for so long after its end is stuck
	overrunTold  = time.Minute      // how often the stacks are written, whatever is stuck
	overrunBytes = 256 << 10        // of stacks
)

// overrun tells in the log of handlers that do not heed the end of their call: nobody waits for them any more, and each takes a
// place of its lane.
type overrun struct {
	after time.Duration
	told  atomic.Int64 // when the stacks were written last, in Unix nanoseconds
}

// watch looks after a handler until the returned function is called.
func (r *Responder) watch(ctx context.Context, req Request) (done func()) {
	ended := make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		late := time.NewTimer(r.overrun.after)
		defer late.Stop()
		select {
		case <-ended:
		case <-late.C:
			r.cfg.Logger.Warn("a call goes on after its end", "method", req.Method, "id", req.ID, "why", context.Cause(ctx), "stacks", r.overrun.stacks())
		}
	})
	return func() { close(ended); unwatch() }
}

// stacks are those of the whole process, unless they were written a moment ago.
func (o *overrun) stacks() string {
	now, last := time.Now().UnixNano(), o.told.Load()
	if now-last < int64(overrunTold) || !o.told.CompareAndSwap(last, now) {
		return "written a moment ago"
	}
	text := make([]byte, overrunBytes)
	return string(bytes.TrimSpace(text[:runtime.Stack(text, true)]))
}
