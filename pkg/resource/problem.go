package resource

import (
	"errors"
	"fmt"
	"strings"
)

// Reason says, for machines, why something was refused.
type Reason string

const (
	ReasonInvalid         Reason = "Invalid"
	ReasonNotFound        Reason = "NotFound"
	ReasonAlreadyExists   Reason = "AlreadyExists"
	ReasonConflict        Reason = "Conflict"
	ReasonStale           Reason = "Stale" // If-Match names an older version
	ReasonForbidden       Reason = "Forbidden"
	ReasonUnauthenticated Reason = "Unauthenticated"
	ReasonQuotaExceeded   Reason = "QuotaExceeded"
	ReasonNoCandidate     Reason = "NoCandidate" // no host, pool or address is left that fits
	ReasonInUse           Reason = "InUse"
	ReasonLocked          Reason = "Locked"      // somebody has locked it against changes
	ReasonUnsupported     Reason = "Unsupported" // its backend can not do that; the hint says what can be done instead
	ReasonUnavailable     Reason = "Unavailable"
	ReasonStorageFull     Reason = "StorageFull"
	ReasonTooLarge        Reason = "TooLarge"
	ReasonInternal        Reason = "Internal"
)

// Problem is a refusal that explains itself: the same one is problem+json in REST, a sentence and an exit code in
// the CLI, and a message in the portal.
type Problem struct {
	Reason     Reason      `json:"reason" doc:"For machines"`
	Kind       string      `json:"kind,omitempty" doc:"Kind of resource the problem is about"`
	Detail     string      `json:"detail" doc:"What is wrong, in a sentence"`
	Hint       string      `json:"hint,omitempty" doc:"The nearest fix"`
	Fields     []Field     `json:"fields,omitempty" doc:"Every field that is wrong"`
	Candidates []Candidate `json:"candidates,omitempty" doc:"What was looked at, and why it was refused"`
	Err        error       `json:"-"`
	UnderWay   bool        `json:"-"` // nothing is wrong: a backend is at it still, and the next pass waits on
}

// Field is one wrong field of a request.
type Field struct {
	Path    string `json:"path" doc:"e.g. spec.cidr"`
	Message string `json:"message"`
	Value   any    `json:"value,omitempty"`
}

// Candidate is something that was considered and refused, or, in a plan, fits.
type Candidate struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty" doc:"What to do for it to fit"`
}

func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Detail)
	for _, f := range p.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Path, f.Message)
	}
	return b.String()
}

func (p *Problem) Unwrap() error { return p.Err }

// Problemf builds a problem; a %w operand is kept as its cause.
func Problemf(reason Reason, kind, hint, format string, args ...any) *Problem {
	err := fmt.Errorf(format, args...)
	return &Problem{Reason: reason, Kind: kind, Detail: err.Error(), Hint: hint, Err: errors.Unwrap(err)}
}

// Invalid builds the problem of one wrong field.
func Invalid(kind, path string, value any, format string, args ...any) *Problem {
	return &Problem{Reason: ReasonInvalid, Kind: kind, Detail: "the " + kind + " is not valid",
		Fields: []Field{{Path: path, Message: fmt.Sprintf(format, args...), Value: value}}}
}

// ReasonOf returns err's reason: Internal for a foreign error, "" for nil.
func ReasonOf(err error) Reason {
	if err == nil {
		return ""
	}
	if p := (*Problem)(nil); errors.As(err, &p) {
		return p.Reason
	}
	return ReasonInternal
}
