package runbook_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/runbook"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// crashChild is the process that is killed: it carries out what is in the database.
func crashChild(url string) {
	db, err := store.Open(context.Background(), url)
	if err != nil {
		panic(err)
	}
	if _, _, err := open(context.Background(), db, silent{}, true); err != nil {
		panic(err)
	}
	select {}
}

// spawn starts a child; kill ends it without a word.
func spawn(t *testing.T, url string) (kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), crashURL+"="+url), os.Stderr
	require.NoError(t, cmd.Start())
	done := false
	kill = func() {
		if !done {
			done = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	t.Cleanup(kill)
	return kill
}

// TestGoesOnWhereItWas after each kill: what was done is not done again, what may be repeated is, and for what may not
// somebody is waited for.
func TestGoesOnWhereItWas(t *testing.T) {
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(d), func(t *testing.T) {
			url := storetest.URL(t, d)
			db, err := store.Open(t.Context(), url)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			require.NoError(t, db.Migrate(t.Context()))
			c, stop, err := open(t.Context(), db, silent{}, false)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, stop()) })
			c.staff(t)
			m := newMachine(t)
			again := m.does("again", "echo x >> again; test $(wc -l < again) -ge 2 || exec sleep 300")
			again.Do.SSH.Idempotent = true
			require.NoError(t, c.write(t, "ann", "book", m.book(m.does("first", "echo x >> first"), m.does("once", "echo x >> once; exec sleep 300"), again, m.does("last", "echo x >> last"))))

			kill := spawn(t, url)
			require.NoError(t, c.begin(t, "ann", "r1", "book", nil))
			require.Eventually(t, func() bool { return m.lines("once") == 1 }, 90*time.Second, 20*time.Millisecond)
			kill()
			require.Equal(t, runbook.StepRunning, states(c.run(t, "r1"))[1])

			kill = spawn(t, url)
			got := c.becomes(t, "r1", runbook.RunWaiting)
			require.Equal(t, []runbook.StepState{runbook.StepDone, runbook.StepHeld, runbook.StepPending, runbook.StepPending}, states(got))
			require.Contains(t, got.Status.Message, "nobody knows whether the command was done")
			require.NoError(t, c.act(t, "ben", "r1", "skip", `{"note":"it was done"}`))
			require.Eventually(t, func() bool { return m.lines("again") == 1 }, 90*time.Second, 20*time.Millisecond)
			kill()

			spawn(t, url)
			got = c.becomes(t, "r1", runbook.RunDone)
			require.Equal(t, []runbook.StepState{runbook.StepDone, runbook.StepSkipped, runbook.StepDone, runbook.StepDone}, states(got))
			require.Equal(t, []int{1, 1, 2, 1}, []int{m.lines("first"), m.lines("once"), m.lines("again"), m.lines("last")})
		})
	}
}
