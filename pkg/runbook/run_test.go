package runbook_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/runbook"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// TestNothingRunsThatWasNotApproved by somebody else; then it runs once, and who approved is in the audit.
func TestNothingRunsThatWasNotApproved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c, m := newControl(t, db, silent{}), newMachine(t)
		step := m.does("reboot", `echo done >> log; echo the key is "$(cat)" and more`)
		step.Approval = &runbook.Approval{Question: "is it empty?"}
		require.NoError(t, c.write(t, "ann", "reboot", m.book(step)))
		refused(t, c.begin(t, "rita", "r0", "reboot", nil), resource.ReasonForbidden, "")
		refused(t, c.begin(t, "tom", "r0", "reboot", nil), resource.ReasonForbidden, "")
		require.NoError(t, c.begin(t, "ann", "r1", "reboot", nil))
		got := c.becomes(t, "r1", runbook.RunWaiting)
		require.Equal(t, []runbook.StepState{runbook.StepApproval}, states(got))
		require.Contains(t, got.Status.Message, "is it empty?")

		refused(t, c.act(t, "ann", "r1", "approve", "{}"), resource.ReasonForbidden, "nobody approves what they started themselves")
		token, secret, err := c.people.CreateToken(t.Context(), c.who["ann"], tenancy.NewToken{Name: "other"})
		require.NoError(t, err)
		require.NotEmpty(t, secret)
		p, err := c.people.PrincipalOf(t.Context(), token.ID)
		require.NoError(t, err)
		c.who["ann/token"] = p.Actor
		refused(t, c.act(t, "ann/token", "r1", "approve", "{}"), resource.ReasonForbidden, "nobody approves")
		refused(t, c.act(t, "rita", "r1", "approve", "{}"), resource.ReasonForbidden, "")
		require.Zero(t, m.times(), "nothing runs before")

		require.NoError(t, c.act(t, "ben", "r1", "approve", `{"note":"it is"}`))
		got = c.becomes(t, "r1", runbook.RunDone)
		require.Equal(t, 1, m.times())
		require.Equal(t, 1, m.lines("log"))
		require.Equal(t, "ben", got.Status.Steps[0].ApprovedBy)
		require.Contains(t, got.Status.Steps[0].Work.Output, "the key is")
		notes := c.notes(t, got.ID)
		require.Contains(t, notes, "ann create")
		require.Contains(t, notes, "ben approve")
		require.Contains(t, notes, "step.begin step reboot, try 1, approved by ben")
		require.Contains(t, notes, "step.done step reboot, approved by ben")
		refused(t, c.act(t, "ben", "r1", "approve", "{}"), resource.ReasonConflict, "no step")

		require.NoError(t, c.begin(t, "ann", "r2", "reboot", nil))
		c.becomes(t, "r2", runbook.RunWaiting)
		require.NoError(t, c.act(t, "ben", "r2", "refuse", `{"reason":"it is not"}`))
		got = c.becomes(t, "r2", runbook.RunFailed)
		require.Contains(t, got.Status.Message, "refused by ben: it is not")
		require.Equal(t, 1, m.times())
	})
}

