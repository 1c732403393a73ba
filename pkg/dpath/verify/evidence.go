package verify

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// Evidence is what a verification found, with all that others need to judge it.
// Its JSON holds the same as its page.
type Evidence struct {
	Entry    string    `json:"entry"`            // what was verified: a URL, or the name of a bundle
	Sender   string    `json:"sender,omitempty"` // the machine and the program that sent the probes
	Paths    []string  `json:"paths,omitempty"`
	Envs     []string  `json:"envs,omitempty"`
	Begun    time.Time `json:"begun"`
	Ended    time.Time `json:"ended"`
	Status   *Status   `json:"status,omitempty"` // of continuous verification; the report is its window
	Report   Report    `json:"report"`
	Controls []Report  `json:"controls,omitempty"` // with protections off on purpose
	Plots    []Plot    `json:"plots,omitempty"`
}

// Err is nil when the report has none and every control found what it must.
func (e Evidence) Err() error {
	if err := e.Report.Err(); err != nil {
		return err
	}
	for _, c := range e.Controls {
		if !c.Sees() {
			return fmt.Errorf("dpath verify: with %s off no call was found astray, so the report proves nothing; do the probes reach apps with dedicated nodes?", strings.Join(c.Control, " and "))
		}
	}
	return nil
}

//go:embed evidence.html.tmpl
var pageText string

//go:embed plot.svg.tmpl
var plotText string

var templates = template.Must(template.Must(template.New("evidence").Funcs(template.FuncMap{
	"px":      func(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) },
	"colour":  func(kind string) string { return colours[kind] },
	"n":       thousands,
	"time":    func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
	"join":    strings.Join,
	"kind":    func(name string) string { return kinds[name] },
	"why":     func(name string) string { return decisions[name] },
	"drawing": Plot.draw,
}).Parse(pageText)).Parse(plotText))

// WriteHTML writes a page that needs nothing else.
func (e Evidence) WriteHTML(w io.Writer) error { return templates.Execute(w, newPage(e)) }

var colours = map[string]string{"labelled": "#1f77b4", "common": "#ff9f40", "failed": "#d62728"}

// kinds tells what each kind of violation means.
var kinds = map[string]string{
	Exclusion:  "a dedicated node served a common call",
	CrossLane:  "a node of one environment served another's call",
	Preference: "a labelled call left its lane without a reason",
	LabelLost:  "a node saw a labelled call without its environment, or with another",
	LabelMade:  "a node saw an environment on a common call",
	TrailGap:   "a node gave no trail, or one that was altered or cut short",
}

// decisions tells why a caller chose a node.
var decisions = map[string]string{
	dpath.Off:         "dedicated nodes are switched off",
	dpath.Common:      "a common call, to a public node",
	dpath.CommonEmpty: "a common call, and there was no public node",
	dpath.Shared:      "the environment has no nodes of the app: a public one",
	dpath.Dedicated:   "a labelled call, to a node of its environment",
	dpath.Failover:    "too few nodes of the environment can be used: a public one helps",
	dpath.StrictFail:  "no node of a strict environment can be used",
	dpath.Spill:       "the environment's nodes are full: a public one helps",
	dpath.Retry:       "a further attempt, by the same rules",
	trail.Entered:     "where the call came in",
}

// page is what the template shows.
type page struct {
	Evidence
	Verdict, Word string // holds, broken or open, and what that means
	Plain         string // the bound in words
	Sent          []count
	Versions      []count
	Decisions     []count
	Lanes         []laneRow
	LanesHeight   int
	ByKind        []count
}

type count struct {
	Name string
	N    int
}

// laneRow is an app in the lane map: the calls that its nodes served, by pool.
type laneRow struct {
	App  string
	Y    int
	Bars []laneBar
}

type laneBar struct {
	Pool       string
	Y, N       int
	Width, End float64 // of the bar, and where its figure stands
}

// Measures of the lane map, in pixels.
const (
	laneBarLeft  = 250
	laneBarWidth = 420.0
	laneBarStep  = 20
	laneRowGap   = 12
)

func newPage(e Evidence) page {
	r := e.Report
	p := page{Evidence: e, Plain: r.plain(), Decisions: counts(r.Decisions), ByKind: counts(r.ByKind), Sent: []count{{"common", r.Common}}}
	p.Verdict, p.Word = e.verdict()
	p.Sent = append(p.Sent, counts(r.ByEnv)...)
	for _, v := range slices.Sorted(maps.Keys(r.Versions)) {
		p.Versions = append(p.Versions, count{fmt.Sprint(v), r.Versions[v]})
	}
	p.Lanes, p.LanesHeight = lanes(r.Hops)
	return p
}

func (e Evidence) verdict() (verdict, word string) {
	r := e.Report
	switch {
	case r.Violations > 0:
		return "broken", "The dedicated paths do not hold"
	case len(r.Control) > 0:
		return "open", "Protections were off: this is no proof"
	case e.Status != nil && e.Status.State != OK:
		return "open", "It is not known whether the dedicated paths hold"
	case e.Status == nil && (e.Err() != nil || r.Common+r.Labelled == 0):
		return "open", "It is not proved that the dedicated paths hold"
	}
	return "holds", "The dedicated paths hold"
}

// plain says in words what the figures mean.
func (r Report) plain() string {
	sent := fmt.Sprintf("%s common and %s labelled probes", thousands(r.Common), thousands(r.Labelled))
	switch {
	case r.Violations > 0:
		return fmt.Sprintf("%s violations were found in %s. Each is one node that served, or saw, a call against a guarantee.", thousands(r.Violations), sent)
	case r.Common+r.Labelled == 0:
		return "No probe came back, so nothing is proved."
	case r.Common == 0:
		return fmt.Sprintf("No violation was found in %s; with 95 %% confidence fewer than %.3g %% of labelled calls go astray. Common calls were not looked at.", sent, 100*r.Bound)
	case r.Labelled == 0:
		return fmt.Sprintf("No violation was found in %s; with 95 %% confidence fewer than %.3g %% of common calls go astray. Labelled calls were not looked at.", sent, 100*r.Bound)
	}
	among := fmt.Sprintf("%.2g in 10,000", 10_000*r.Bound)
	if r.Bound >= 0.01 {
		among = fmt.Sprintf("%.0f in 100", 100*r.Bound)
	}
	return fmt.Sprintf("No violation was found in %s. With 95 %% confidence fewer than %.3g %% of calls, that is %s, go astray: no more than 3 / N for N probes of the rarer sort.", sent, 100*r.Bound, among)
}

func counts(m map[string]int) (out []count) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, count{name, m[name]})
	}
	return out
}

// lanes lays the lane map out: a row for each app, a bar for each pool.
func lanes(hops map[string]map[string]int) (rows []laneRow, height int) {
	most := 1
	for _, pools := range hops {
		for _, n := range pools {
			most = max(most, n)
		}
	}
	for _, app := range slices.Sorted(maps.Keys(hops)) {
		row := laneRow{App: app, Y: height}
		for _, pool := range []string{dpath.PoolPublic.String(), dpath.PoolDedicated.String()} {
			n := hops[app][pool]
			width := laneBarWidth * float64(n) / float64(most)
			row.Bars = append(row.Bars, laneBar{Pool: pool, Y: height, N: n, Width: width, End: laneBarLeft + width + 8})
			height += laneBarStep
		}
		rows = append(rows, row)
		height += laneRowGap
	}
	return rows, height
}

// thousands writes 12345 as 12,345.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
