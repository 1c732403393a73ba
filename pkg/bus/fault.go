package bus

import "fmt"

// Reasons the bus itself gives; a handler may answer with others.
const (
	ReasonUnavailable = "Unavailable" // nobody answers for the host: nothing was done
	ReasonTimeout     = "Timeout"     // no answer in time: the outcome is unknown
	ReasonInvalid     = "Invalid"     // the message cannot be carried or understood
	ReasonInternal    = "Internal"    // the other side failed
)

// Fault is why a call failed, as it travels over the bus. Err is local only.
type Fault struct {
	Reason string `json:"reason"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
	Err    error  `json:"-"`
}

func (f *Fault) Error() string { return fmt.Sprintf("%s: %s", f.Reason, f.Detail) }

func (f *Fault) Unwrap() error { return f.Err }
