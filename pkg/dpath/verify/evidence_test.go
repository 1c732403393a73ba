package verify_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath/internal/rig"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
	"github.com/plazacloud/plaza/pkg/dpath/verify"
)

var t0 = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

func html(t *testing.T, e verify.Evidence) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, e.WriteHTML(&b))
	for _, outside := range []string{"src=", "href=", "url(", "@import", "<script", "ZgotmplZ"} {
		require.NotContains(t, b.String(), outside, "the page needs nothing else")
	}
	return b.String()
}

// The page of a real run has its figures, and JSON keeps all of it.
func TestEvidenceOfARun(t *testing.T) {
	r := rig.New(t, []string{"a"}, nil)
	e := verify.Evidence{Entry: r.Entry.URL, Sender: "a test", Paths: []string{"/v1/a", "/v1/b"}, Envs: []string{"a"}, Begun: t0, Ended: t0.Add(time.Second),
		Report: run(t, r, []string{"a"}, 300)}
	require.NoError(t, e.Err())
	require.Contains(t, html(t, e), "No negative control was run")
	e.Controls = []verify.Report{run(t, r, []string{"a"}, 50, "guard", "filter")}
	require.NoError(t, e.Err())
	page := html(t, e)
	for _, want := range []string{
		"<h1>The dedicated paths hold</h1>", "300 common and 300 labelled probes", "fewer than 1 % of calls, that is 1 in 100,",
		"found, as must be", "2026-11-11 00:00:00 UTC to 2026-11-11 00:00:01 UTC", "version 1 at 2,400 hops",
		"<code>" + r.Store.Current().Hash()[:16] + "</code>", "<code>GET /v1/a</code>, <code>GET /v1/b</code>", "a labelled call, to a node of its environment",
	} {
		require.Contains(t, page, want)
	}
	for _, app := range rig.Apps {
		require.Contains(t, page, ">"+app+"</text>")
	}
	require.Equal(t, 8, strings.Count(page, ">300</text>"), "a bar for each pool of each app")

	text, err := json.Marshal(e)
	require.NoError(t, err)
	var back verify.Evidence
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, e, back)

	e.Controls[0].ByKind = map[string]int{}
	require.ErrorContains(t, e.Err(), "proves nothing")
	require.Contains(t, html(t, e), "<h1>It is not proved that the dedicated paths hold</h1>")
	require.Contains(t, html(t, e), "the check is blind")
}

// What apps, nodes and errors are called comes from elsewhere, and must not become part of the page.
func TestEvidenceEscapesWhatIsHostile(t *testing.T) {
	const evil = `"><script>alert('x')</script><b onload=y>&{{.}}`
	hop := trail.Hop{App: evil, Node: evil, Lane: evil, Env: evil, Decision: evil, Version: 7}
	e := verify.Evidence{Entry: evil, Sender: evil, Paths: []string{evil}, Envs: []string{evil}, Begun: t0, Ended: t0,
		Status: &verify.Status{State: verify.Alarm, Since: t0, Reason: evil},
		Report: verify.Report{Violations: 1, ByKind: map[string]int{evil: 1}, Common: 1, ByEnv: map[string]int{evil: 1}, Failed: 1, ErrorSamples: []string{evil},
			Hops: map[string]map[string]int{evil: {"public": 1, evil: 2}}, Decisions: map[string]int{evil: 1}, Versions: map[uint64]int{7: 1}, ConfigHash: evil, Control: []string{evil},
			Examples: []verify.Violation{{Kind: evil, Env: evil, Path: evil, Hop: hop, Hops: []trail.Hop{{App: "first"}, hop}}}},
		Controls: []verify.Report{{Control: []string{evil}}},
		Plots:    []verify.Plot{{Title: evil, Busy: evil, Phases: []verify.Phase{{Label: evil, Begun: t0, Ended: t0.Add(1), Calls: []verify.Call{{Env: evil, Begun: t0}}}}}},
	}
	page := html(t, e)
	require.NotContains(t, page, "<b onload")
	require.Greater(t, strings.Count(page, "&lt;script&gt;"), 15)
	require.Contains(t, page, "<h1>The dedicated paths do not hold</h1>")
	require.Equal(t, 1, strings.Count(page, `<li class="astray">`))
	wellFormed(t, e.Plots[0])
}

