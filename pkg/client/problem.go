package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Reasons that are made here; all others come from the server.
const (
	ReasonUnreachable = "Unreachable" // no connection to the server
	ReasonTimeout     = "Timeout"     // what was waited for did not come about in time
	ReasonStrange     = "Strange"     // the server answers what no Plaza server does
)

// largestProblem bounds what is read of a refusal.
const largestProblem = 1 << 20

// Error is the sentence of the problem.
func (p *Problem) Error() string { return p.Detail }

// problemOf reads a refusal.
func problemOf(resp *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(resp.Body, largestProblem))
	if err != nil {
		return err
	}
	p := &Problem{}
	if json.Unmarshal(text, p) == nil && p.Reason != "" {
		return p
	}
	return &Problem{Reason: ReasonStrange, Status: int64(resp.StatusCode), Title: "Not a Plaza server",
		Detail: fmt.Sprintf("%s answered %s, which is not how a Plaza server answers", resp.Request.URL.Host, resp.Status), Hint: opt("check the server's address")}
}

// unreachable explains why no answer came.
func unreachable(server string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	cause := err
	for next := errors.Unwrap(cause); next != nil; next = errors.Unwrap(next) {
		cause = next
	}
	text := cause.Error()
	hint := "is the server running, and is --server right?"
	if strings.Contains(text, "certificate") || strings.Contains(text, "x509") {
		text, hint = err.Error(), "give the server's authority with --ca"
	}
	return &Problem{Reason: ReasonUnreachable, Title: "No connection", Detail: fmt.Sprintf("can not reach %s: %s", server, text), Hint: &hint}
}

// ReasonOf returns the reason of a problem, "" for other errors.
func ReasonOf(err error) string {
	if p := (*Problem)(nil); errors.As(err, &p) {
		return p.Reason
	}
	return ""
}

// Failure turns an operation that did not succeed into a problem; nil when it did or goes on.
func (o *Operation) Failure() error {
	if o.State != OperationStateFailed && o.State != OperationStateCancelled {
		return nil
	}
	p := &Problem{Reason: "Conflict", Title: "The operation " + string(o.State), Kind: &o.Kind, Operation: o,
		Detail: strings.TrimSuffix(fmt.Sprintf("%s of %s %s was %s: %s", o.Verb, o.Kind, o.ObjectName, o.State, value(o.Message)), ": ")}
	if c := o.Problem; c != nil && c.Reason != "" {
		p.Reason, p.Detail, p.Hint, p.Fields, p.Candidates = c.Reason, c.Detail, c.Hint, c.Fields, c.Candidates
	}
	if p.Hint == nil {
		p.Hint = opt("see: plaza operation get " + o.Id + "; try again with: plaza operation retry " + o.Id)
	}
	return p
}

// value is what p points to, or the zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
