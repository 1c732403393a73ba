package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/runbook/errand"
)

const (
	commandsDir  = "commands"
	commandTime  = time.Hour
	keptOutcomes = 256
	maxArgument  = 256
)

// Command is one that the host's own configuration lets runbooks run. It is run without a shell.
type Command struct {
	Run        []string          `yaml:"run"`        // program and arguments; ${name} is a parameter
	Parameters map[string]string `yaml:"parameters"` // name → expression that a value matches as a whole
	Timeout    time.Duration     `yaml:"timeout"`    // 1 h
}

var placeholder = regexp.MustCompile(`\$\{([a-z][a-z0-9-]*)\}`)

// LoadCommands reads the commands that runbooks may run on this host. A file that is not there allows none; one that
// others than its owner may write is refused.
func LoadCommands(path string) (map[string]Command, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("commands for runbooks: %w", err)
	case info.Mode().Perm()&0o022 != 0:
		return nil, fmt.Errorf("commands for runbooks: others may write %s; mend it with: chmod go-w %s", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("commands for runbooks: %w", err)
	}
	var file struct {
		Commands map[string]Command `yaml:"commands"`
	}
	if err := yaml.UnmarshalWithOptions(text, &file, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("commands for runbooks: %s: %w", path, err)
	}
	for name, c := range file.Commands {
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("commands for runbooks: %s: %s: %w", path, name, err)
		}
	}
	return file.Commands, nil
}

// check refuses what would only fail when it is needed.
func (c Command) check() error {
	if len(c.Run) == 0 || !filepath.IsAbs(c.Run[0]) || placeholder.MatchString(c.Run[0]) {
		return errors.New("run begins with the absolute path of a program")
	}
	for _, arg := range c.Run {
		for _, m := range placeholder.FindAllStringSubmatch(arg, -1) {
			if _, ok := c.Parameters[m[1]]; !ok {
				return fmt.Errorf("%s is no parameter of it", m[0])
			}
		}
	}
	for name, pattern := range c.Parameters {
		if _, err := regexp.Compile(pattern); err != nil || pattern == "" {
			return fmt.Errorf("parameter %s has no expression that its values match: %w", name, err)
		}
	}
	return nil
}

// fill puts arguments in the places of parameters.
func (c Command) fill(arguments map[string]string) ([]string, error) {
	for name, value := range arguments {
		pattern, ok := c.Parameters[name]
		if !ok {
			return nil, fmt.Errorf("it takes no %s; it takes: %s", name, strings.Join(slices.Sorted(maps.Keys(c.Parameters)), ", "))
		}
		if len(value) > maxArgument || !regexp.MustCompile(`\A(?:`+pattern+`)\z`).MatchString(value) {
			return nil, fmt.Errorf("%s is not what this host allows: %s", name, pattern)
		}
	}
	for name := range c.Parameters {
		if _, ok := arguments[name]; !ok {
			return nil, fmt.Errorf("%s is missing", name)
		}
	}
	out := make([]string, len(c.Run))
	for i, arg := range c.Run {
		out[i] = placeholder.ReplaceAllStringFunc(arg, func(m string) string { return arguments[m[2:len(m)-1]] })
	}
	return out, nil
}

// commands runs what runbooks ask for. What became of each is kept, so that one asked for twice is run once.
type commands struct {
	dir     string // "": nothing can be kept, so nothing is run
	allowed map[string]Command

	mu     sync.Mutex
	closed bool
	active map[string]*activeCommand
	all    sync.WaitGroup
}

type activeCommand struct {
	stop    context.CancelFunc
	out     *errand.Tail
	started time.Time
}

func newCommands(dir string, allowed map[string]Command) *commands {
	if dir != "" {
		dir = filepath.Join(dir, commandsDir)
	}
	return &commands{dir: dir, allowed: allowed, active: map[string]*activeCommand{}}
}

// close stops what runs; its outcome is then not known.
func (c *commands) close() {
	c.mu.Lock()
	c.closed = true
	for _, a := range c.active {
		a.stop()
	}
	c.mu.Unlock()
	c.all.Wait()
}

