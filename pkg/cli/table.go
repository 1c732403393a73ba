package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"
)

// table is text in columns.
type table struct {
	header []string
	rows   [][]string
}

// write aligns columns by what a terminal shows; paint may colour a cell, given its header, and is nil for none.
func (t table) write(to io.Writer, paint func(header, cell string) string) {
	w := bufio.NewWriter(to)
	defer w.Flush() //nolint:errcheck // whoever reads has gone
	widths := make([]int, len(t.header))
	for i, h := range t.header {
		widths[i] = columns(h)
	}
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(clean(cell)))
		}
	}
	line := func(row []string, paint func(header, cell string) string) {
		var b strings.Builder
		for i, cell := range row {
			cell = clean(cell)
			gap := strings.Repeat(" ", widths[i]-columns(cell)+2)
			if paint != nil {
				cell = paint(t.header[i], cell)
			}
			b.WriteString(cell)
			b.WriteString(gap)
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
	line(t.header, nil)
	for _, row := range t.rows {
		line(row, paint)
	}
}

// clean keeps a cell on its line and out of the terminal's controls.
func clean(cell string) string {
	if cell == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, cell)
}

// columns counts the cells that a terminal uses: Chinese characters take two, combining marks none.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r <= unicode.MaxASCII:
			n++
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

const (
	green  = "32"
	yellow = "33"
	red    = "31"
	grey   = "90"
)

var colours = map[string]string{"Ready": green, "succeeded": green, "true": green, "Failed": red, "failed": red, "Degraded": red, "false": red,
	"Pending": yellow, "Working": yellow, "Deleting": yellow, "running": "", "pending": yellow, "cancelled": grey}

// paint colours states.
func paint(header, cell string) string {
	switch header {
	case "PHASE", "STATE", "ALIVE", "HEALTHY":
		if c := colours[cell]; c != "" {
			return coloured(c, cell)
		}
	}
	return cell
}

func coloured(colour, text string) string { return "\x1b[" + colour + "m" + text + "\x1b[0m" }

// age tells how long ago something was, in the largest unit that is not 0.
func (a *app) age(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := max(a.Now().Sub(t), 0)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

func stamp(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
