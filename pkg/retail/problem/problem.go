// Package problem is the one error type of the retail centres: RFC 9457 problem details with a
// machine-readable reason and a hint that names the nearest fix.
package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
)

// ContentType is the media type of RFC 9457 problem details.
const ContentType = "application/problem+json"

// Error is one refusal. Status is an HTTP status; Reason is stable and machine-readable
// (snake_case); Detail is one sentence; Hint says what to do next. Extra members are merged into
// the JSON object (RFC 9457 §3.2). RetryAfter, in seconds, becomes the Retry-After header.
type Error struct {
	Status     int
	Reason     string
	Detail     string
	Hint       string
	RetryAfter int
	Extra      map[string]any
	Cause      error
}

// Error returns the reason, the sentence and the cause.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Reason, e.Detail, e.Cause)
	}
	return e.Reason + ": " + e.Detail
}

// Unwrap returns the cause, which is logged and never sent to the caller.
func (e *Error) Unwrap() error { return e.Cause }

// With returns a copy that carries one extension member.
func (e *Error) With(key string, value any) *Error {
	c := *e
	c.Extra = maps.Clone(e.Extra)
	if c.Extra == nil {
		c.Extra = map[string]any{}
	}
	c.Extra[key] = value
	return &c
}

// New makes a refusal.
func New(status int, reason, detail, hint string) *Error {
	return &Error{Status: status, Reason: reason, Detail: detail, Hint: hint}
}

// Invalid is a 422 for a well-formed request that breaks a rule.
func Invalid(reason, detail, hint string) *Error {
	return New(http.StatusUnprocessableEntity, reason, detail, hint)
}

// Conflict is a 409: the state of the resource forbids the request.
func Conflict(reason, detail, hint string) *Error {
	return New(http.StatusConflict, reason, detail, hint)
}

// NotFound is a 404 for the named kind and id.
func NotFound(kind, id string) *Error {
	return New(http.StatusNotFound, kind+"_not_found", fmt.Sprintf("There is no %s %q.", kind, id),
		"List the "+kind+"s to see their ids.")
}

// Unavailable is a 503 that may be retried with the same Idempotency-Key.
func Unavailable(reason, detail string, cause error) *Error {
	return &Error{Status: http.StatusServiceUnavailable, Reason: reason, Detail: detail, Cause: cause,
		Hint: "Retry with the same Idempotency-Key; the outcome is recorded once.", RetryAfter: 1}
}

// From returns err as a problem: an *Error as it is, anything else as an opaque 500.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Status: http.StatusInternalServerError, Reason: "internal", Cause: err,
		Detail: "The request failed for a reason the caller cannot mend.",
		Hint:   "Retry with the same Idempotency-Key; if it persists, give the operator the traceparent."}
}

// MarshalJSON writes the RFC 9457 object.
func (e *Error) MarshalJSON() ([]byte, error) {
	m := maps.Clone(e.Extra)
	if m == nil {
		m = map[string]any{}
	}
	m["type"] = "urn:plaza:retail:problem:" + e.Reason
	m["title"] = http.StatusText(e.Status)
	m["status"] = e.Status
	m["reason"] = e.Reason
	m["detail"] = e.Detail
	m["hint"] = e.Hint
	return json.Marshal(m)
}

// UnmarshalJSON reads an RFC 9457 object back, for callers of another centre.
func (e *Error) UnmarshalJSON(b []byte) error {
	m := map[string]any{}
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	text := func(k string) string { s, _ := m[k].(string); return s }
	status, _ := m["status"].(float64)
	*e = Error{Status: int(status), Reason: text("reason"), Detail: text("detail"), Hint: text("hint")}
	for _, k := range []string{"type", "title", "status", "reason", "detail", "hint"} {
		delete(m, k)
	}
	e.Extra = m
	return nil
}

// Write sends err as problem details.
func Write(w http.ResponseWriter, err error) {
	e := From(err)
	body, mErr := json.Marshal(e)
	if mErr != nil {
		http.Error(w, e.Reason, e.Status)
		return
	}
	w.Header().Set("Content-Type", ContentType)
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.RetryAfter))
	}
	w.WriteHeader(e.Status)
	_, _ = w.Write(body)
}
