package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// addDriftCommands puts an adopt in place of the common one that takes the project of all commands, and a name.
func addDriftCommands(a *app, noun *cobra.Command) {
	n, ok := client.FindNoun("drift")
	if !ok {
		return
	}
	i := slices.IndexFunc(n.Actions, func(act client.Action) bool { return act.Name == "adopt" })
	if i < 0 {
		return
	}
	replace(noun, newAdoptCommand(&kindCommand{app: a, noun: n}, &n.Actions[i]))
}

type adoptOptions struct {
	name     string
	networks bool
	wait     bool
}

func newAdoptCommand(k *kindCommand, act *client.Action) *cobra.Command {
	var o adoptOptions
	cmd := &cobra.Command{
		Use: "adopt NAME...", Short: "Take over what others made, as objects of a project, without touching it",
		Long: `Take over what others made, as objects of the project in use, without touching it: only a label is added at its cloud.
Of something that was changed, adopt takes what is seen as wanted.`,
		Example: "  plaza drift adopt server-3f9c0a1b2c4d --project group/shop --name mail --networks --wait",
		Args:    cobra.MinimumNArgs(1), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			fields, err := k.adoption(args, o)
			if err != nil {
				return err
			}
			return k.runAction(cmd.Context(), act, args, fields, o.wait)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.name, "name", "", "name that it gets (default: the one it has)")
	f.BoolVar(&o.networks, "networks", false, "adopt a server's network with it")
	f.BoolVar(&o.wait, "wait", false, "until it is done")
	return cmd
}

// adoption is the input of the action. Without a project the server says whether one is needed.
func (k *kindCommand) adoption(names []string, o adoptOptions) (*specFlags, error) {
	if o.name != "" && len(names) > 1 {
		return nil, usagef("--name is for one; %d are named", len(names))
	}
	in := &specFlags{app: k.app}
	put := func(field string, v any) {
		in.given = append(in.given, assignment{path: []string{field}, value: v})
	}
	if p, err := k.project(); err == nil && p != "" {
		put("project", p)
	}
	if o.name != "" {
		put("name", o.name)
	}
	if o.networks {
		put("networks", true)
	}
	return in, nil
}
