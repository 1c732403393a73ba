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
	labels []string
	fields []string
	phase  string
	owner  string
	limit  int
	all    bool
	watch  bool
}

func (o *listOptions) AddFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&o.labels, "label", "l", nil, "only with this label, key=value; repeatable")
	f.StringArrayVar(&o.fields, "field", nil, "only with this value, path=value; repeatable")
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
	if len(k.noun.Indexed) > 0 {
		cmd.Long = "List " + k.noun.Plural + ". These paths can be used with --field: " + strings.Join(k.noun.Indexed, ", ") + "."
	}
	o.AddFlags(cmd)
	_ = cmd.RegisterFlagCompletionFunc("phase", cobra.FixedCompletions([]string{"Pending", "Working", "Ready", "Degraded", "Failed", "Deleting"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("field", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var out []string
		for _, path := range k.noun.Indexed {
			out = append(out, path+"=")
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
	return cmd
}

func (k *kindCommand) runList(ctx context.Context, o listOptions) error {
	q := client.ListQuery{Phase: o.phase, Owner: o.owner, Labels: o.labels, Fields: o.fields}
	if !k.noun.Global && !o.all {
		p, err := k.project()
		if err != nil {
			return err
		}
		q.Project = p
	}
	if o.watch {
		return k.runWatch(ctx, q)
	}
	items, err := k.list(ctx, q, o.limit)
	if err != nil {
		return err
	}
	return k.print(k.report(ctx, items, q.Project == ""))
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
