package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func readYAML(text string, into any) error { return yaml.Unmarshal([]byte(text), into) }

func (k *kindCommand) newEditCommand() *cobra.Command {
	var wait bool
	fields := &specFlags{app: k.app}
	cmd := &cobra.Command{
		Use: "edit NAME", Short: "Change " + one(k.noun.Name) + " by flags, or in $VISUAL or $EDITOR", Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeNames,
		Long: "Change what flags say of " + one(k.noun.Name) + ", and leave the rest as it is. Without flags an editor opens with all of it.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(fields.given) > 0 {
				return k.runChange(cmd.Context(), args[0], fields, wait)
			}
			return k.runEdit(cmd.Context(), args[0], wait)
		},
	}
	cmd.Flags().BoolVar(&wait, "wait", false, "until it is as wanted")
	fields.bind(cmd, optional(k.noun.Spec))
	return cmd
}

// optional are fields that none of has to be given.
func optional(list []client.Property) []client.Property {
	out := slices.Clone(list)
	for i := range out {
		out[i].Required = false
	}
	return out
}

// runChange sends only what was given; a list that was given takes the place of the one there.
func (k *kindCommand) runChange(ctx context.Context, name string, fields *specFlags, wait bool) error {
	spec := map[string]any{}
	if err := fields.fill(spec); err != nil {
		return err
	}
	return k.patch(ctx, name, map[string]any{"spec": spec}, "updated", wait)
}

// patch changes what it names of an object; verb is what is told of it.
func (k *kindCommand) patch(ctx context.Context, name string, change map[string]any, verb string, wait bool) error {
	body, err := jsonBody(change)
	if err != nil {
		return err
	}
	c, err := k.connect()
	if err != nil {
		return err
	}
	t, err := k.target(name)
	if err != nil {
		return err
	}
	applied, err := client.Read[client.Applied](k.noun.Patch(ctx, c, t, client.Write{Key: newKey()}, body))
	if err != nil {
		return err
	}
	return k.finish(ctx, []outcome{{noun: k.noun, Applied: applied, verb: verb}}, wait)
}

// runEdit refuses to overwrite what somebody else changed meanwhile; a refused text is kept.
func (k *kindCommand) runEdit(ctx context.Context, name string, wait bool) error {
	o, err := k.get(ctx, name)
	if err != nil {
		return err
	}
	before, err := k.editable(o)
	if err != nil {
		return err
	}
	path, after, err := k.edit(ctx, before)
	if err != nil {
		return err
	}
	if bytes.Equal(before, after) {
		fmt.Fprintf(k.Out, "%s %s is unchanged\n", k.noun.Name, o.Name)
		return os.Remove(path)
	}
	applied, err := k.submit(ctx, o, path)
	if err != nil {
		return fmt.Errorf("your text is kept in %s: %w", path, err)
	}
	_ = os.Remove(path)
	return k.finish(ctx, []outcome{{noun: k.noun, Applied: applied, verb: "updated"}}, wait)
}

// editable is the part of an object that people write.
func (k *kindCommand) editable(o client.Object) ([]byte, error) {
	doc := struct {
		Kind   string            `json:"kind"`
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels,omitempty"`
		Spec   map[string]any    `json:"spec"`
	}{}
	if err := o.Into(&doc); err != nil {
		return nil, err
	}
	for _, p := range k.noun.Spec {
		if p.ReadOnly {
			delete(doc.Spec, p.Name)
		}
	}
	text, err := encode(doc)
	if err != nil {
		return nil, err
	}
	text, err = toYAML(text)
	head := "# Save to apply, leave as it is to do nothing."
	if len(k.noun.Secrets) > 0 {
		head += " Secrets are not shown; they stay unless you give new ones."
	}
	return append([]byte(head+"\n"), text...), err
}

func (k *kindCommand) edit(ctx context.Context, text []byte) (path string, after []byte, err error) {
	editor := first(k.Getenv("VISUAL"), k.Getenv("EDITOR"), "vi")
	f, err := os.CreateTemp("", "plaza-"+k.noun.Name+"-*.yaml")
	if err != nil {
		return "", nil, err
	}
	_, err = f.Write(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return "", nil, err
	}
	// Editors are given with arguments, so a shell takes the words apart.
	cmd := exec.CommandContext(ctx, "sh", "-c", editor+` "$1"`, "sh", f.Name()) // #nosec G204 -- the user's own editor
	cmd.Stdin, cmd.Stdout, cmd.Stderr = k.In, k.Out, k.Err
	if err := cmd.Run(); err != nil {
		_ = os.Remove(f.Name())
		return "", nil, fmt.Errorf("the editor %q failed: %w", editor, err)
	}
	after, err = os.ReadFile(f.Name())
	return f.Name(), after, err
}

func (k *kindCommand) submit(ctx context.Context, o client.Object, path string) (client.Applied, error) {
	docs, err := k.readDocuments(path, k.noun.Name)
	if err != nil {
		return client.Applied{}, err
	}
	if len(docs) != 1 || docs[0].Name != o.Name {
		return client.Applied{}, usagef("it holds not just %s %s", k.noun.Name, o.Name)
	}
	if docs[0].Labels == nil {
		docs[0].Labels = map[string]string{} // taken out in the editor
	}
	body, err := docs[0].updateBody()
	if err != nil {
		return client.Applied{}, err
	}
	c, err := k.connect()
	if err != nil {
		return client.Applied{}, err
	}
	w := client.Write{Key: newKey(), IfMatch: strconv.Quote(strconv.FormatInt(o.Version, 10))}
	return client.Read[client.Applied](k.noun.Update(ctx, c, client.Target{ID: o.ID}, w, body))
}
