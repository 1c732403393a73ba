package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

func init() {
	benches["plazad"] = bench{"time from exec to /readyz, memory after 10 s without requests, size of the binary (targets: ≤ 1 s, ≤ 100 MiB)", benchPlazad}
}

func benchPlazad(ctx context.Context) error {
	runs, stored := 5, 100_000
	if *quick {
		runs, stored = 1, 10_000
	}
	dir, err := os.MkdirTemp("", "plaza-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary, err := build(ctx, dir, "plazad", false)
	if err != nil {
		return err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	fmt.Printf("Binary: %.1f MiB.\n\n", float64(info.Size())/(1<<20))
	fmt.Println("| database | stored | first start | later start | idle RSS |")
	fmt.Println("|---|---:|---:|---:|---:|")
	for _, size := range []int{0, stored} {
		var first, later []time.Duration
		var rss int64
		for i := range runs {
			state := filepath.Join(dir, fmt.Sprint("state-", size, "-", i))
			p, _, err := startStored(ctx, binary, state, size)
			if err != nil {
				return err
			}
			first = append(first, p.took)
			p.stop()
			if p, err = startPlazad(ctx, binary, state); err != nil {
				return err
			}
			later = append(later, p.took)
			if i == runs-1 {
				time.Sleep(10 * time.Second)
				rss, err = residentKiB(p.cmd.Process.Pid)
			}
			p.stop()
			if err != nil {
				return err
			}
			_ = os.RemoveAll(state)
		}
		fmt.Printf("| sqlite | %d | %s | %s | %.1f MiB |\n", size, milliseconds(median(first)), milliseconds(median(later)), float64(rss)/1024)
	}
	return nil
}

// administrator is who a prepared installation is asked as.
type administrator struct{ password, token string }

// prepareState leaves a database with stored servers, as of an installation that was moved here.
func prepareState(ctx context.Context, dir string, size int) (admin administrator, err error) {
	if size == 0 {
		return administrator{}, nil
	}
	db, err := store.Open(ctx, "sqlite://"+filepath.Join(dir, "plaza.db"))
	if err != nil {
		return administrator{}, err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return administrator{}, err
	}
	people := tenancy.New(db, nil)
	first, err := people.Bootstrap(ctx)
	if err != nil {
		return administrator{}, err
	}
	seeded, err := people.Seed(ctx, nil)
	if err != nil {
		return administrator{}, err
	}
	admin.password = first.Password
	if _, admin.token, err = people.Login(ctx, tenancy.Credentials{Name: first.User, Password: first.Password}); err != nil {
		return administrator{}, err
	}
	_, err = fillServers(ctx, db, []string{seeded.Nodes[len(seeded.Nodes)-1].ID}, size)
	return admin, err
}

// startStored starts a plazad on a state of its own that holds servers.
func startStored(ctx context.Context, binary, dir string, size int) (*process, administrator, error) {
	admin, err := prepareState(ctx, dir, size)
	if err != nil {
		return nil, admin, err
	}
	p, err := startPlazad(ctx, binary, dir)
	return p, admin, err
}

// build makes a binary as a release does; flags are more of go build's.
func build(ctx context.Context, dir, name string, cgo bool, flags ...string) (string, error) {
	out := filepath.Join(dir, name)
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, "./cmd/"+name)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if cgo {
		cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	}
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", name, err, text)
	}
	return out, nil
}

// process is a program that was started for measuring.
type process struct {
	cmd  *exec.Cmd
	log  *bytes.Buffer
	base string // URL
	bus  string
	took time.Duration
}

func startPlazad(ctx context.Context, binary, dir string) (*process, error) {
	listen, bus := freeAddress(), freeAddress()
	p := &process{cmd: exec.CommandContext(context.WithoutCancel(ctx), binary, "run", "--dir", dir, "--listen", listen, "--bus-listen", bus, "--node", "bench", "--log-level", "warn"),
		log: &bytes.Buffer{}, base: "http://" + listen, bus: bus}
	p.cmd.Stderr = p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true} // Ctrl-C is for us: plazad has to clean up first
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for time.Since(began) < time.Minute && ctx.Err() == nil {
		resp, err := client.Get(p.base + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				p.took = time.Since(began)
				return p, nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	p.stop()
	return nil, fmt.Errorf("plazad did not get ready within a minute: %s", p.log)
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:0"
	}
	defer l.Close()
	return l.Addr().String()
}

func residentKiB(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
		}
	}
	return 0, fmt.Errorf("process %d has no VmRSS", pid)
}
