package provider

import (
	"errors"
	"fmt"
)

// Reason says, for machines, why a backend refused or failed.
type Reason string

const (
	ReasonNotFound    Reason = "NotFound"    // there is nothing by that id
	ReasonInvalid     Reason = "Invalid"     // the backend will never accept this
	ReasonConflict    Reason = "Conflict"    // something of that name or in that state is in the way
	ReasonNoSpace     Reason = "NoSpace"     // disk or memory is full
	ReasonUnavailable Reason = "Unavailable" // backend or agent does not answer: try again
	ReasonTimeout     Reason = "Timeout"     // no answer in time; the outcome is unknown
	ReasonUnderWay    Reason = "UnderWay"    // the backend is at it still: the same call, again, waits on
	ReasonUnsupported Reason = "Unsupported" // this backend has no such thing; the hint says what does instead
	ReasonInternal    Reason = "Internal"
)

// Error is what a driver returns. Retryable tells whether the same call may succeed later without any change.
type Error struct {
	Reason Reason `json:"reason"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
	Err    error  `json:"-"`
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Reason, e.Detail) }

func (e *Error) Unwrap() error { return e.Err }

// Retryable tells whether the same call may succeed later without any change to it.
func (e *Error) Retryable() bool {
	switch e.Reason {
	case ReasonUnavailable, ReasonTimeout, ReasonUnderWay, ReasonInternal, ReasonNoSpace:
		return true
	}
	return false
}

// Errorf builds an Error; a %w operand is kept as its cause.
func Errorf(reason Reason, hint, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Reason: reason, Detail: err.Error(), Hint: hint, Err: errors.Unwrap(err)}
}

// ReasonOf returns the reason of err, ReasonInternal for a foreign error, "" for nil.
func ReasonOf(err error) Reason {
	if err == nil {
		return ""
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Reason
	}
	return ReasonInternal
}

// IsNotFound tells whether err says that the object is absent.
func IsNotFound(err error) bool { return ReasonOf(err) == ReasonNotFound }
