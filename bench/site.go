package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// site is a whole KVM site of this run's own: plazad, agent and libvirtd, with the appliance as its image.
type site struct {
	dir      string
	uri      string // of libvirtd
	plane    *process
	token    string
	project  string
	children []*exec.Cmd
}

const imageManifest = "build/images/plaza-appliance.json"

func startSite(ctx context.Context) (s *site, err error) {
	if os.Getuid() != 0 {
		return nil, fmt.Errorf("guests and their networks need root")
	}
	if _, err := os.Stat(imageManifest); err != nil {
		return nil, fmt.Errorf("build the image first, with make image: %w", err)
	}
	dir, err := os.MkdirTemp("", "plz") // sockets have short paths
	if err != nil {
		return nil, err
	}
	s = &site{dir: dir, uri: "qemu+unix:///system?socket=" + dir + "/l/run/libvirt-sock"}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // dnsmasq and QEMU have users of their own
		return s, err
	}
	agent, err := build(ctx, dir, "plaza-agent", true)
	if err != nil {
		return s, err
	}
	plazad, err := build(ctx, dir, "plazad", false)
	if err != nil {
		return s, err
	}
	if err := s.launch("libvirtd", agent, "libvirtd", "--dir", dir+"/l"); err != nil {
		return s, err
	}
	if err := await(ctx, 3*time.Minute, "libvirtd", func() bool { return s.virsh(ctx, "list") == nil }); err != nil {
		return s, err
	}
	if s.plane, err = startPlazad(ctx, plazad, dir+"/p"); err != nil {
		return s, err
	}
	if err := s.signIn(ctx, plazad); err != nil {
		return s, err
	}
	return s, s.join(ctx, agent)
}

func (s *site) signIn(ctx context.Context, plazad string) error {
	password, err := os.ReadFile(s.dir + "/p/initial-admin-password")
	if err != nil {
		return err
	}
	var login struct {
		Token string `json:"token"`
	}
	if err := s.call(ctx, http.MethodPost, "/v1/login", map[string]any{"name": "admin", "password": strings.TrimSpace(string(password))}, &login); err != nil {
		return err
	}
	s.token = login.Token
	text, err := exec.CommandContext(ctx, plazad, "seed", "--dir", s.dir+"/p", "--log-level", "error").Output()
	if err != nil {
		return err
	}
	var seeded struct {
		Nodes []struct{ ID, Type string }
	}
	if err := json.Unmarshal(text, &seeded); err != nil {
		return err
	}
	for _, n := range seeded.Nodes {
		if n.Type == "project" {
			s.project = n.ID
		}
	}
	return nil
}

// join enrols this machine and waits until it can take servers.
func (s *site) join(ctx context.Context, agent string) error {
	var token struct{ Token string }
	if err := s.call(ctx, http.MethodPost, "/v1/hosts/enrol-tokens", map[string]any{"site": "bench"}, &token); err != nil {
		return err
	}
	enrol := exec.CommandContext(ctx, agent, "enrol", "--server", s.plane.base, "--token-file", "-", "--dir", s.dir+"/a", "--name", "bench")
	enrol.Stdin = strings.NewReader(token.Token)
	if text, err := enrol.CombinedOutput(); err != nil {
		return fmt.Errorf("enrol: %w: %s", err, text)
	}
	if err := s.launch("agent", agent, "run", "--dir", s.dir+"/a", "--run-dir", s.dir+"/r", "--libvirt", s.uri); err != nil {
		return err
	}
	return await(ctx, time.Minute, "the host to report", func() bool {
		var h struct {
			Status struct{ Alive, LibvirtUp bool }
		}
		return s.call(ctx, http.MethodGet, "/v1/hosts/bench", nil, &h) == nil && h.Status.Alive && h.Status.LibvirtUp
	})
}

