package cli

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// addScheduleCommands adds the runs of a schedule.
func addScheduleCommands(a *app, noun *cobra.Command) {
	n, _ := client.FindNoun("schedule")
	k := &kindCommand{app: a, noun: n}
	noun.AddCommand(&cobra.Command{
		Use: "runs NAME", Short: "Show what became of the last runs of a schedule, newest first", Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return k.runRuns(cmd.Context(), args[0]) },
	})
}

// scheduleRun is one of status.runs.
type scheduleRun struct {
	Number  int64      `json:"number,omitempty"` // none of those that were missed
	Due     time.Time  `json:"due"`
	Ended   *time.Time `json:"ended,omitempty"`
	By      string     `json:"by,omitempty"`
	State   string     `json:"state"`
	Objects int        `json:"objects,omitempty"`
	Failed  int        `json:"failed,omitempty"`
	Message string     `json:"message,omitempty"`
}

func (k *kindCommand) runRuns(ctx context.Context, name string) error {
	o, err := k.get(ctx, name)
	if err != nil {
		return err
	}
	var full struct{ Status struct{ Runs []scheduleRun } }
	if err := o.Into(&full); err != nil {
		return err
	}
	runs := append([]scheduleRun{}, full.Status.Runs...)
	r := report{data: runs, header: []string{"RUN", "DUE", "STATE", "OBJECTS", "FAILED", "BY", "MESSAGE"}}
	for _, run := range runs {
		number := ""
		if run.Number > 0 {
			number = strconv.FormatInt(run.Number, 10)
		}
		r.add(number, number, stamp(&run.Due), run.State, strconv.Itoa(run.Objects), strconv.Itoa(run.Failed), run.By, run.Message)
	}
	return k.print(r)
}
