package verify

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// Kinds of violations.
const (
	Exclusion  = "exclusion"  // a dedicated node served a common call
	CrossLane  = "cross_lane" // a node of one environment served another's call
	Preference = "preference" // a labelled call left its lane without a reason
	LabelLost  = "label_lost" // a hop of a labelled call saw no environment, or another
	LabelMade  = "label_made" // a hop of a common call saw an environment
	TrailGap   = "trail_gap"  // a hop's trail was missing, altered or cut short
)

// Report is the outcome of a run.
type Report struct {
	Violations int            `json:"violations"`
	ByKind     map[string]int `json:"byKind"`
	Common     int            `json:"common"`   // common probes with a verified trail
	Labelled   int            `json:"labelled"` // labelled probes with a verified trail
	ByEnv      map[string]int `json:"byEnv"`
	// Bound is the upper bound of the true rate of violations at 95 %
	// confidence, when none was found: 3 / N of the smaller kind sent.
	Bound           float64                   `json:"bound"`
	GuardRefusals   int                       `json:"guardRefusals"`
	Errors          int                       `json:"errors"`       // failed attempts
	Failed          int                       `json:"failed"`       // probes given up
	ErrorSamples    []string                  `json:"errorSamples"` // the first few
	Hops            map[string]map[string]int `json:"hops"`         // app → pool → calls served
	Decisions       map[string]int            `json:"decisions"`    // why callers chose
	Versions        map[uint64]int            `json:"versions"`     // configuration versions seen
	ConfigHash      string                    `json:"configHash"`   // of the entry's document, first 16 digits
	Control         []string                  `json:"control"`      // protections disabled for the probes
	DurationSeconds float64                   `json:"durationSeconds"`
	Examples        []Violation               `json:"examples"` // the first few
}

// Violation is one broken guarantee.
type Violation struct {
	Kind string      `json:"kind"`
	Env  string      `json:"env,omitempty"` // environment of the probe
	Path string      `json:"path"`
	Hop  trail.Hop   `json:"hop"`
	Hops []trail.Hop `json:"trail"`
}

// String tells the kind, the probe, and the nodes it came to in turn.
func (v Violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s probe of %s", v.Kind, cmp.Or(v.Env, "common"), v.Path)
	for _, h := range v.Hops {
		fmt.Fprintf(&b, " → %s %s (%s, %s", h.App, h.Node, cmp.Or(h.Lane, h.Pool()), h.Decision)
		if h.Env != v.Env {
			fmt.Fprintf(&b, ", as %s", cmp.Or(h.Env, "common"))
		}
		b.WriteByte(')')
	}
	return b.String()
}

const samples = 5

func newReport(control []string) Report {
	return Report{
		ByKind: map[string]int{}, ByEnv: map[string]int{}, Hops: map[string]map[string]int{}, Decisions: map[string]int{},
		Versions: map[uint64]int{}, Control: append([]string{}, control...), Examples: []Violation{}, ErrorSamples: []string{},
	}
}

// add takes in what became of a probe.
func (r *Report) add(p outcome) {
	r.Errors += p.errors
	if p.err != nil {
		r.fail(p.err)
		return
	}
	r.judge(p.env, p.path, p.trail)
}

// judge holds one trail against the guarantees.
func (r *Report) judge(env, path string, t trail.Trail) {
	if env == "" {
		r.Common++
	} else {
		r.Labelled++
		r.ByEnv[env]++
	}
	r.ConfigHash = t.ConfigHash
	if t.Broken+t.Dropped > 0 {
		r.violate(Violation{Kind: TrailGap, Env: env, Path: path, Hops: t.Hops})
	}
	for _, h := range t.Hops {
		r.Versions[h.Version]++
		if h.Decision == trail.Refused {
			r.GuardRefusals++
			continue
		}
		r.count(h)
		if kind := kindOf(env, h); kind != "" {
			r.violate(Violation{Kind: kind, Env: env, Path: path, Hop: h, Hops: t.Hops})
		}
	}
}

func (r *Report) count(h trail.Hop) {
	pools := r.Hops[h.App]
	if pools == nil {
		pools = map[string]int{}
		r.Hops[h.App] = pools
	}
	pools[h.Pool()]++
	r.Decisions[h.Decision]++
}

// kindOf names the guarantee a served hop breaks, or "".
func kindOf(env string, h trail.Hop) string {
	switch {
	case h.Lane != "" && env == "":
		return Exclusion
	case h.Lane != "" && h.Lane != env:
		return CrossLane
	case env == "" && h.Env != "":
		return LabelMade
	case env != h.Env:
		return LabelLost
	case env != "" && h.Lane == "" && (h.Decision == dpath.Dedicated || h.Decision == dpath.Common):
		return Preference
	}
	return ""
}

func (r *Report) violate(v Violation) {
	r.Violations++
	r.ByKind[v.Kind]++
	if len(r.Examples) < samples {
		r.Examples = append(r.Examples, v)
	}
}

func (r *Report) fail(err error) {
	r.Failed++
	if len(r.ErrorSamples) < samples {
		r.ErrorSamples = append(r.ErrorSamples, err.Error())
	}
}

func (r *Report) finish() {
	n := r.Common
	if n == 0 || r.Labelled > 0 && r.Labelled < n {
		n = r.Labelled
	}
	r.Bound = 1
	if n > 0 {
		r.Bound = min(1, 3/float64(n))
	}
}

// Sees tells whether a control found what it must: common calls on dedicated
// nodes, or calls on another environment's. If not, the verifier is blind.
func (r Report) Sees() bool { return r.ByKind[Exclusion]+r.ByKind[CrossLane] > 0 }

// Sent is how many probes came back or were given up.
func (r Report) Sent() int { return r.Common + r.Labelled + r.Failed }

// Err is nil when every probe came back and no guarantee was broken.
func (r Report) Err() error {
	switch {
	case r.Violations > 0:
		return fmt.Errorf("dpath verify: %d violations, first: %s", r.Violations, r.Examples[0])
	case r.Failed > 0:
		return fmt.Errorf("dpath verify: %d probes gave no trail, first: %s", r.Failed, r.ErrorSamples[0])
	}
	return nil
}