// furnish makes what servers need: flavor, image, network and a rule for port 8080.
func (s *site) furnish(ctx context.Context) error {
	text, err := os.ReadFile(imageManifest)
	if err != nil {
		return err
	}
	var m struct {
		Disk, Kernel, Initrd, Cmdline string
		SHA256                        struct{ Disk, Kernel, Initrd string } `json:"sha256"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return err
	}
	folder, err := filepath.Abs(filepath.Dir(imageManifest))
	if err != nil {
		return err
	}
	file := func(name, sum string) map[string]any {
		return map[string]any{"url": "file://" + filepath.Join(folder, name), "sha256": sum, "bytes": 0}
	}
	for _, o := range []struct {
		plural, name, project string
		spec                  map[string]any
	}{
		{"flavors", "small", "", map[string]any{"vcpus": 1, "memoryMiB": 512, "diskGiB": 2}},
		{"flavors", "medium", "", map[string]any{"vcpus": 2, "memoryMiB": 1024, "diskGiB": 10}},
		{"images", "appliance", "", map[string]any{"format": "qcow2", "arch": "x86_64", "cmdline": m.Cmdline, "disk": file(m.Disk, m.SHA256.Disk),
			"kernel": file(m.Kernel, m.SHA256.Kernel), "initrd": file(m.Initrd, m.SHA256.Initrd)}},
		{"networks", "net", s.project, map[string]any{"cidr": "10.77.0.0/24"}},
		{"securitygroups", "web", s.project, map[string]any{"rules": []any{map[string]any{"protocol": "tcp", "fromPort": 8080}}}},
	} {
		body := map[string]any{"name": o.name, "spec": o.spec}
		if o.project != "" {
			body["project"] = o.project
		}
		if err := s.call(ctx, http.MethodPost, "/v1/"+o.plural+"?wait=120s", body, nil); err != nil {
			return fmt.Errorf("make %s: %w", o.name, err)
		}
	}
	return nil
}

// call asks the API; into may be nil.
func (s *site) call(ctx context.Context, method, path string, body, into any) error {
	data := []byte{}
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, s.plane.base+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		if method == http.MethodPatch {
			req.Header.Set("Content-Type", "application/merge-patch+json")
		}
	}
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

func (s *site) virsh(ctx context.Context, args ...string) error {
	if text, err := exec.CommandContext(ctx, "virsh", append([]string{"--quiet", "--connect", s.uri}, args...)...).CombinedOutput(); err != nil {
		return fmt.Errorf("virsh %s: %w: %s", args[0], err, text)
	}
	return nil
}

func (s *site) launch(name, program string, args ...string) error {
	log, err := os.Create(filepath.Join(s.dir, name+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.children = append(s.children, cmd)
	return nil
}

// stop ends guests and programs, and removes networks and files.
func (s *site) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s.clear(ctx)
	if s.plane != nil {
		s.plane.stop()
	}
	for i := len(s.children) - 1; i >= 0; i-- {
		_ = s.children[i].Process.Signal(syscall.SIGTERM)
		_ = s.children[i].Wait()
	}
	_ = os.RemoveAll(s.dir)
}

// clear deletes what servers and networks are left after a run that broke off.
func (s *site) clear(ctx context.Context) {
	if s.token == "" {
		return
	}
	for _, plural := range []string{"bundles", "servers", "networks"} {
		var page struct{ Items []struct{ ID string } }
		if s.call(ctx, http.MethodGet, "/v1/"+plural, nil, &page) != nil {
			continue
		}
		for _, o := range page.Items {
			if err := s.call(ctx, http.MethodDelete, "/v1/"+plural+"/"+o.ID+"?wait=90s", nil, nil); err != nil {
				fmt.Fprintln(os.Stderr, "bench:", err)
			}
		}
	}
}

func await(ctx context.Context, limit time.Duration, what string, f func() bool) error {
	for end := time.Now().Add(limit); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		if f() {
			return nil
		}
	}
	return fmt.Errorf("waited %s for %s", limit, what)
}
