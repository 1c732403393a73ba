package verify

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Plot shows how long calls took beside what went on meanwhile.
type Plot struct {
	Title  string  `json:"title"`
	Busy   string  `json:"busy,omitempty"` // what shaded phases have more of
	Phases []Phase `json:"phases"`         // in the order of time
}

// Phase is a span of time under one condition.
type Phase struct {
	Label string    `json:"label"`
	Busy  bool      `json:"busy,omitempty"`
	Begun time.Time `json:"begun"`
	Ended time.Time `json:"ended"`
	Calls []Call    `json:"calls"`
}

// Call is one call of a plot.
type Call struct {
	Env    string        `json:"env,omitempty"` // empty for a common call
	Begun  time.Time     `json:"begun"`
	Took   time.Duration `json:"took"` // nanoseconds
	Failed bool          `json:"failed,omitempty"`
}

// WriteSVG draws a picture that stands by itself.
func (p Plot) WriteSVG(w io.Writer) error { return templates.ExecuteTemplate(w, "plot", p.draw()) }

// Measures of a plot, in pixels.
const (
	plotWidth, plotHeight = 960, 360
	plotLeft, plotTop     = 70, 60
	plotSteps             = 5 // of either scale
)

// drawing is a plot as the template draws it.
type drawing struct {
	Title, Busy              string
	Width, Height            int
	Left, Right, Top, Bottom int
	Shades                   []shade
	Rows, Columns, Parts     []mark
	Dots                     []dot
	Quantiles                []quantile
}

type shade struct{ X, Width float64 }

type mark struct {
	At   float64
	Text string
}

type dot struct {
	X, Y float64
	Kind string // labelled, common or failed
}

type quantile struct {
	X1, X2, Y float64
	Text      string
}

// draw puts each call where it began and how long it took. Busy phases are
// shaded; a line shows the 99th percentile of the labelled calls of each phase.
func (p Plot) draw() drawing {
	d := drawing{Title: p.Title, Busy: p.Busy, Width: plotLeft + plotWidth + 30, Height: plotTop + plotHeight + 50,
		Left: plotLeft, Right: plotLeft + plotWidth, Top: plotTop, Bottom: plotTop + plotHeight}
	if len(p.Phases) == 0 {
		return d
	}
	begun, longest := p.Phases[0].Begun, time.Millisecond
	span := max(p.Phases[len(p.Phases)-1].Ended.Sub(begun), time.Millisecond)
	for _, phase := range p.Phases {
		for _, c := range phase.Calls {
			longest = max(longest, c.Took)
		}
	}
	x := func(at time.Time) float64 { return plotLeft + plotWidth*at.Sub(begun).Seconds()/span.Seconds() }
	y := func(took time.Duration) float64 { return plotTop + plotHeight*(1-took.Seconds()/longest.Seconds()) }
	for i := range plotSteps + 1 {
		took, at := longest*time.Duration(i)/plotSteps, span*time.Duration(i)/plotSteps
		d.Rows = append(d.Rows, mark{y(took), fmt.Sprintf("%d ms", took.Milliseconds())})
		d.Columns = append(d.Columns, mark{x(begun.Add(at)), fmt.Sprintf("%.0f s", at.Seconds())})
	}
	label := ""
	for _, phase := range p.Phases {
		if phase.Busy {
			d.Shades = append(d.Shades, shade{x(phase.Begun), x(phase.Ended) - x(phase.Begun)})
		}
		if phase.Label != label {
			label = phase.Label
			d.Parts = append(d.Parts, mark{x(phase.Begun), label})
		}
		for _, c := range phase.Calls {
			d.Dots = append(d.Dots, dot{x(c.Begun), y(c.Took), c.kind()})
		}
		if took := phase.labelled(0.99); took > 0 {
			d.Quantiles = append(d.Quantiles, quantile{x(phase.Begun), x(phase.Ended), y(took), fmt.Sprintf("%d", took.Milliseconds())})
		}
	}
	return d
}

func (c Call) kind() string {
	switch {
	case c.Failed:
		return "failed"
	case c.Env != "":
		return "labelled"
	}
	return "common"
}

// labelled is a duration that the share q of the labelled calls did not exceed; 0 without calls.
func (p Phase) labelled(q float64) time.Duration {
	var took []time.Duration
	for _, c := range p.Calls {
		if c.Env != "" && !c.Failed {
			took = append(took, c.Took)
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[min(int(q*float64(len(took))), len(took)-1)]
}
