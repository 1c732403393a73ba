package bus

import (
	"encoding/json"
	"time"
)

const (
	// headerPending marks a sign of life: the request was taken and is still being worked on.
	headerPending = "Plaza-Pending"

	aliveEvery  = 2 * time.Second // how often a busy agent says it is alive
	silentAfter = 7 * time.Second // three missed signs of life: nobody is working on the call any more
)

// Request is one call to an agent. The time left travels, not a point in time, so that a wrong clock harms nothing.
type Request struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	TimeoutMS int64             `json:"timeoutMs"`
	Trace     map[string]string `json:"trace,omitempty"` // W3C trace context
	Body      json.RawMessage   `json:"body,omitempty"`
}

// Response answers a Request: a body, or why there is none.
type Response struct {
	Body  json.RawMessage `json:"body,omitempty"`
	Error *Fault          `json:"error,omitempty"`
}
