// Package errand is what the control plane asks every agent for, whatever its host is for: the commands that the host's
// own configuration allows, a restart, and another key. Every errand may be repeated: it is done once.
package errand

import (
	"strings"
	"sync"
	"time"
)

// Role is the one that every agent has; see pkg/bus.
const Role = "agent"

// Methods of the role, with what they take and answer.
const (
	Self        = "Self"        // None → Agent
	Restart     = "Restart"     // Boot → Agent
	NextKey     = "NextKey"     // Rotation → Keys
	UseKey      = "UseKey"      // Rotation → Keys
	Command     = "Command"     // Order → Outcome
	StopCommand = "StopCommand" // Order, of which the id counts → Outcome
)

// Limit is how long an errand's call may take; what lasts longer is asked for again.
const Limit = 10 * time.Second

// MaxOutput is how much of a command's output is kept, the last of it.
const MaxOutput = 16 << 10

// None is what a method takes that takes nothing.
type None struct{}

// Agent is an agent as it tells of itself.
type Agent struct {
	Boot      string    `json:"boot"` // another one after each start
	StartedAt time.Time `json:"startedAt"`
	Version   string    `json:"version"`
	PublicKey string    `json:"publicKey"`
	Commands  []string  `json:"commands,omitempty"` // names of those that are allowed
}

// Boot asks for the end of one start of the agent; one that has started anew since leaves it at that.
type Boot struct {
	Boot string `json:"boot"`
}

// Rotation names one change of keys.
type Rotation struct {
	ID    string `json:"id"`
	BusCA string `json:"busCA,omitempty"` // PEM of the authorities that the agent is to trust from then on; empty: as before
}

// Keys are the public keys of an agent. Next is empty when the rotation that is asked about is done.
type Keys struct {
	Current string `json:"current"`
	Next    string `json:"next,omitempty"`
}

// Order asks for a command by the name that the host's configuration gives it.
type Order struct {
	ID        string            `json:"id"` // the command is run once by it
	Name      string            `json:"name"`
	Arguments map[string]string `json:"arguments,omitempty"`
	TimeoutMS int64             `json:"timeoutMs,omitempty"`
}

// State is how far a command is.
type State string

const (
	Running State = "running"
	Ended   State = "ended"
	Lost    State = "lost" // the agent ended while it ran: what it did is not known
)

// Outcome is what became of a command.
type Outcome struct {
	State     State     `json:"state"`
	Exit      int       `json:"exit"` // of one that ended; -1 when it could not be started or was stopped
	Output    string    `json:"output,omitempty"`
	Error     string    `json:"error,omitempty"`
	StartedAt time.Time `json:"startedAt"`
}

// Tail keeps the last MaxOutput bytes of what is written to it. It may be read meanwhile.
type Tail struct {
	mu  sync.Mutex
	buf []byte
}

// Write takes whatever comes.
func (t *Tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if n := len(t.buf) - MaxOutput; n > 0 {
		t.buf = append(t.buf[:0], t.buf[n:]...)
	}
	return len(b), nil
}

// String is what is kept, as text that a database takes.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ToValidUTF8(strings.ReplaceAll(string(t.buf), "\x00", ""), "\ufffd")
}
