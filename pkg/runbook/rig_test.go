package runbook_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/crypto/ssh"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/runbook"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

const crashURL = "PLAZA_TEST_RUNBOOK_URL"

func TestMain(m *testing.M) {
	if url := os.Getenv(crashURL); url != "" {
		crashChild(url)
		return
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		storetest.Stop()
		os.Exit(code)
	}))
}

// control is a control plane: the real store and engine, with people and runbooks.
type control struct {
	*resource.Store
	people *tenancy.Service
	keeper *runbook.Keeper
	engine *operation.Engine
	who    map[string]resource.Actor
}

// open puts a control plane over a database; stop ends it as a signal would. Without start it takes in what others carry out.
func open(ctx context.Context, db *store.DB, agents runbook.Agents, start bool) (c *control, stop func() error, err error) {
	c = &control{people: tenancy.New(db, nil), keeper: &runbook.Keeper{}, who: map[string]resource.Actor{}}
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{Vitals: alive})
	c.keeper.Register(reg)
	sealer, err := resource.NewSealer(make([]byte, 32))
	if err != nil {
		return nil, nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	c.Store = resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer, Authorizer: c.people, Tree: c.people, Log: quiet})
	c.people.Attach(c.Store)
	c.engine, err = operation.New(ctx, operation.Config{DB: db, Objects: c.Store, Node: "n1", Log: quiet})
	if err != nil {
		return nil, nil, err
	}
	c.UseJobs(c.engine)
	c.keeper.Open(runbook.Config{Objects: c.Store, People: c.people, Agents: agents, Node: "n1", Log: quiet})
	if start {
		err = c.engine.Start(ctx)
	}
	return c, func() (err error) {
		end, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if start {
			err = c.engine.Stop(end)
		}
		c.keeper.Close()
		c.Close()
		return err
	}, err
}

// alive is what every host tells.
func alive(string) (provider.HostState, time.Time) {
	return provider.HostState{ObservedAt: time.Now()}, time.Now()
}

func newControl(t *testing.T, db *store.DB, agents runbook.Agents) *control {
	t.Helper()
	c, stop, err := open(t.Context(), db, agents, true)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	c.staff(t)
	return c
}

// staff are two operators and a reader of the whole installation, and an administrator of one tenant.
func (c *control) staff(t *testing.T) {
	system := resource.System("test")
	_, err := c.people.Bootstrap(t.Context())
	require.NoError(t, err)
	_, err = c.people.CreateNode(t.Context(), system, tenancy.NewNode{Type: tenancy.Group, Name: "shop"})
	require.NoError(t, err)
	for _, u := range []struct {
		name string
		role tenancy.Role
		node string
	}{{"ann", tenancy.Operator, "/"}, {"ben", tenancy.Operator, "/"}, {"rita", tenancy.Reader, "/"}, {"tom", tenancy.Admin, "shop"}} {
		made, err := c.people.CreateUser(t.Context(), system, tenancy.NewUser{Name: u.name})
		require.NoError(t, err)
		_, err = c.people.Bind(t.Context(), system, made.ID, u.role, u.node)
		require.NoError(t, err)
		p, err := c.people.PrincipalOf(t.Context(), made.ID)
		require.NoError(t, err)
		c.who[u.name] = p.Actor
	}
}

func (c *control) write(t testing.TB, who, name string, s runbook.Spec) error {
	t.Helper()
	if s.Summary == "" {
		s.Summary = "a test"
	}
	text, err := json.Marshal(s)
	require.NoError(t, err)
	_, err = c.Apply(t.Context(), resource.Request{Kind: "runbook", Name: name, Spec: text, Actor: c.who[who]})
	return err
}

// begin starts a run of the runbook of the same name.
func (c *control) begin(t testing.TB, who, name, book string, params map[string]string) error {
	t.Helper()
	text, err := json.Marshal(map[string]any{"runbook": book, "parameters": params})
	require.NoError(t, err)
	_, err = c.Apply(t.Context(), resource.Request{Kind: "run", Name: name, Spec: text, Actor: c.who[who], Mode: resource.CreateOnly})
	return err
}

func (c *control) act(t testing.TB, who, name, verb, input string) error {
	t.Helper()
	_, err := c.Act(t.Context(), resource.Request{Kind: "run", ID: name, Actor: c.who[who]}, verb, json.RawMessage(input))
	return err
}

func (c *control) run(t testing.TB, name string) runbook.Run {
	t.Helper()
	raw, err := c.View(resource.Everything).Get(context.Background(), "run", "", name)
	require.NoError(t, err)
	out, err := resource.As[runbook.RunSpec, runbook.RunStatus](raw)
	require.NoError(t, err)
	return out
}

