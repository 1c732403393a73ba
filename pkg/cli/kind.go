package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// kindCommand is the noun of a kind.
type kindCommand struct {
	*app
	noun *client.Noun
}

// extras add verbs to the nouns of kinds, or put better ones in place of the common ones.
var extras = map[string]func(a *app, noun *cobra.Command){
	"bucket":   addBucketCommands,
	"bundle":   addBundleCommands,
	"config":   addConfigCommands,
	"drift":    addDriftCommands,
	"host":     addHostCommands,
	"image":    addImageCommands,
	"request":  addRequestCommands,
	"run":      addRunCommands,
	"runbook":  addRunbookCommands,
	"schedule": addScheduleCommands,
	"server":   addServerCommands,
	"share":    addShareCommands,
	"volume":   addVolumeCommands,
}

func newKindCommand(a *app, n *client.Noun) *cobra.Command {
	k := &kindCommand{app: a, noun: n}
	cmd := newGroup(n.Name, strings.TrimSuffix(n.Doc, "."), n.Plural)
	cmd.AddCommand(k.newListCommand(), k.newGetCommand(), k.newCreateCommand(), k.newApplyCommand(), k.newEditCommand(), k.newLabelCommand(), k.newDeleteCommand(),
		k.newWaitCommand(), k.newHistoryCommand(), k.newOperationsCommand())
	for i := range n.Actions {
		cmd.AddCommand(k.newActionCommand(&n.Actions[i]))
	}
	if add := extras[n.Name]; add != nil {
		add(a, cmd)
	}
	k.offerRequests(cmd)
	return cmd
}

// replace puts commands in place of those by the same names.
func replace(noun *cobra.Command, cmds ...*cobra.Command) {
	for _, c := range cmds {
		for _, old := range noun.Commands() {
			if old.Name() == c.Name() {
				noun.RemoveCommand(old)
			}
		}
		noun.AddCommand(c)
	}
}

// target names an object within the project in use.
func (k *kindCommand) target(id string) (client.Target, error) {
	if k.noun.Global {
		return client.Target{ID: id}, nil
	}
	p, err := k.project()
	return client.Target{ID: id, Project: p}, err
}

// get reads an object.
func (k *kindCommand) get(ctx context.Context, id string) (client.Object, error) {
	c, err := k.connect()
	if err != nil {
		return client.Object{}, err
	}
	t, err := k.target(id)
	if err != nil {
		return client.Object{}, err
	}
	return client.Read[client.Object](k.noun.Get(ctx, c, t))
}

func (k *kindCommand) newGetCommand() *cobra.Command {
	return &cobra.Command{
		Use: "get NAME...", Short: "Show " + k.noun.Plural + " by name or id", Args: cobra.MinimumNArgs(1), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return k.runGet(cmd.Context(), args) },
	}
}

func (k *kindCommand) runGet(ctx context.Context, names []string) error {
	var items []client.Object
	for _, name := range names {
		o, err := k.get(ctx, name)
		if err != nil {
			return err
		}
		items = append(items, o)
	}
	r := k.report(ctx, items, true)
	if len(items) == 1 {
		r.data = items[0]
	}
	if err := k.print(r); err != nil || !k.plain() || len(items) != 1 {
		return err
	}
	for _, c := range items[0].Conditions {
		if c.Status != client.True && value(c.Message) != "" {
			fmt.Fprintf(k.Out, "%s: %s\n", c.Type, *c.Message)
		}
	}
	return nil
}

// report puts objects into rows: name, phase, the kind's columns, age; in wide also where they are and why.
func (k *kindCommand) report(ctx context.Context, items []client.Object, withProject bool) report {
	r := report{data: items, header: []string{"NAME"}, extra: 4}
	if items == nil {
		r.data = []client.Object{}
	}
	withProject = withProject && !k.noun.Global
	if withProject {
		r.header = append(r.header, "PROJECT")
	}
	if k.noun.Async {
		r.header = append(r.header, "PHASE")
	}
	for _, c := range k.noun.Columns {
		r.header = append(r.header, c.Header)
	}
	r.header = append(r.header, "AGE", "ID", "OWNER", "LABELS", "MESSAGE")
	for _, o := range items {
		row := []string{o.Name}
		if withProject {
			row = append(row, k.projectName(ctx, o.Project))
		}
		if k.noun.Async {
			row = append(row, o.Phase)
		}
		for _, c := range k.noun.Columns {
			row = append(row, strings.Join(o.Lookup(c.Path), ","))
		}
		owner := ""
		if o.Owner != nil {
			owner = o.Owner.Kind + "/" + first(value(o.Owner.Name), o.Owner.Id)
		}
		r.add(o.Name, append(row, k.age(o.CreatedAt), o.ID, owner, labels(o.Labels), o.Message())...)
	}
	return r
}

// projectName asks for names only when they are shown.
func (k *kindCommand) projectName(ctx context.Context, id string) string {
	if k.plain() || k.o.output == "csv" {
		return k.nodeName(ctx, id)
	}
	return id
}

type deleteOptions struct {
	wait   bool
	dryRun bool
	absent bool
}

func (k *kindCommand) newDeleteCommand() *cobra.Command {
	var o deleteOptions
	cmd := &cobra.Command{
		Use: "delete NAME...", Short: "Delete " + k.noun.Plural, Args: cobra.MinimumNArgs(1), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return k.runDelete(cmd.Context(), args, o) },
	}
	cmd.Flags().BoolVar(&o.wait, "wait", false, "until they are gone")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "check whether they could be deleted, and leave them")
	cmd.Flags().BoolVar(&o.absent, "ignore-not-found", false, "succeed for those that are not there")
	return cmd
}

func (k *kindCommand) runDelete(ctx context.Context, names []string, o deleteOptions) error {
	c, err := k.connect()
	if err != nil {
		return err
	}
	var done []outcome
	for _, name := range names {
		t, err := k.target(name)
		if err != nil {
			return err
		}
		a, err := client.Read[client.Applied](k.noun.Delete(ctx, c, t, client.Write{Key: newKey(), DryRun: o.dryRun}))
		if o.absent && client.ReasonOf(err) == "NotFound" {
			continue
		}
		if err != nil {
			return err
		}
		done = append(done, outcome{noun: k.noun, Applied: a, verb: "deleted"})
	}
	return k.finish(ctx, done, o.wait)
}

func (k *kindCommand) newActionCommand(act *client.Action) *cobra.Command {
	var wait bool
	fields := &specFlags{app: k.app}
	cmd := &cobra.Command{
		Use: act.Name + " NAME...", Short: strings.TrimSuffix(act.Doc, "."), Args: cobra.MinimumNArgs(1), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			return k.runAction(cmd.Context(), act, args, fields, wait)
		},
	}
	cmd.Flags().BoolVar(&wait, "wait", false, "until it is done")
	fields.bind(cmd, act.Input)
	return cmd
}

func (k *kindCommand) runAction(ctx context.Context, act *client.Action, names []string, fields *specFlags, wait bool) error {
	c, err := k.connect()
	if err != nil {
		return err
	}
	input := map[string]any{}
	if err := fields.fill(input); err != nil {
		return err
	}
	var done []outcome
	for _, name := range names {
		t, err := k.target(name)
		if err != nil {
			return err
		}
		body, err := jsonBody(input)
		if err != nil {
			return err
		}
		a, err := client.Read[client.Applied](act.Do(ctx, c, t, client.Write{Key: newKey()}, body))
		if err != nil {
			return err
		}
		done = append(done, outcome{noun: k.noun, Applied: a, verb: act.Name + " done"})
	}
	return k.finish(ctx, done, wait)
}
