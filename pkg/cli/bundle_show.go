package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

var planMarks = map[client.ChangeAction]struct{ mark, colour string }{
	"create": {"+", green}, "update": {"~", yellow}, "delete": {"-", red}, "keep": {"=", grey},
}

// printPlan shows changes with + ~ -, and quota before and after.
func (a *app) printPlan(p client.Plan) error {
	if !a.plain() {
		r := report{header: []string{"ACTION", "KIND", "NAME", "KEY"}, data: p}
		for _, c := range value(p.Changes) {
			r.add(c.Name, string(c.Action), c.Kind, c.Name, c.Key)
		}
		if a.o.output == "name" {
			r.names = []string{p.Id}
		}
		return a.print(r)
	}
	for _, c := range value(p.Changes) {
		if c.Action == "keep" && a.o.output != "wide" {
			continue
		}
		m := planMarks[c.Action]
		line := fmt.Sprintf("%s %s %s", m.mark, c.Kind, c.Name)
		if a.styled(a.Out) {
			line = coloured(m.colour, line)
		}
		fmt.Fprintln(a.Out, line)
		for _, f := range value(c.Fields) {
			fmt.Fprintf(a.Out, "    %s: %s → %s\n", f.Path, compact(f.Before), compact(f.After))
		}
	}
	s := p.Summary
	if !changes(p) {
		fmt.Fprintf(a.Out, "No changes: %d resources are as they shall be.\n", s.Keep)
		return nil
	}
	fmt.Fprintf(a.Out, "%d to create, %d to change, %d to remove, %d stay. Plan %s\n", s.Create, s.Update, s.Delete, s.Keep, p.Id)
	t := table{header: []string{"QUOTA", "BEFORE", "AFTER", "LIMIT"}}
	for _, q := range value(p.Quota) {
		if q.Before != q.After || a.o.output == "wide" {
			t.rows = append(t.rows, []string{q.Metric, fmt.Sprint(q.Before), fmt.Sprint(q.After), limit(q.Hard)})
		}
	}
	if t.rows != nil {
		t.write(a.Out, nil)
	}
	return nil
}

func limit(hard int64) string {
	if hard < 0 {
		return "none"
	}
	return fmt.Sprint(hard)
}

// compact shows a value in a line.
func compact(v any) string {
	const most = 80
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if s, ok := v.(string); ok {
		text = []byte(s)
	}
	if r := []rune(string(text)); len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(text)
}

func newBundleStatusCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "status NAME", Short: "Show a bundle's graph, its health and its outputs", Args: cobra.ExactArgs(1), ValidArgsFunction: bundles(a).completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return runBundleStatus(cmd.Context(), a, args[0]) },
	}
}

// deployed is a bundle as status shows it.
type deployed struct {
	Spec   client.BundleSpec
	Status client.BundleStatus
}

func runBundleStatus(ctx context.Context, a *app, name string) error {
	o, err := bundles(a).get(ctx, name)
	if err != nil {
		return err
	}
	var b deployed
	if err := o.Into(&b); err != nil {
		return err
	}
	members := value(b.Status.Resources)
	if !a.plain() {
		r := report{header: []string{"KEY", "KIND", "NAME", "PHASE", "ID", "MESSAGE"}, data: o}
		for _, m := range members {
			r.add(m.Name, m.Key, m.Kind, m.Name, value(m.Phase), value(m.Id), value(m.Message))
		}
		return a.print(r)
	}
	fmt.Fprintf(a.Out, "%s  %s  blueprint %s %s, size %s\n", o.Name, a.phase(o.Phase), b.Spec.Blueprint, value(b.Spec.Version), b.Spec.Size)
	if text := o.Message(); text != "" && o.Phase != "Ready" {
		fmt.Fprintf(a.Out, "  %s\n", clean(text))
	}
	a.tree(members)
	if h := b.Status.Health; h != nil {
		fmt.Fprintf(a.Out, "health: %s for %s (%s)%s\n", a.phase(map[bool]string{true: "ok", false: "not healthy"}[h.Ok]), a.age(h.Since), h.Url, colon(value(h.Message)))
	}
	a.outputs(value(b.Status.Outputs))
	return nil
}