var orderID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.-]{0,127}$`)

// order starts a command, or tells how far the one of that id is.
func (c *commands) order(_ context.Context, in errand.Order) (errand.Outcome, error) {
	if !orderID.MatchString(in.ID) {
		return errand.Outcome{}, &bus.Fault{Reason: bus.ReasonInvalid, Detail: "the id of the order can not be kept"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if out, known, err := c.look(in.ID); known || err != nil {
		return out, err
	}
	cmd, ok := c.allowed[in.Name]
	if !ok || c.dir == "" {
		return errand.Outcome{}, &bus.Fault{Reason: "Forbidden", Detail: fmt.Sprintf("this host allows no command %q", in.Name),
			Hint: "it allows: " + strings.Join(slices.Sorted(maps.Keys(c.allowed)), ", ") + "; its operator adds some in the file of plaza-agent run --commands"}
	}
	argv, err := cmd.fill(in.Arguments)
	if err != nil {
		return errand.Outcome{}, &bus.Fault{Reason: bus.ReasonInvalid, Detail: "command " + in.Name + ": " + err.Error()}
	}
	if c.closed {
		return errand.Outcome{}, &bus.Fault{Reason: bus.ReasonUnavailable, Detail: "the agent is stopping", Hint: "try again"}
	}
	now := time.Now().UTC()
	// Kept before it begins: an agent that dies meanwhile does not begin it again.
	if err := c.keep(in.ID, errand.Outcome{State: errand.Running, StartedAt: now}); err != nil {
		return errand.Outcome{}, err
	}
	limit := cmd.Timeout
	orDefault(&limit, commandTime)
	if in.TimeoutMS > 0 {
		limit = min(limit, time.Duration(in.TimeoutMS)*time.Millisecond)
	}
	ctx, stop := context.WithTimeout(context.Background(), limit)
	a := &activeCommand{stop: stop, out: &errand.Tail{}, started: now}
	c.active[in.ID] = a
	c.all.Go(func() { c.run(ctx, in.ID, argv, a) })
	return errand.Outcome{State: errand.Running, StartedAt: now}, nil
}

// look tells of a command that was ordered before.
func (c *commands) look(id string) (out errand.Outcome, known bool, err error) {
	if a, runs := c.active[id]; runs {
		return errand.Outcome{State: errand.Running, Output: a.out.String(), StartedAt: a.started}, true, nil
	}
	blob, err := os.ReadFile(c.path(id))
	if errors.Is(err, fs.ErrNotExist) || c.dir == "" {
		return out, false, nil
	}
	if err == nil {
		err = json.Unmarshal(blob, &out)
	}
	if out.State == errand.Running { // an earlier start of the agent was at it
		out.State = errand.Lost
	}
	return out, true, err
}

// halt stops the command of an id.
func (c *commands) halt(_ context.Context, in errand.Order) (errand.Outcome, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a, runs := c.active[in.ID]; runs {
		a.stop()
	}
	out, _, err := c.look(in.ID)
	return out, err
}

func (c *commands) run(ctx context.Context, id string, argv []string, a *activeCommand) {
	defer a.stop()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"}
	cmd.Stdout, cmd.Stderr = a.out, a.out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // what it started, too
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	out := errand.Outcome{State: errand.Ended, StartedAt: a.started, Output: a.out.String(), Exit: -1}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		out.Error = "it took too long and was stopped"
	case ctx.Err() != nil:
		out.Error = "it was stopped"
	case err == nil:
		out.Exit = 0
	case errors.As(err, &exit):
		out.Exit = exit.ExitCode()
		out.Error = exit.Error()
	default:
		out.Error = err.Error()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.active, id)
	if c.closed && out.Exit != 0 {
		return // it was ended with the agent, which is told as lost
	}
	_ = c.keep(id, out) // what can not be kept is told as lost
	c.prune()
}

func (c *commands) path(id string) string { return filepath.Join(c.dir, id+".json") }

func (c *commands) keep(id string, out errand.Outcome) error {
	blob, err := json.Marshal(out)
	if err == nil {
		err = os.MkdirAll(c.dir, 0o700)
	}
	if err == nil {
		err = writeFile(c.path(id), blob)
	}
	if err != nil {
		return fmt.Errorf("keeping what becomes of the command: %w", err)
	}
	return nil
}

// prune forgets the oldest outcomes.
func (c *commands) prune() {
	entries, err := os.ReadDir(c.dir)
	if err != nil || len(entries) <= keptOutcomes {
		return
	}
	age := map[string]time.Time{}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			age[e.Name()] = info.ModTime()
		}
	}
	names := slices.SortedFunc(maps.Keys(age), func(a, b string) int { return age[a].Compare(age[b]) })
	for _, name := range names[:len(names)-keptOutcomes] {
		if _, runs := c.active[strings.TrimSuffix(name, ".json")]; !runs {
			_ = os.Remove(filepath.Join(c.dir, name)) // the next one tries again
		}
	}
}