// TestWhatFails is tried again, gone past, or undone, as each step says.
func TestWhatFails(t *testing.T) {
	c, m := newControl(t, storetest.Open(t, store.SQLite), silent{}), newMachine(t)
	flaky := m.does("flaky", `echo x >> tries; test $(wc -l < tries) -ge 3`)
	flaky.Retry = &runbook.Retry{Times: 4, BackoffSeconds: 1}
	vain := m.does("vain", "echo too bad >&2; exit 7")
	vain.OnFailure = runbook.Continue
	require.NoError(t, c.write(t, "ann", "flaky", m.book(flaky, vain, m.does("last", "echo x >> last"))))
	require.NoError(t, c.begin(t, "ann", "f1", "flaky", nil))
	got := c.becomes(t, "f1", runbook.RunDone)
	require.Equal(t, []runbook.StepState{runbook.StepDone, runbook.StepFailed, runbook.StepDone}, states(got))
	require.Equal(t, 3, got.Status.Steps[0].Work.Attempts)
	require.Contains(t, got.Status.Steps[1].Work.Message, "status 7")
	require.Equal(t, "too bad\n", got.Status.Steps[1].Work.Output)
	require.Equal(t, 1, m.lines("last"))

	undo := m.does("x", "echo x >> undone").Do
	undo.SSH.Idempotent = true
	first, second := m.does("first", "echo x >> first"), m.does("second", "test -e mended")
	first.Undo, second.OnFailure = &undo, runbook.Compensate
	require.NoError(t, c.write(t, "ann", "undo", m.book(first, second)))
	require.NoError(t, c.begin(t, "ann", "u1", "undo", nil))
	got = c.becomes(t, "u1", runbook.RunFailed)
	require.Equal(t, []runbook.StepState{runbook.StepUndone, runbook.StepFailed}, states(got))
	require.Contains(t, got.Status.Message, "what was done before is undone")
	require.Equal(t, 1, m.lines("undone"))
	require.Equal(t, resource.PhaseFailed, c.run(t, "u1").Phase)

	// Done anew from where it failed means from what was undone.
	require.NoError(t, c.write(t, "ben", "undo", m.book(m.does("other", "true"))), "a run keeps the runbook that it began with")
	err := m.touch("mended")
	require.NoError(t, err)
	require.NoError(t, c.act(t, "ben", "u1", "retry", `{"note":"mended"}`))
	got = c.becomes(t, "u1", runbook.RunDone)
	require.Equal(t, 2, m.lines("first"))
	require.Equal(t, int64(1), got.Spec.Version)
	refused(t, c.act(t, "ben", "u1", "retry", `{"step":"first"}`), resource.ReasonConflict, "is done")

	slow := m.does("slow", "exec sleep 60")
	slow.TimeoutSeconds, slow.Do.SSH.Idempotent = 1, true
	require.NoError(t, c.write(t, "ann", "slow", m.book(slow)))
	require.NoError(t, c.begin(t, "ann", "s1", "slow", nil))
	require.Contains(t, c.becomes(t, "s1", runbook.RunFailed).Status.Message, "took too long")
	slow.TimeoutSeconds = 60
	require.NoError(t, c.write(t, "ann", "slow", m.book(slow)))
	require.NoError(t, c.begin(t, "ann", "s2", "slow", nil))
	require.Eventually(t, func() bool { return states(c.run(t, "s2"))[0] == runbook.StepRunning }, time.Minute, 20*time.Millisecond)
	_, err = c.Delete(t.Context(), resource.Request{Kind: "runbook", ID: "slow", Actor: c.who["ann"]})
	refused(t, err, resource.ReasonInUse, "s2")
	require.NoError(t, c.act(t, "ben", "s2", "cancel", "{}"))
	require.Contains(t, c.becomes(t, "s2", runbook.RunCancelled).Status.Message, "cancelled by ben")
	_, err = c.Delete(t.Context(), resource.Request{Kind: "run", ID: "s2", Actor: c.who["ann"]})
	require.NoError(t, err)
}

// TestOnlyTheKnownMachine is spoken to, and keys are neither shown nor said.
func TestOnlyTheKnownMachine(t *testing.T) {
	c, m := newControl(t, storetest.Open(t, store.SQLite), silent{}), newMachine(t)
	line := strings.Split(m.key, "\n")[1]
	require.NoError(t, c.write(t, "ann", "say", m.book(m.does("say", "echo secret "+line))))
	require.NoError(t, c.begin(t, "ann", "s1", "say", nil))
	got := c.becomes(t, "s1", runbook.RunDone)
	require.Equal(t, "secret ***\n", got.Status.Steps[0].Work.Output)
	raw, err := c.View(resource.Everything).Get(t.Context(), "runbook", "", "say")
	require.NoError(t, err)
	require.NotContains(t, string(raw.Spec), "PRIVATE")
	require.NotContains(t, string(raw.Spec), "secrets")

	other := newMachine(t)
	step := m.does("say", "echo x >> log")
	step.Do.SSH.HostKey = other.hostKey
	require.NoError(t, c.write(t, "ann", "wrong", m.book(step)))
	require.NoError(t, c.begin(t, "ann", "w1", "wrong", nil))
	require.Contains(t, c.becomes(t, "w1", runbook.RunFailed).Status.Message, "not the machine that is known")
	require.Zero(t, m.lines("log"))
	require.Equal(t, 1, m.times(), "it was asked for nothing since")
}