func (a *app) phase(p string) string {
	if !a.styled(a.Out) {
		return p
	}
	switch p {
	case "ok":
		return coloured(green, p)
	case "not healthy":
		return coloured(red, p)
	}
	return paint("PHASE", p)
}

// tree shows each resource below the last of those that it needs: what stands left must be there first.
func (a *app) tree(members []client.Member) {
	rank := map[string]int{}
	for i, m := range members {
		rank[m.Key] = i
	}
	below := map[string][]client.Member{}
	for _, m := range members {
		parent, at := "", -1
		for _, d := range value(m.DependsOn) {
			if r, ok := rank[d]; ok && r > at && r < rank[m.Key] {
				parent, at = d, r
			}
		}
		below[parent] = append(below[parent], m)
	}
	t := table{header: []string{"RESOURCE", "KIND", "PHASE", "MESSAGE"}}
	var grow func(parent, indent string)
	grow = func(parent, indent string) {
		for i, m := range below[parent] {
			branch, next := "├─ ", "│  "
			if i == len(below[parent])-1 {
				branch, next = "└─ ", "   "
			}
			t.rows = append(t.rows, []string{indent + branch + m.Name, m.Kind, value(m.Phase), value(m.Message)})
			grow(m.Key, indent+next)
		}
	}
	grow("", "")
	style := paint
	if !a.styled(a.Out) {
		style = nil
	}
	t.write(a.Out, style)
}

func (a *app) outputs(out map[string]any) {
	names := make([]string, 0, len(out))
	for name := range out {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(a.Out, "%s: %s\n", name, compact(out[name]))
	}
}

func (a *app) printOutputs(ctx context.Context, id string) error {
	o, err := bundles(a).get(ctx, id)
	if err != nil {
		return err
	}
	var b deployed
	if err := o.Into(&b); err != nil {
		return err
	}
	a.outputs(value(b.Status.Outputs))
	return nil
}

func newBlueprintCommand(a *app) *cobra.Command {
	cmd := newGroup("blueprint", "What can be deployed as a bundle", "blueprints")
	list := &cobra.Command{Use: "list", Short: "List blueprints with their sizes and parameters", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runBlueprintList(cmd.Context(), a) }}
	cmd.AddCommand(list)
	return cmd
}

func (a *app) blueprints(ctx context.Context) ([]client.Blueprint, error) {
	c, err := a.connect()
	if err != nil {
		return nil, err
	}
	list, err := client.Read[client.BlueprintList](c.ListBlueprints(ctx))
	return list.Items, err
}

func runBlueprintList(ctx context.Context, a *app) error {
	list, err := a.blueprints(ctx)
	if err != nil {
		return err
	}
	r := report{header: []string{"NAME", "VERSION", "SIZES", "TITLE", "PARAMETERS", "DESCRIPTION"}, extra: 2, data: list}
	for _, b := range list {
		var params []string
		for name := range value(b.Parameters) {
			params = append(params, name)
		}
		sort.Strings(params)
		r.add(b.Name, b.Name, b.Version, strings.Join(sizesOf(b), ","), b.Title, strings.Join(params, ","), value(b.Description))
	}
	return a.print(r)
}

func sizesOf(b client.Blueprint) []string {
	var out []string
	for name := range b.Sizes {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

func (a *app) completeBlueprints(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := completing(cmd)
	defer cancel()
	list, err := a.blueprints(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, b := range list {
		out = append(out, b.Name)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) completeSizes(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := completing(cmd)
	defer cancel()
	list, err := a.blueprints(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	name, _ := cmd.Flags().GetString("blueprint")
	name = first(append([]string{name}, args...)...)
	var out []string
	for _, b := range list {
		if b.Name == name {
			out = sizesOf(b)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
