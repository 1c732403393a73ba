package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// addConfigCommands adds what only configs have: versions, and subscribers that follow them.
func addConfigCommands(a *app, noun *cobra.Command) {
	n, ok := client.FindNoun("config")
	if !ok {
		return
	}
	i := slices.IndexFunc(n.Actions, func(act client.Action) bool { return act.Name == "rollback" })
	if i < 0 {
		return
	}
	k := &configCommand{&kindCommand{app: a, noun: n}}
	replace(noun, k.newChangesCommand(), k.newHistoryCommand(), k.newShowCommand(), k.newDiffCommand(), k.newRollbackCommand(&n.Actions[i]), k.newSubscribersCommand(),
		k.newFollowCommand())
}

type configCommand struct{ *kindCommand }

func (k *configCommand) newHistoryCommand() *cobra.Command {
	return &cobra.Command{Use: "history NAME", Short: "Show the versions of a config, newest first", Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return k.runHistory(cmd.Context(), args[0]) }}
}

// newChangesCommand is what history is of other kinds.
func (k *configCommand) newChangesCommand() *cobra.Command {
	cmd := k.kindCommand.newHistoryCommand()
	cmd.Use = "changes NAME"
	return cmd
}

func (k *configCommand) newShowCommand() *cobra.Command {
	return &cobra.Command{Use: "show NAME [VERSION]", Short: "Write the document of a config as it is, or as it was", Args: cobra.RangeArgs(1, 2), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return k.runShow(cmd.Context(), args) }}
}

func (k *configCommand) newDiffCommand() *cobra.Command {
	return &cobra.Command{Use: "diff NAME [FROM [TO]]", Short: "Show what differs between two versions of a config", Args: cobra.RangeArgs(1, 3), ValidArgsFunction: k.completeNames,
		Long: "Show what differs between two versions of a config, as a unified diff. Without versions it shows what the last change was, with one all that has changed since.",
		RunE: func(cmd *cobra.Command, args []string) error { return k.runDiff(cmd.Context(), args) }}
}

func (k *configCommand) newRollbackCommand(act *client.Action) *cobra.Command {
	comment := ""
	cmd := &cobra.Command{Use: "rollback NAME VERSION", Short: "Put an earlier version's document in force again, as a new version", Args: cobra.ExactArgs(2), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			return k.runRollback(cmd.Context(), act, args[0], args[1], comment)
		}}
	cmd.Flags().StringVar(&comment, "comment", "", "why (default: names the version)")
	return cmd
}

func (k *configCommand) newSubscribersCommand() *cobra.Command {
	return &cobra.Command{Use: "subscribers NAME", Short: "Show who follows a config, and how far they are", Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return k.runSubscribers(cmd.Context(), args[0]) }}
}

// at connects, and names a config within the project in use.
func (k *configCommand) at(name string) (*client.Client, client.Target, error) {
	c, err := k.connect()
	if err != nil {
		return nil, client.Target{}, err
	}
	t, err := k.target(name)
	return c, t, err
}

func (k *configCommand) runHistory(ctx context.Context, name string) error {
	c, t, err := k.at(name)
	if err != nil {
		return err
	}
	list, err := client.Read[client.ConfigVersionList](c.ListConfigVersions(ctx, t.ID, &client.ListConfigVersionsParams{Project: opt(t.Project)}))
	if err != nil {
		return err
	}
	r := report{header: []string{"VERSION", "TIME", "AUTHOR", "VERB", "COMMENT", "HASH"}, extra: 1, data: list.Items}
	for _, v := range list.Items {
		number := strconv.FormatInt(v.Version, 10)
		r.add(number, number, stamp(v.At), value(v.Author), value(v.Verb), value(v.Comment), v.Hash)
	}
	return k.print(r)
}

// version reads one version with its document; "" is the newest.
func (k *configCommand) version(ctx context.Context, name, version string) (client.ConfigVersion, error) {
	c, t, err := k.at(name)
	if err != nil {
		return client.ConfigVersion{}, err
	}
	return client.Read[client.ConfigVersion](c.GetConfigVersion(ctx, t.ID, first(version, "current"), &client.GetConfigVersionParams{Project: opt(t.Project)}))
}

func (k *configCommand) runShow(ctx context.Context, args []string) error {
	v, err := k.version(ctx, args[0], append(args, "")[1])
	if err != nil {
		return err
	}
	if !k.plain() {
		return k.printData(v)
	}
	_, err = k.Out.Write(lines(v))
	return err
}

// lines is a version's document, with an end to its last line: flags that read a file leave that out.
func lines(v client.ConfigVersion) []byte {
	text := v.Spec.Document
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return []byte(text)
}

func (k *configCommand) runDiff(ctx context.Context, args []string) error {
	args = append(args, "", "")
	to, err := k.version(ctx, args[0], args[2])
	if err != nil {
		return err
	}
	from := args[1]
	if from == "" {
		if to.Version == 1 {
			return usagef("%s has one version only", args[0])
		}
		from = strconv.FormatInt(to.Version-1, 10)
	}
	old, err := k.version(ctx, args[0], from)
	if err != nil {
		return err
	}
	label := func(v client.ConfigVersion) string { return fmt.Sprintf("%s@%d", args[0], v.Version) }
	_, err = k.Out.Write(diff.Diff(label(old), lines(old), label(to), lines(to)))
	return err
}

func (k *configCommand) runRollback(ctx context.Context, act *client.Action, name, version, comment string) error {
	number, err := strconv.ParseInt(version, 10, 64)
	if err != nil || number < 1 {
		return usagef("%q is not a version; see: plaza config history %s", version, name)
	}
	c, t, err := k.at(name)
	if err != nil {
		return err
	}
	input := map[string]any{"version": number}
	if comment != "" {
		input["comment"] = comment
	}
	body, err := jsonBody(input)
	if err != nil {
		return err
	}
	a, err := client.Read[client.Applied](act.Do(ctx, c, t, client.Write{Key: newKey()}, body))
	if err != nil {
		return err
	}
	return k.finish(ctx, []outcome{{noun: k.noun, Applied: a, verb: "rolled back to what version " + version + " was"}}, false)
}

func (k *configCommand) runSubscribers(ctx context.Context, name string) error {
	c, t, err := k.at(name)
	if err != nil {
		return err
	}
	list, err := client.Read[client.SubscriberList](c.ListConfigSubscribers(ctx, t.ID, &client.ListConfigSubscribersParams{Project: opt(t.Project)}))
	if err != nil {
		return err
	}
	r := report{header: []string{"SUBSCRIBER", "STATE", "VERSION", "APPLIED", "LAG", "SEEN", "REASON", "ACTOR"}, extra: 1, data: list.Items}
	for _, s := range list.Items {
		r.add(s.Subscriber, s.Subscriber, string(s.State), strconv.FormatInt(s.Version, 10), strconv.FormatInt(s.Applied, 10), strconv.FormatInt(s.Lag, 10),
			k.age(s.SeenAt)+" ago", value(s.Reason), s.Actor)
	}
	return k.print(r)
}