// TestWhatIsNotValid is refused when it is written down or told, and not in the middle of a run.
func TestWhatIsNotValid(t *testing.T) {
	c, m := newControl(t, storetest.Open(t, store.SQLite), silent{}), newMachine(t)
	step := func(change func(*runbook.Step)) runbook.Spec {
		s := m.does("a", "true")
		change(&s)
		return m.book(s)
	}
	for want, spec := range map[string]runbook.Spec{
		"exactly one act; this has 0": step(func(s *runbook.Step) { s.Do.SSH = nil }),
		"exactly one act; this has 2": step(func(s *runbook.Step) { s.Do.Cordon = &runbook.HostArgs{Host: "h"} }),
		"is no parameter":             step(func(s *runbook.Step) { s.Do = runbook.Act{Cordon: &runbook.HostArgs{Host: "${host}"}} }),
		"no secret":                   step(func(s *runbook.Step) { s.Do.SSH.Key = "none" }),
		"no public key":               step(func(s *runbook.Step) { s.Do.SSH.HostKey = "anything" }),
		"may be repeated":             step(func(s *runbook.Step) { do := s.Do; s.Undo = &do }),
		"no kind": step(func(s *runbook.Step) {
			s.Do = runbook.Act{Wait: &runbook.WaitArgs{Kind: "toaster", Object: "x", Field: "phase", Is: "Ready"}}
		}),
		"fail, stop, leave": step(func(s *runbook.Step) {
			s.Do = runbook.Act{Evacuate: &runbook.EvacuateArgs{Host: "h", Otherwise: "burn"}}
		}),
		"that is there once":   m.book(m.does("a", "true"), m.does("a", "true")),
		"is not a private key": {Steps: []runbook.Step{m.does("a", "true")}, Secrets: map[string]string{"ops": "hunter2"}},
		"comes with Plaza":     {Builtin: true, Steps: []runbook.Step{m.does("a", "true")}, Secrets: map[string]string{"ops": m.key}},
	} {
		err := c.write(t, "ann", "bad", spec)
		require.Equal(t, resource.ReasonInvalid, resource.ReasonOf(err), "%s: %v", want, err)
		if !spec.Builtin {
			require.ErrorContains(t, err, want)
		}
	}
	book := m.book(m.does("a", "echo ${what} >> log; echo ${n}"))
	five := "5"
	book.Parameters = []runbook.RunParameter{{Name: "what"}, {Name: "n", Type: "integer", Default: &five}, {Name: "host", Type: "host", Default: nil}}
	require.NoError(t, c.write(t, "ann", "told", book))
	_, err := c.Apply(t.Context(), resource.Request{Kind: "host", Name: "h1", Spec: json.RawMessage(`{"site":"north","schedulable":true}`), Actor: c.who["ann"]})
	require.NoError(t, err)
	for want, params := range map[string]map[string]string{
		"host: is missing":        {"what": "x"},
		"does not match":          {"what": "x; rm -rf /", "host": "h1"},
		"not a whole number":      {"what": "x", "n": "many", "host": "h1"},
		"there is no host":        {"what": "x", "host": "h2"},
		"does not ask for it":     {"what": "x", "host": "h1", "more": "y"},
		"parameters.what: is mis": {"host": "h1"},
	} {
		refused(t, c.begin(t, "ann", "t1", "told", params), resource.ReasonInvalid, want)
	}
	require.NoError(t, c.begin(t, "ann", "t1", "told", map[string]string{"what": "x-1", "host": "h1"}))
	require.Equal(t, "5\n", c.becomes(t, "t1", runbook.RunDone).Status.Steps[0].Work.Output)
	require.Equal(t, 1, m.lines("log"))
}

// TestWhoLostTheRight has nothing done in their name any more, and two runs are not at one host.
func TestWhoLostTheRight(t *testing.T) {
	c := newControl(t, storetest.Open(t, store.SQLite), silent{})
	_, err := c.Apply(t.Context(), resource.Request{Kind: "host", Name: "h1", Spec: json.RawMessage(`{"site":"north","schedulable":true}`), Actor: c.who["ann"]})
	require.NoError(t, err)
	cordon := runbook.Step{Name: "close", Do: runbook.Act{Cordon: &runbook.HostArgs{Host: "${host}"}}, Approval: &runbook.Approval{}}
	require.NoError(t, c.write(t, "ben", "close", runbook.Spec{Steps: []runbook.Step{cordon}, Parameters: []runbook.RunParameter{{Name: "host", Type: "host"}}}))
	host := map[string]string{"host": "h1"}
	require.NoError(t, c.begin(t, "ann", "c1", "close", host))
	c.becomes(t, "c1", runbook.RunWaiting)
	refused(t, c.begin(t, "ben", "c2", "close", host), resource.ReasonConflict, "run c1 is at the same host")
	bindings, err := c.people.Bindings(t.Context(), tenancy.BindingFilter{User: "ann"})
	require.NoError(t, err)
	for _, b := range bindings {
		require.NoError(t, c.people.Unbind(t.Context(), resource.System("test"), b.ID))
	}
	require.NoError(t, c.act(t, "ben", "c1", "approve", "{}"))
	c.becomes(t, "c1", runbook.RunFailed)
	raw, err := c.View(resource.Everything).Get(t.Context(), "host", "", "h1")
	require.NoError(t, err)
	require.Equal(t, []string{"true"}, resource.Lookup(raw, "spec.schedulable"))
	require.NoError(t, c.begin(t, "ben", "c2", "close", host))
}
