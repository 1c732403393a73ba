package dpath_test

import (
	"bytes"
	"fmt"
	"html"
	"time"
)

// Measures of a plot, in pixels.
const (
	plotWidth, plotHeight = 960, 360
	plotLeft, plotTop     = 70, 60
)

// plot draws each call as a dot, by when it began and how long it took, as SVG.
// Rounds with more load are shaded.
func plot(title string, rounds []round) []byte {
	start, end, longest := rounds[0].begun, rounds[len(rounds)-1].ended, time.Duration(0)
	for _, r := range rounds {
		for _, s := range r.samples {
			longest = max(longest, s.took)
		}
	}
	x := func(at time.Time) float64 {
		return plotLeft + plotWidth*at.Sub(start).Seconds()/end.Sub(start).Seconds()
	}
	y := func(d time.Duration) float64 { return plotTop + plotHeight*(1-d.Seconds()/longest.Seconds()) }
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n",
		plotLeft+plotWidth+20, plotTop+plotHeight+50)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="white"/><text x="%d" y="24" font-size="16">%s</text>`+"\n", plotLeft, html.EscapeString(title))
	legend(&b)
	for _, r := range rounds {
		if r.loud {
			fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="#eee"/>`+"\n", x(r.begun), plotTop, x(r.ended)-x(r.begun), plotHeight)
		}
	}
	axes(&b, end.Sub(start), longest, func(at time.Duration) float64 { return x(start.Add(at)) }, y)
	label := ""
	for _, r := range rounds {
		if r.label != label {
			label = r.label
			fmt.Fprintf(&b, `<line x1="%.1f" x2="%[1]f" y1="%d" y2="%d" stroke="black"/><text x="%.1f" y="%d">%s</text>`+"\n",
				x(r.begun), plotTop, plotTop+plotHeight, x(r.begun)+6, plotTop+16, html.EscapeString(label))
		}
	}
	for _, r := range rounds {
		for _, s := range r.samples {
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="1.6" fill="%s"/>`+"\n", x(s.begun), y(s.took), colour(s))
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func colour(s sample) string {
	switch {
	case s.err != nil:
		return "#d62728"
	case s.env != "":
		return "#1f77b4"
	}
	return "#ff9f40"
}

func legend(b *bytes.Buffer) {
	for i, s := range []struct{ colour, text string }{
		{"#1f77b4", "labelled"}, {"#ff9f40", "common"}, {"#d62728", "failed"}, {"#ddd", "ten times the common calls"}} {
		fmt.Fprintf(b, `<circle cx="%d" cy="40" r="5" fill="%s"/><text x="%d" y="44">%s</text>`+"\n",
			plotLeft+5+100*i, s.colour, plotLeft+15+100*i, s.text)
	}
}

// axes draws five steps of either scale.
func axes(b *bytes.Buffer, span, longest time.Duration, x, y func(time.Duration) float64) {
	const steps = 5
	part := func(of time.Duration, i int) time.Duration { return of / steps * time.Duration(i) }
	for i := range steps + 1 {
		d, at := part(longest, i), part(span, i)
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%[3]f" stroke="#ccc"/><text x="%d" y="%.1f" text-anchor="end">%d ms</text>`+"\n",
			plotLeft, plotLeft+plotWidth, y(d), plotLeft-6, y(d)+4, d.Milliseconds())
		fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%.0f s</text>`+"\n", x(at), plotTop+plotHeight+20, at.Seconds())
	}
}
