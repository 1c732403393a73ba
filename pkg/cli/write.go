package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

type writeOptions struct {
	file   string
	labels map[string]string
	spec   string
	set    []string
	wait   bool
	dryRun bool
}

func (o *writeOptions) AddFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.wait, "wait", false, "until it is as wanted")
	f.BoolVar(&o.dryRun, "dry-run", false, "check it all, quota included, and write nothing")
	f.StringVarP(&o.file, "file", "f", "", "YAML or JSON documents with kind, project, name, labels and spec; - for standard input")
	_ = cmd.MarkFlagFilename("file", "yaml", "yml", "json")
}

func (k *kindCommand) newCreateCommand() *cobra.Command {
	var o writeOptions
	fields := &specFlags{app: k.app}
	cmd := &cobra.Command{
		Use: "create [NAME]", Short: "Create " + one(k.noun.Name), Args: cobra.MaximumNArgs(1), ValidArgsFunction: cobra.NoFileCompletions,
		Long: "Create " + one(k.noun.Name) + " from flags, or from a file by -f. A text value @FILE is read from the file, @- from standard input; @@ begins a text with @.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return k.runCreate(cmd.Context(), strings.Join(args, ""), fields, o)
		},
	}
	o.AddFlags(cmd)
	cmd.Flags().StringToStringVarP(&o.labels, "label", "l", nil, "label, key=value; repeatable")
	cmd.Flags().StringVar(&o.spec, "spec", "", "the spec as JSON or YAML; other flags add to it (@FILE reads a file)")
	cmd.Flags().StringArrayVar(&o.set, "set", nil, "a value by its path in spec, e.g. rules[0].cidr=10.0.0.0/8; repeatable")
	fields.bind(cmd, k.noun.Spec)
	return cmd
}

func (k *kindCommand) runCreate(ctx context.Context, name string, fields *specFlags, o writeOptions) error {
	docs := []*document{{Kind: k.noun.Name, Name: name, Spec: map[string]any{}, noun: k.noun}}
	var err error
	if o.file != "" {
		if docs, err = k.readDocuments(o.file, k.noun.Name); err != nil {
			return err
		}
		if len(docs) > 1 && (name != "" || len(fields.given) > 0 || len(o.set) > 0 || o.spec != "") {
			return usagef("%s holds %d documents; flags would apply to all of them", o.file, len(docs))
		}
	} else if name == "" {
		return usagef("a name is needed, or a file by -f")
	}
	var done []outcome
	for _, d := range docs {
		if err := k.amend(ctx, d, name, fields, o); err != nil {
			return err
		}
		a, err := k.create(ctx, d, o.dryRun)
		if err != nil {
			return err
		}
		done = append(done, outcome{noun: k.noun, Applied: a, verb: "created"})
	}
	return k.finish(ctx, done, o.wait)
}

// amend adds what the command line says to a document.
func (k *kindCommand) amend(ctx context.Context, d *document, name string, fields *specFlags, o writeOptions) error {
	d.Name = first(name, d.Name)
	for key, v := range o.labels {
		if d.Labels == nil {
			d.Labels = map[string]string{}
		}
		d.Labels[key] = v
	}
	if o.spec != "" {
		spec, err := k.parseSpec(o.spec)
		if err != nil {
			return err
		}
		for key, v := range spec {
			d.Spec[key] = v
		}
	}
	if err := fields.fill(d.Spec); err != nil {
		return err
	}
	for _, text := range o.set {
		if err := k.set(k.noun, d.Spec, text); err != nil {
			return err
		}
	}
	d.dropReadOnly()
	return k.settle(ctx, d)
}

func (a *app) parseSpec(text string) (map[string]any, error) {
	content, err := a.scalar("string", text)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	if err := readYAML(content.(string), &out); err != nil {
		return nil, usagef("--spec: %w", err)
	}
	return out, nil
}

// settle finds the project that a document means.
func (a *app) settle(ctx context.Context, d *document) (err error) {
	switch {
	case d.noun.Global:
		d.Project = ""
	case a.o.project != "":
		d.Project = a.o.project
	case d.Project == "" && !d.noun.Shared: // which is everybody's unless it is said
		d.Project, err = a.someProject(ctx)
	}
	return err
}

func (a *app) create(ctx context.Context, d *document, dryRun bool) (client.Applied, error) {
	c, err := a.connect()
	if err != nil {
		return client.Applied{}, err
	}
	body, err := d.createBody()
	if err != nil {
		return client.Applied{}, err
	}
	return client.Read[client.Applied](d.noun.Create(ctx, c, client.Write{Key: newKey(), DryRun: dryRun}, body))
}

func (k *kindCommand) newApplyCommand() *cobra.Command {
	cmd := newApply(k.app, k.noun.Name)
	cmd.Short = "Create or update " + k.noun.Plural + " from documents"
	return cmd
}

// newApplyCommand makes `plaza apply`, which takes documents of any kind.
func newApplyCommand(a *app) *cobra.Command {
	cmd := newApply(a, "")
	cmd.Short = "Create or update resources of any kind from documents"
	return cmd
}

func newApply(a *app, kind string) *cobra.Command {
	var o writeOptions
	cmd := &cobra.Command{
		Use: "apply -f FILE", Args: cobra.NoArgs,
		Long: "Create what is not there and update what is, by name, in the order of the documents. Doing it again changes nothing.",
		RunE: func(cmd *cobra.Command, _ []string) error { return runApply(cmd.Context(), a, kind, o) },
	}
	o.AddFlags(cmd)
	return cmd
}

func runApply(ctx context.Context, a *app, kind string, o writeOptions) error {
	if o.file == "" {
		return usagef("name the file with -f")
	}
	docs, err := a.readDocuments(o.file, kind)
	if err != nil {
		return err
	}
	var done []outcome
	for _, d := range docs {
		if d.Name == "" {
			return usagef("%s: a document of kind %s has no name", o.file, d.Kind)
		}
		d.dropReadOnly()
		if err := a.settle(ctx, d); err != nil {
			return err
		}
		res, err := a.upsert(ctx, d, o.dryRun)
		if err != nil {
			return fmt.Errorf("%s %s: %w", d.Kind, d.Name, err)
		}
		done = append(done, res)
		// What follows may refer to it.
		if o.wait && !o.dryRun {
			if done[len(done)-1].Applied, err = a.await(ctx, res); err != nil {
				return fmt.Errorf("%s %s: %w", d.Kind, d.Name, err)
			}
		}
	}
	return a.finish(ctx, done, false)
}

// upsert updates an object, or creates it when there is none by that name.
func (a *app) upsert(ctx context.Context, d *document, dryRun bool) (outcome, error) {
	c, err := a.connect()
	if err != nil {
		return outcome{}, err
	}
	t := client.Target{ID: d.Name, Project: d.Project}
	for try := 0; ; try++ {
		body, err := d.updateBody()
		if err != nil {
			return outcome{}, err
		}
		res, err := client.Read[client.Applied](d.noun.Update(ctx, c, t, client.Write{Key: newKey(), DryRun: dryRun}, body))
		if err == nil {
			return outcome{noun: d.noun, Applied: res, verb: "updated"}, nil
		}
		if client.ReasonOf(err) != "NotFound" {
			return outcome{}, err
		}
		res, err = a.create(ctx, d, dryRun)
		if client.ReasonOf(err) == "AlreadyExists" && try == 0 {
			continue // somebody was faster
		}
		return outcome{noun: d.noun, Applied: res, verb: "created"}, err
	}
}
