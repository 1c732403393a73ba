package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/itchyny/gojq"
)

// report is a result in every form that it may be asked for.
type report struct {
	header []string
	extra  int        // how many of the last columns are for wide and csv only
	rows   [][]string // as header
	names  []string   // one a row, for -o name
	data   any        // for json, yaml and jq
}

func (r *report) add(name string, row ...string) {
	r.names = append(r.names, name)
	r.rows = append(r.rows, row)
}

func (a *app) checkOutput() error {
	switch o := a.o.output; {
	case o == "table", o == "wide", o == "json", o == "yaml", o == "csv", o == "name":
		return nil
	case strings.HasPrefix(o, "jq="):
		if _, err := gojq.Parse(o[3:]); err != nil {
			return usagef("-o %s: %w", o, err)
		}
		return nil
	}
	return usagef("-o %s is not one of table, wide, json, yaml, csv, name, jq=EXPRESSION", a.o.output)
}

// plain tells whether people read the output.
func (a *app) plain() bool { return a.o.output == "table" || a.o.output == "wide" }

// print writes a result as -o says.
func (a *app) print(r report) error {
	switch a.o.output {
	case "table", "wide":
		t := table{header: r.header, rows: r.rows}
		if a.o.output == "table" && r.extra > 0 {
			t = t.cut(len(r.header) - r.extra)
		}
		style := paint
		if !a.styled(a.Out) {
			style = nil
		}
		t.write(a.Out, style)
		return nil
	case "csv":
		w := csv.NewWriter(a.Out)
		if err := w.Write(r.header); err != nil {
			return err
		}
		return w.WriteAll(r.rows)
	case "name":
		for _, n := range r.names {
			fmt.Fprintln(a.Out, n)
		}
		return nil
	}
	return a.printData(r.data)
}

func (t table) cut(n int) table {
	out := table{header: t.header[:n]}
	for _, r := range t.rows {
		out.rows = append(out.rows, r[:n])
	}
	return out
}

// printData writes JSON, YAML, or what a jq expression makes of it.
func (a *app) printData(data any) error {
	text, err := encode(data)
	if err != nil {
		return err
	}
	switch {
	case a.o.output == "yaml":
		if text, err = toYAML(text); err == nil {
			_, err = a.Out.Write(text)
		}
		return err
	case strings.HasPrefix(a.o.output, "jq="):
		return filter(a.Out, a.o.output[3:], text)
	}
	_, err = a.Out.Write(text)
	return err
}

// encode writes indented JSON and leaves & < > as they are.
func encode(data any) ([]byte, error) {
	var raw, b bytes.Buffer
	e := json.NewEncoder(&raw)
	e.SetEscapeHTML(false)
	if err := e.Encode(data); err != nil {
		return nil, err
	}
	err := json.Indent(&b, bytes.TrimSpace(raw.Bytes()), "", "  ")
	b.WriteByte('\n')
	return b.Bytes(), err
}

// toYAML keeps the order of fields; long text becomes a block.
func toYAML(text []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := ordered(d)
	if err != nil {
		return nil, err
	}
	return yaml.MarshalWithOptions(v, yaml.UseLiteralStyleIfMultiline(true))
}

// ordered reads a JSON value with its objects in the order of the text.
func ordered(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			out := yaml.MapSlice{}
			for d.More() {
				key, err := d.Token()
				if err != nil {
					return nil, err
				}
				v, err := ordered(d)
				if err != nil {
					return nil, err
				}
				out = append(out, yaml.MapItem{Key: key, Value: v})
			}
			_, err = d.Token()
			return out, err
		}
		out := []any{}
		for d.More() {
			v, err := ordered(d)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		_, err = d.Token()
		return out, err
	case json.Number:
		if n, err := t.Int64(); err == nil {
			return n, nil
		}
		return t.Float64()
	}
	return token, nil
}

// filter writes the results of a jq expression, strings without quotes.
func filter(w io.Writer, expression string, text []byte) error {
	q, err := gojq.Parse(expression)
	if err != nil {
		return err
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	for iter := q.Run(v); ; {
		v, ok := iter.Next()
		if !ok {
			return nil
		}
		if err, ok := v.(error); ok {
			return fmt.Errorf("jq: %w", err)
		}
		if s, ok := v.(string); ok {
			fmt.Fprintln(w, s)
			continue
		}
		out, err := encode(v)
		if err != nil {
			return err
		}
		if _, err := w.Write(out); err != nil {
			return err
		}
	}
}
