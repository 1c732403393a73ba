package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

type listOptions struct {
	labels   []string
	fields   []string
	filters  []string
	search   string
	sort     string
	selected []string
	count    string
	phase    string
	owner    string
	limit    int
	all      bool
	watch    bool
}

func (o *listOptions) AddFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&o.labels, "label", "l", nil, "only with this label, key=value; repeatable")
	f.StringArrayVar(&o.fields, "field", nil, "only with this value, path=value; repeatable")
	f.StringArrayVar(&o.filters, "filter", nil, "only what this holds for, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; repeatable")
	f.StringVar(&o.search, "search", "", "only with these words somewhere in the name or in the value of a label")
	f.StringVar(&o.sort, "sort", "", "by name, phase, createdAt or updatedAt; with - before it from the top down")
	f.StringSliceVar(&o.selected, "fields", nil, "show these paths and nothing else, such as name,status.address")
	f.StringVar(&o.count, "count", "", "only tell how many there are: exact, or estimated where there are many")
	f.Lookup("count").NoOptDefVal = "exact"
	f.StringVar(&o.phase, "phase", "", "only in this phase")
	f.StringVar(&o.owner, "owner", "", "only what belongs to the object with this id")
	f.IntVar(&o.limit, "limit", 0, "at most so many (default: all)")
	f.BoolVarP(&o.all, "all", "A", false, "of all projects, whichever is in use")
	f.BoolVarP(&o.watch, "watch", "w", false, "go on and show changes as they happen")
}

func (k *kindCommand) newListCommand() *cobra.Command {
	var o listOptions
	cmd := &cobra.Command{
		Use: "list", Short: "List " + k.noun.Plural, Args: cobra.NoArgs, Aliases: []string{"ls"},
		RunE: func(cmd *cobra.Command, _ []string) error { return k.runList(cmd.Context(), o) },
	}
	cmd.Long = "List " + k.noun.Plural + ". These can be used with --filter, by the operators =, !=, <, <=, >, >=, in and prefix: labels.KEY, " + strings.Join(k.filterable(), ", ") + "."
	if len(k.noun.Indexed) > 0 {
		cmd.Long += " Quickest, and the ones for --field, are: " + strings.Join(k.noun.Indexed, ", ") + "."
	}
	o.AddFlags(cmd)
	offer := func(flag string, directive cobra.ShellCompDirective, words ...string) {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, directive|cobra.ShellCompDirectiveNoFileComp))
	}
	offer("phase", 0, "Pending", "Working", "Ready", "Degraded", "Failed", "Deleting")
	offer("sort", 0, "name", "-name", "phase", "-phase", "createdAt", "-createdAt", "updatedAt", "-updatedAt")
	offer("count", 0, "exact", "estimated")
	offer("filter", cobra.ShellCompDirectiveNoSpace, k.filterable()...)
	var indexed []string
	for _, path := range k.noun.Indexed {
		indexed = append(indexed, path+"=")
	}
	offer("field", cobra.ShellCompDirectiveNoSpace, indexed...)
	return cmd
}

// filterable are the paths that --filter takes.
func (k *kindCommand) filterable() (out []string) {
	for _, f := range slices.Concat(client.Common, k.noun.Fields) {
		out = append(out, f.Path)
	}
	return out
}

func (k *kindCommand) runList(ctx context.Context, o listOptions) error {
	q := client.ListQuery{Phase: o.phase, Owner: o.owner, Labels: o.labels, Fields: o.fields, Filters: o.filters, Search: o.search, Sort: o.sort, Select: o.selected, Count: o.count}
	if !k.noun.Global && !o.all {
		p, err := k.project()
		if err != nil {
			return err
		}
		q.Project = p
	}
	switch {
	case o.watch && (o.filters != nil || o.selected != nil || o.search+o.sort+o.count != ""): // the server alone knows to apply them
		return usagef("--watch goes with none of --filter, --search, --sort, --fields and --count")
	case o.watch:
		return k.runWatch(ctx, q)
	}
	if o.count != "" {
		return k.runCount(ctx, q)
	}
	if len(o.selected) == 0 && k.o.output == "table" {
		q.Select = k.shown()
	}
	items, err := k.list(ctx, q, o.limit)
	if err != nil {
		return err
	}
	if len(o.selected) > 0 {
		return k.print(selection(items, o.selected))
	}
	return k.print(k.report(ctx, items, q.Project == ""))
}

// shown are the paths that a table shows; the rest of a large object would only be carried.
func (k *kindCommand) shown() []string {
	paths := []string{"id", "name", "project", "phase", "createdAt"}
	for _, c := range k.noun.Columns {
		paths = append(paths, c.Path)
	}
	return paths
}

