package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
)

func (k *kindCommand) newLabelCommand() *cobra.Command {
	return &cobra.Command{
		Use: "label NAME KEY=VALUE|KEY-...", Short: "Put labels on " + one(k.noun.Name) + ", or take them away", Args: cobra.MinimumNArgs(2), ValidArgsFunction: k.completeTarget,
		Long:    "Put labels on " + one(k.noun.Name) + " as KEY=VALUE, or take them away as KEY-. Others stay as they are.",
		Example: "  plaza " + k.noun.Name + " label web tier=edge draft-",
		RunE:    func(cmd *cobra.Command, args []string) error { return k.runLabel(cmd.Context(), args[0], args[1:]) },
	}
}

func (k *kindCommand) runLabel(ctx context.Context, name string, changes []string) error {
	labels := map[string]any{}
	for _, text := range changes {
		key, v, put := strings.Cut(text, "=")
		switch gone, cut := strings.CutSuffix(key, "-"); {
		case put && key != "":
			labels[key] = v
		case !put && cut && gone != "":
			labels[gone] = nil
		default:
			return usagef("%q is neither KEY=VALUE nor KEY-", text)
		}
	}
	return k.patch(ctx, name, map[string]any{"labels": labels}, "labelled", false)
}

// completeTarget offers names for the first word alone.
func (k *kindCommand) completeTarget(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return k.completeNames(cmd, args, begun)
}
