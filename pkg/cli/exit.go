package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
	"github.com/plazacloud/plaza/pkg/dpath"
)

// Exit codes; they are stable.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitConflict    = 4
	exitForbidden   = 5
	exitQuota       = 6
	exitUnavailable = 7
)

// usageError is a command line that can not be meant.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// silentError ends with an exit code when everything was said already.
type silentError struct{ error }

// exitCode is the one place where an error becomes an exit code.
func exitCode(err error) int {
	if errors.As(err, new(*usageError)) {
		return exitUsage
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return exitUnavailable
	}
	switch client.ReasonOf(err) {
	case "NotFound":
		return exitNotFound
	case "AlreadyExists", "Conflict", "Stale", "InUse", "Locked":
		return exitConflict
	case "Unauthenticated", "SecondFactorRequired", "Forbidden":
		return exitForbidden
	case "QuotaExceeded", "NoCandidate", "StorageFull":
		return exitQuota
	case "Unavailable", "TooManyRequests", client.ReasonTimeout, client.ReasonUnreachable:
		return exitUnavailable
	}
	return exitFailed
}

// explain writes an error: a sentence, the fields, the hint, and what was looked at.
func (a *app) explain(cmd *cobra.Command, err error) {
	var p *client.Problem
	var rules *dpath.InvalidError
	switch {
	case errors.As(err, new(silentError)):
	case errors.As(err, &p):
		a.explainProblem(err, p)
	case errors.As(err, &rules):
		fmt.Fprintln(a.Err, "Error: the rule document is not valid")
		for _, r := range rules.Problems {
			fmt.Fprintf(a.Err, "  %s\n", r)
			if r.Hint != "" {
				fmt.Fprintf(a.Err, "    %s\n", r.Hint)
			}
		}
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.Err, "Error: interrupted; what was begun goes on")
	case errors.Is(err, context.DeadlineExceeded):
		fmt.Fprintf(a.Err, "Error: not done within %s; what was begun goes on\nHint: wait longer with --timeout\n", a.o.timeout)
	default:
		fmt.Fprintf(a.Err, "Error: %s\n", err)
		if errors.As(err, new(*usageError)) && cmd != nil {
			fmt.Fprintf(a.Err, "Hint: see %s --help\n", cmd.CommandPath())
		}
	}
}

func (a *app) explainProblem(err error, p *client.Problem) {
	text := p.Detail
	if before, _, found := strings.Cut(err.Error(), p.Detail); found {
		text = before + text
	}
	fmt.Fprintf(a.Err, "Error: %s\n", text)
	if p.Fields != nil {
		for _, f := range *p.Fields {
			fmt.Fprintf(a.Err, "  %s: %s%s\n", f.Path, f.Message, shown(f.Value))
		}
	}
	hint := value(p.Hint)
	if p.Reason == "Unauthenticated" && !strings.Contains(hint, "plaza login") {
		hint = strings.TrimPrefix(hint+"; sign in with: plaza login", "; ")
	}
	if hint != "" {
		fmt.Fprintf(a.Err, "Hint: %s\n", hint)
	}
	if p.Candidates != nil && len(*p.Candidates) > 0 {
		t := table{header: []string{"LOOKED AT", "REASON", "DETAIL", "FIX"}}
		fixed := slices.ContainsFunc(*p.Candidates, func(c client.Candidate) bool { return c.Fix != nil })
		for _, c := range *p.Candidates {
			t.rows = append(t.rows, []string{c.Name, c.Reason, c.Detail, value(c.Fix)})
		}
		if !fixed {
			t = t.cut(3)
		}
		t.write(a.Err, nil)
	}
	if p.Reason == "Internal" && p.Instance != nil {
		fmt.Fprintf(a.Err, "Request: %s\n", strings.TrimPrefix(*p.Instance, "urn:plaza:request:"))
	}
}

func shown(v any) string {
	if v == nil || v == "" {
		return ""
	}
	return fmt.Sprintf(" (given: %v)", v)
}

// value is what p points to, or the zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// opt points to v, or is nil for the zero value.
func opt[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