func (k *kindCommand) runCount(ctx context.Context, q client.ListQuery) error {
	c, err := k.connect()
	if err != nil {
		return err
	}
	q.Limit, q.Sort = 1, ""
	page, err := client.Read[client.Objects](k.noun.List(ctx, c, q))
	if err != nil {
		return err
	}
	if page.Count == nil {
		return fmt.Errorf("the server is too old to count %s", k.noun.Plural)
	}
	r := report{header: []string{"COUNT", "BY"}, data: page.Count}
	r.add(fmt.Sprint(page.Count.Objects), fmt.Sprint(page.Count.Objects), page.Count.By)
	return k.print(r)
}

// selection puts into columns what was asked for.
func selection(items []client.Object, paths []string) report {
	r := report{data: items}
	for _, path := range paths {
		r.header = append(r.header, strings.ToUpper(path))
	}
	for _, o := range items {
		row := make([]string, len(paths))
		for i, path := range paths {
			row[i] = strings.Join(o.Lookup(strings.TrimSpace(path)), ",")
		}
		r.add(o.Name, row...)
	}
	return r
}

// list reads all pages, or as many as hold limit objects.
func (k *kindCommand) list(ctx context.Context, q client.ListQuery, limit int) ([]client.Object, error) {
	c, err := k.connect()
	if err != nil {
		return nil, err
	}
	items := []client.Object{}
	for {
		q.Limit = 1000
		if limit > 0 {
			q.Limit = min(q.Limit, limit-len(items))
		}
		page, err := client.Read[client.Objects](k.noun.List(ctx, c, q))
		if err != nil {
			return nil, err
		}
		items = append(items, page.Items...)
		if page.Next == "" || limit > 0 && len(items) >= limit {
			return items, nil
		}
		q.After = page.Next
	}
}

// runWatch shows what is there and then every change, one line each.
func (k *kindCommand) runWatch(ctx context.Context, q client.ListQuery) error {
	c, err := k.connect()
	if err != nil {
		return err
	}
	known := map[string]int64{}
	err = c.Follow(ctx, client.WatchQuery{Kinds: []string{k.noun.Name}, Project: q.Project}, func(e client.Event) error {
		switch {
		case e.Change == "sync":
			items, err := k.list(ctx, q, 0)
			if err != nil {
				return err
			}
			for _, o := range items {
				known[o.ID] = o.Version
				if err := k.changed(ctx, client.Event{Change: "put", Kind: o.Kind, ObjectID: o.ID, Project: o.Project, Name: o.Name, Object: &o}, len(known) == 1); err != nil {
					return err
				}
			}
			return nil
		case e.Change == "delete":
			if _, ok := known[e.ObjectID]; !ok {
				return nil
			}
			delete(known, e.ObjectID)
		case e.Object == nil || !matches(*e.Object, q) || known[e.ObjectID] >= e.Object.Version:
			return nil
		default:
			known[e.ObjectID] = e.Object.Version
		}
		return k.changed(ctx, e, false)
	})
	if errors.Is(err, context.Canceled) {
		return nil // that is how one ends it
	}
	return err
}

// changed shows one event: a line of a table, or one of JSON.
func (k *kindCommand) changed(ctx context.Context, e client.Event, header bool) error {
	if !k.plain() {
		text, err := json.Marshal(e)
		if err == nil && strings.HasPrefix(k.o.output, "jq=") {
			return filter(k.Out, k.o.output[3:], text)
		}
		fmt.Fprintln(k.Out, string(text))
		return err
	}
	cells := []string{"deleted", e.Name}
	if e.Object != nil {
		r := k.report(ctx, []client.Object{*e.Object}, true)
		n := len(r.header) - r.extra - 1
		if header {
			fmt.Fprintln(k.Out, strings.Join(append([]string{"CHANGE"}, r.header[:n]...), "\t"))
		}
		cells = append([]string{e.Change}, r.rows[0][:n]...)
	}
	for i := range cells {
		cells[i] = clean(cells[i])
	}
	fmt.Fprintln(k.Out, strings.Join(cells, "\t"))
	return nil
}

// matches applies a list's filters to a changed object.
func matches(o client.Object, q client.ListQuery) bool {
	for _, l := range q.Labels {
		key, v, _ := strings.Cut(l, "=")
		if have, ok := o.Labels[key]; !ok || have != v {
			return false
		}
	}
	for _, f := range q.Fields {
		path, v, _ := strings.Cut(f, "=")
		if !slices.Contains(o.Lookup(path), v) {
			return false
		}
	}
	return (q.Phase == "" || o.Phase == q.Phase) && (q.Owner == "" || o.Owner != nil && o.Owner.Id == q.Owner)
}

func labels(m map[string]string) string {
	out := make([]string, 0, len(m))
	for key, v := range m {
		out = append(out, key+"="+v)
	}
	sort.Strings(out)
	return strings.Join(out, ",")
}
