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

// RouteError says why a call can not be taken. [Pick] returns the shared
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

// Why a call of a rehearsal is refused.
var (
	ErrRehearsalOff = &RouteError{
		Reason:  "rehearsal_off",
		Message: "the call belongs to a rehearsal, and rehearsals are switched off",
		Hint:    "set rehearsal.enable in the rule document, or stop the generator",
	}
	ErrShadowLost = &RouteError{
		Reason:  "shadow_lost",
		Message: "the call says that it belongs to a rehearsal, but its label is not valid",
		Hint:    "have every hop carry the label on, and look at dpath_label_invalid_total",
	}
	ErrNoShadow = &RouteError{
		Reason:  "no_shadow",
		Message: "the call belongs to a rehearsal, for which nothing is kept apart from what is real here",
		Hint:    "give the process stores of the rehearsal's own and declare that, or name a simulator in rehearsal.simulators",
	}
)