// Nothing at all is no proof, and no failure of the page either.
func TestEvidenceOfNothing(t *testing.T) {
	page := html(t, verify.Evidence{})
	require.Contains(t, page, "It is not proved that the dedicated paths hold")
	require.Contains(t, page, "No probe came back, so nothing is proved.")
	for want, r := range map[string]verify.Report{
		"of common calls go astray. Labelled calls were not looked at":    {Common: 10, Bound: .3},
		"of labelled calls go astray. Common calls were not looked at":    {Labelled: 10, Bound: .3},
		"2 violations were found in 1,234,567 common and 10 labelled":     {Common: 1234567, Labelled: 10, Violations: 2, Examples: []verify.Violation{{}}},
		"<h1>It is not proved that the dedicated paths hold</h1>":         {Common: 1, Failed: 1, ErrorSamples: []string{"x"}},
		"<h1>Protections were off: this is no proof</h1>":                 {Common: 1, Control: []string{"guard"}},
		`<td class="bad">guard, filter</td>`:                              {Common: 1, Control: []string{"guard", "filter"}},
		"<li class=\"astray\">no node left a trail</li>":                  {Violations: 1, Examples: []verify.Violation{{Kind: verify.TrailGap}}},
		"a node gave no trail, or one that was altered or cut short</td>": {Violations: 1, ByKind: map[string]int{verify.TrailGap: 1}, Examples: []verify.Violation{{}}},
	} {
		require.Contains(t, html(t, verify.Evidence{Report: r}), want)
	}
	for state, want := range map[verify.State]string{verify.OK: "The dedicated paths hold", verify.Blind: "It is not known whether", verify.Unknown: "It is not known whether"} {
		require.Contains(t, html(t, verify.Evidence{Status: &verify.Status{State: state}, Report: verify.Report{Common: 1, Failed: 1, ErrorSamples: []string{"x"}}}), "<h1>"+want)
	}
}

func wellFormed(t *testing.T, p verify.Plot) (text string, circles int) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, p.WriteSVG(&b))
	text = b.String()
	d := xml.NewDecoder(&b)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text, circles
		}
		require.NoError(t, err, text)
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "circle" {
			circles++
		}
	}
}

func TestPlot(t *testing.T) {
	p := verify.Plot{Title: "Latency", Busy: "more"}
	for i, busy := range []bool{false, true} {
		begun := t0.Add(time.Duration(i) * time.Second)
		phase := verify.Phase{Label: "on", Busy: busy, Begun: begun, Ended: begun.Add(time.Second)}
		for n := range 100 {
			at := begun.Add(time.Duration(n) * 10 * time.Millisecond)
			phase.Calls = append(phase.Calls, verify.Call{Env: "a", Begun: at, Took: time.Duration(n+1) * time.Millisecond}, verify.Call{Begun: at, Took: 200 * time.Millisecond, Failed: n == 0})
		}
		p.Phases = append(p.Phases, phase)
	}
	text, circles := wellFormed(t, p)
	const legend = 3
	require.Equal(t, legend+400, circles)
	require.Equal(t, 1+2, strings.Count(text, `fill="#d62728"`), "one failed in each phase")
	require.Equal(t, 2, strings.Count(text, `font-size="10" fill="currentColor">100</text>`), "the p99 of labelled calls in ms")
	require.Equal(t, 1, strings.Count(text, `fill-opacity=".15"`), "one phase is shaded")
	require.Equal(t, 1, strings.Count(text, ">on</text>"))
	wellFormed(t, verify.Plot{})
	wellFormed(t, verify.Plot{Phases: []verify.Phase{{}}})
}
