package dpath

import (
	"fmt"
	"strings"
)

// Problem is one fault or warning about a rule document.
type Problem struct {
	Path    string `json:"path"`           // JSON path such as $.envRules[0].envName
	Reason  string `json:"reason"`         // machine-readable, snake case
	Message string `json:"message"`        // one sentence
	Hint    string `json:"hint,omitempty"` // the nearest fix
}

// String gives "path: message".
func (p Problem) String() string { return p.Path + ": " + p.Message }

// InvalidError says that a rule document is refused as a whole, and lists
// every fault found.
type InvalidError struct {
	Problems []Problem
}

// Error lists the first faults.
func (e *InvalidError) Error() string {
	const shown = 3
	var lines []string
	for i, p := range e.Problems {
		if i == shown {
			lines = append(lines, fmt.Sprintf("and %d more", len(e.Problems)-shown))
			break
		}
		lines = append(lines, p.String())
	}
	return "dpath: invalid rule document: " + strings.Join(lines, "; ")
}

// maxProblems bounds what one refused document can make us remember.
const maxProblems = 100

// findings collects problems while a document is checked.
type findings struct {
	problems []Problem
	warnings []Problem
}

func (f *findings) add(path, reason, hint, format string, args ...any) {
	if len(f.problems) < maxProblems {
		f.problems = append(f.problems, Problem{Path: path, Reason: reason, Hint: hint, Message: fmt.Sprintf(format, args...)})
	}
}

func (f *findings) warn(path, reason, hint, format string, args ...any) {
	if len(f.warnings) < maxProblems {
		f.warnings = append(f.warnings, Problem{Path: path, Reason: reason, Hint: hint, Message: fmt.Sprintf(format, args...)})
	}
}

func (f *findings) err() error {
	if len(f.problems) == 0 {
		return nil
	}
	return &InvalidError{Problems: f.problems}
}

// RouteError says why no node can take a call. [Pick] returns the shared
// values [ErrNoPublicNode], [ErrLaneUnavailable] and [ErrUnknownApp].
type RouteError struct {
	Reason  string // machine-readable, snake case
	Message string
	Hint    string
}

// Error gives the sentence.
func (e *RouteError) Error() string { return "dpath: " + e.Message }

// Why no node can take a call.
var (
	ErrNoPublicNode = &RouteError{
		Reason:  "no_public_node",
		Message: "no public node of the app is usable",
		Hint:    "dedicated nodes never take common traffic; add or repair public nodes",
	}
	ErrLaneUnavailable = &RouteError{
		Reason:  "lane_unavailable",
		Message: "no dedicated node of the strict environment is usable",
		Hint:    "repair the dedicated nodes, or set failoverPolicy 0 to share public nodes",
	}
	ErrUnknownApp = &RouteError{
		Reason:  "unknown_app",
		Message: "the app is not in the registry",
		Hint:    "register the app's nodes, or correct the app name",
	}
)
