package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// addRequestCommands puts a wait for the decision in place of the one for readiness: a request is ready while it is open.
func addRequestCommands(a *app, noun *cobra.Command) {
	k := requests(a)
	k.waitInstead(noun, "Wait until requests are decided, and what is approved is made", k.runWaitDecided)
}

// waitInstead puts another wait in place of the one for readiness, which --for still asks for.
func (k *kindCommand) waitInstead(noun *cobra.Command, short string, end func(ctx context.Context, names []string) error) {
	wait := k.newWaitCommand()
	until := wait.RunE
	wait.Short = short
	wait.Flags().Lookup("for").Usage = "instead: " + wait.Flags().Lookup("for").Usage
	wait.Flags().Lookup("for").DefValue = ""
	wait.RunE = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("for") {
			return until(cmd, args)
		}
		return end(cmd.Context(), args)
	}
	replace(noun, wait)
}

func requests(a *app) *kindCommand {
	n, _ := client.FindNoun("request")
	return &kindCommand{app: a, noun: n}
}

func (k *kindCommand) runWaitDecided(ctx context.Context, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, k.o.timeout)
	defer cancel()
	for _, name := range names {
		if err := k.waitDecided(ctx, name); err != nil {
			return err
		}
		if k.plain() {
			fmt.Fprintf(k.Out, "request %s: done\n", name)
		}
	}
	return nil
}

// waitDecided succeeds only when what was asked for is made.
func (k *kindCommand) waitDecided(ctx context.Context, name string) error {
	line := k.newProgress()
	defer line.end()
	for {
		o, err := k.get(ctx, name)
		text := func(path string) string { return strings.Join(o.Lookup(path), ", ") }
		state := text("status.state")
		switch {
		case ctx.Err() != nil:
			return k.late(ctx)
		case client.ReasonOf(err) == client.ReasonUnreachable:
			line.tell("the server is away: %s", err)
		case err != nil:
			return err
		case state == "done":
			return nil
		case state == "open", state == "running", state == "":
			line.tell("request %s: %s", name, state)
		default:
			by := ""
			if who := text("spec.decision.by.name"); who != "" {
				by = ", decided by " + who
			}
			return &client.Problem{Reason: "Conflict", Detail: fmt.Sprintf("request %s is %s%s%s", name, state, by, colon(text("status.message"))), Hint: opt("see: plaza request history " + name)}
		}
		if pause(ctx, 300*time.Millisecond) != nil {
			return k.late(ctx)
		}
	}
}

// sent is the last call that was to change something.
type sent struct {
	method string
	url    *url.URL
	body   []byte
}

// remember keeps what is sent, for a request that asks for it; next is told, too.
func (a *app) remember(next func(*http.Request, []byte, *http.Response, error, time.Duration)) func(*http.Request, []byte, *http.Response, error, time.Duration) {
	return func(req *http.Request, body []byte, resp *http.Response, err error, took time.Duration) {
		if req.Method != http.MethodGet {
			a.sent = sent{req.Method, req.URL, body}
		}
		if next != nil {
			next(req, body, resp, err, took)
		}
	}
}

// offerRequests adds --request to the verbs of a noun that change something.
func (k *kindCommand) offerRequests(noun *cobra.Command) {
	if k.noun.Global || k.noun.Shared || k.noun.Name == "request" { // what is approved changes objects of projects alone
		return
	}
	verbs := map[string]bool{"create": true, "edit": true, "label": true, "delete": true}
	for _, act := range k.noun.Actions {
		verbs[act.Name] = true
	}
	for _, cmd := range noun.Commands() {
		if verbs[cmd.Name()] {
			k.offerRequest(cmd)
		}
	}
}

func (k *kindCommand) offerRequest(cmd *cobra.Command) {
	var why string
	cmd.Flags().StringVar(&why, "request", "", "when it is refused for want of quota or of a permission: ask for it in these words")
	if cmd.Flags().Lookup("dry-run") != nil {
		cmd.MarkFlagsMutuallyExclusive("request", "dry-run")
	}
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		var p *client.Problem
		if !errors.As(err, &p) || p.Reason != "Forbidden" && p.Reason != "QuotaExceeded" {
			return err
		}
		if why == "" {
			p.Hint = opt(strings.TrimPrefix(value(p.Hint)+"; or ask for it: add --request and why", "; "))
			return err
		}
		return k.ask(cmd.Context(), why, p)
	}
}

// ask makes a request of the call that was refused.
func (k *kindCommand) ask(ctx context.Context, why string, refusal *client.Problem) error {
	c, err := k.connect()
	if err != nil {
		return err
	}
	d, err := k.asked(ctx, c, why)
	if err != nil {
		return err
	}
	r := requests(k.app)
	d.noun = r.noun
	applied, err := k.create(ctx, d, false)
	switch {
	case err != nil:
		return err
	case k.plain():
		fmt.Fprintf(k.Out, "refused: %s\nasked for as request %s; follow it with: plaza request wait %s\n", refusal.Detail, d.Name, d.Name)
		return nil
	}
	out := r.report(ctx, []client.Object{applied.Object}, true)
	out.data = applied.Object
	return k.print(out)
}

// asked describes the call that was sent last. Objects are named by id, as names depend on the project in use.
func (k *kindCommand) asked(ctx context.Context, c *client.Client, why string) (*document, error) {
	verb, path := "create", "/v1/"+k.noun.Plural
	var object string
	d := &document{Kind: "request", Spec: map[string]any{"method": k.sent.method, "comment": why}}
	if len(k.sent.body) > 0 {
		d.Spec["body"] = json.RawMessage(k.sent.body)
	}
	if _, rest, ok := strings.Cut(k.sent.url.EscapedPath(), path+"/"); ok {
		id, action, acts := strings.Cut(rest, "/")
		id, err := url.PathUnescape(id)
		if err != nil {
			return nil, err
		}
		o, err := client.Read[client.Object](k.noun.Get(ctx, c, client.Target{ID: id, Project: k.sent.url.Query().Get("project")}))
		if err != nil {
			return nil, err
		}
		verb, object, d.Project, path = "update", o.Name, o.Project, path+"/"+o.ID
		switch {
		case acts:
			verb, path = action, path+"/"+action
		case k.sent.method == http.MethodDelete:
			verb = "delete"
		}
	} else {
		var made struct{ Name, Project string }
		if err := json.NewDecoder(bytes.NewReader(k.sent.body)).Decode(&made); err != nil {
			return nil, err
		}
		object, d.Project = made.Name, made.Project
	}
	d.Spec["path"] = path
	d.Name = requestName(verb, k.noun.Name, object)
	return d, nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9.-]+`)

// requestName says what is asked for, and differs from the one for the same the last time.
func requestName(verb, kind, object string) string {
	name := notInNames.ReplaceAllString(strings.ToLower(verb+"-"+kind+"-"+object), "-")
	return strings.TrimRight(name[:min(len(name), 57)], "-.") + "-" + strings.ToLower(rand.Text()[:5])
}