// becomes waits for a state of a run.
func (c *control) becomes(t testing.TB, name string, s runbook.RunState) runbook.Run {
	t.Helper()
	var got runbook.Run
	require.Eventually(t, func() bool {
		got = c.run(t, name)
		return got.Status.State == s
	}, 90*time.Second, 20*time.Millisecond, "run %s does not become %s", name, s)
	return got
}

// notes are what the audit has of a run, oldest first.
func (c *control) notes(t testing.TB, id string) string {
	t.Helper()
	list, err := c.View(resource.Everything).History(context.Background(), id, "", 1000)
	require.NoError(t, err)
	var out strings.Builder
	for i := len(list) - 1; i >= 0; i-- {
		fmt.Fprintln(&out, list[i].Actor, list[i].Verb, list[i].Note)
	}
	return out.String()
}

func states(r runbook.Run) (out []runbook.StepState) {
	for _, s := range r.Status.Steps {
		out = append(out, s.State)
	}
	return out
}

func refused(t testing.TB, err error, reason resource.Reason, text string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, reason, resource.ReasonOf(err), "%v", err)
	require.ErrorContains(t, err, text)
}

// machine is one with an SSH server that runs what it is asked for by a shell, as they all do.
type machine struct {
	dir, addr, hostKey, key string
	wg                      sync.WaitGroup
	mu                      sync.Mutex
	asked                   int
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{dir: t.TempDir()}
	hostSigner, hostPublic, _ := newKey(t)
	_, clientPublic, clientPEM := newKey(t)
	m.hostKey, m.key = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(hostPublic))), clientPEM
	cfg := &ssh.ServerConfig{PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if c.User() == "ops" && string(key.Marshal()) == string(clientPublic.Marshal()) {
			return nil, nil
		}
		return nil, fmt.Errorf("%s is not let in", c.User())
	}}
	cfg.AddHostKey(hostSigner)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	m.addr = l.Addr().String()
	m.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			m.wg.Go(func() { m.serve(conn, cfg) })
		}
	})
	t.Cleanup(func() { require.NoError(t, l.Close()); m.wg.Wait() })
	return m
}

func newKey(t *testing.T) (ssh.Signer, ssh.PublicKey, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	require.NoError(t, err)
	return signer, signer.PublicKey(), string(pem.EncodeToMemory(block))
}

func (m *machine) serve(conn net.Conn, cfg *ssh.ServerConfig) {
	defer conn.Close()
	sc, chans, reqs, err := ssh.NewServerConn(conn, cfg)
	if err != nil {
		return
	}
	m.wg.Go(func() { ssh.DiscardRequests(reqs) })
	gone, end := context.WithCancel(context.Background())
	m.wg.Go(func() { _ = sc.Wait(); end() })
	for nc := range chans {
		ch, reqs, err := nc.Accept()
		if err != nil {
			return
		}
		m.wg.Go(func() {
			for r := range reqs {
				var in struct{ Line string }
				if r.Type != "exec" || ssh.Unmarshal(r.Payload, &in) != nil {
					_ = r.Reply(false, nil)
					continue
				}
				_ = r.Reply(true, nil)
				m.wg.Go(func() { m.exec(gone, ch, in.Line) })
			}
		})
	}
}

func (m *machine) exec(ctx context.Context, ch ssh.Channel, line string) {
	m.mu.Lock()
	m.asked++
	m.mu.Unlock()
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", line)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = m.dir, ch, ch.Stderr(), time.Second
	_ = cmd.Run()
	code := max(cmd.ProcessState.ExitCode(), 0)
	_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{uint32(code)})) // #nosec G115 -- a byte
	_ = ch.Close()
}

// times is how often something was asked of the machine.
func (m *machine) times() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked
}

// lines are those of a file on the machine.
func (m *machine) lines(name string) int {
	blob, err := os.ReadFile(filepath.Join(m.dir, name))
	if err != nil {
		return 0
	}
	return strings.Count(string(blob), "\n")
}

// does is a step that runs a shell's text on the machine.
func (m *machine) does(name, text string) runbook.Step {
	return runbook.Step{Name: name, Do: runbook.Act{SSH: &runbook.SSHArgs{Address: m.addr, User: "ops", HostKey: m.hostKey, Key: "ops", Command: []string{"sh", "-c", text}}}}
}

func (m *machine) book(steps ...runbook.Step) runbook.Spec {
	return runbook.Spec{Steps: steps, Secrets: map[string]string{"ops": m.key}}
}

// silent is the agents of hosts that are away.
type silent struct{}

func (silent) Call(context.Context, string, string, string, time.Duration, any, any) error {
	return io.ErrUnexpectedEOF
}

func (m *machine) touch(name string) error {
	return os.WriteFile(filepath.Join(m.dir, name), nil, 0o600)
}
