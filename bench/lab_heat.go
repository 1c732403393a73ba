package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/orchestration/v1/stacks"
	"golang.org/x/crypto/ssh"
)

func init() {
	labBenches["heat"] = labBench{"a blueprint of 200 light resources in 20 chains: apply, apply again, destroy, beside Heat (targets: ≥ 20, ≥ 200 and ≥ 20 times less)", labHeat}
}

const (
	chains, chainLength = 20, 10
	heatPoll            = 400 * time.Millisecond
)

// buildWithChains builds plazad into a folder, with one more blueprint than it comes with; the tree stays as it is. The
// same sources give the same blueprint, so that a second run finds it built.
func buildWithChains(ctx context.Context, dir string) (string, error) {
	key, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public())
	if err != nil {
		return "", err
	}
	blueprint, overlay := filepath.Join(dir, "blueprint.yaml"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(blueprint, []byte(chainBlueprint(strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))))), 0o600); err != nil {
		return "", err
	}
	top, err := os.Getwd()
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(top, "bundles/chains/blueprint.yaml"): blueprint}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return "", err
	}
	return build(ctx, dir, "plazad", false, "-overlay", overlay)
}

// chainBlueprint has keypairs, which are in no cloud, as Heat's random strings are not; each but the first of its chain
// refers to the one before.
func chainBlueprint(key string) string {
	var b strings.Builder
	b.WriteString("name: chains\nversion: 1.0.0\ntitle: Chains\nsizes:\n  one: {description: all of them, values: {}}\nresources:\n")
	for i := range chains * chainLength {
		fmt.Fprintf(&b, "  r%d:\n    kind: keypair\n    spec: {publicKey: %q}\n", i, key)
		if i%chainLength > 0 {
			fmt.Fprintf(&b, "    labels: {after: \"${resources.r%d.name}\"}\n", i-1)
		}
	}
	return b.String()
}

// chainTemplate is the same for Heat.
func chainTemplate() []byte {
	resources := map[string]any{}
	for i := range chains * chainLength {
		r := map[string]any{"type": "OS::Heat::RandomString", "properties": map[string]any{"length": 16}}
		if i%chainLength > 0 {
			r["depends_on"] = fmt.Sprint("r", i-1)
		}
		resources[fmt.Sprint("r", i)] = r
	}
	text, err := json.Marshal(map[string]any{"heat_template_version": "2021-04-16", "resources": resources})
	if err != nil {
		panic(err) // strings and numbers can be written
	}
	return text
}

// cycle is how long each step took, and how much CPU time of plazad.
type cycle struct {
	create, again, destroy          time.Duration
	createCPU, againCPU, destroyCPU time.Duration
}

func labHeat(ctx context.Context, s *labSite) error {
	runs := 3
	if *quick {
		runs = 1
	}
	workers, err := s.lab.shell(ctx, s.lab.control(), `systemctl is-active -q heat-engine heat-api
dpkg-query -Wf '${Version}' heat-engine; sed -n 's/^num_engine_workers = / with /p' /etc/heat/heat.conf`)
	if err != nil {
		return fmt.Errorf("there is no Heat in the lab, make it with ansible/lab/play ansible/lab/bench.yml: %w", err)
	}
	c, err := openstack.NewOrchestrationV1(s.admin.ProviderClient, s.admin.endpoints)
	if err != nil {
		return err
	}
	fmt.Printf("%d resources in %d chains of %d: %d roots. Plaza: keypairs; Heat %s engine workers: OS::Heat::RandomString. Neither is in any backend.\n", chains*chainLength, chains, chainLength, chains,
		strings.Join(strings.Fields(workers), " "))
	fmt.Println("Heat waits a second after each root, whatever the machine, so its times are hardly about the load.")
	fmt.Println()
	fmt.Println("| run | who | apply | again, nothing changed | destroy | load |")
	fmt.Println("|---:|---|---:|---:|---:|---:|")
	var ours, theirs []cycle
	for i := range runs {
		progress("heat: run %d of %d", i+1, runs)
		p, err := s.chainsByPlaza(ctx, fmt.Sprint("chains", i))
		if err != nil {
			return err
		}
		fmt.Printf("| %d | Plaza | %s | %s |\n", i+1, p, load())
		h, err := chainsByHeat(ctx, c, fmt.Sprint("plaza-bench-", i))
		if err != nil {
			return err
		}
		fmt.Printf("| %d | Heat | %s | %s |\n", i+1, h, load())
		ours, theirs = append(ours, p), append(theirs, h)
	}
	p, h := medianCycle(ours), medianCycle(theirs)
	fmt.Printf("| median | Plaza | %s | |\n| median | Heat | %s | |\n", p, h)
	fmt.Printf("| median | CPU of plazad | %s | |\n", medianCPU(ours))
	fmt.Printf("| times less | | **%.0f** | **%.0f** | **%.0f** | |\n", ratio(h.create, p.create), ratio(h.again, p.again), ratio(h.destroy, p.destroy))
	return nil
}

func (c cycle) String() string {
	return fmt.Sprintf("%s | %s | %s", milliseconds(c.create), milliseconds(c.again), milliseconds(c.destroy))
}

func medianCPU(of []cycle) cycle {
	cpu := make([]cycle, len(of))
	for i, c := range of {
		cpu[i] = cycle{create: c.createCPU, again: c.againCPU, destroy: c.destroyCPU}
	}
	return medianCycle(cpu)
}

// cpuOf is how much CPU time a process has taken, in steps of ten milliseconds.
func cpuOf(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // the name may hold spaces
	user, _ := strconv.ParseInt(f[11], 10, 64)
	system, _ := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func medianCycle(of []cycle) (m cycle) {
	var create, again, destroy []time.Duration
	for _, c := range of {
		create, again, destroy = append(create, c.create), append(again, c.again), append(destroy, c.destroy)
	}
	return cycle{create: median(create), again: median(again), destroy: median(destroy)}
}

// ended is an answer that was waited for.
type ended struct {
	Changed   bool
	Operation *struct{ State, Message string }
}

func (e ended) check(what string) error {
	if e.Operation != nil && e.Operation.State != "succeeded" {
		return fmt.Errorf("%s: %s: %s", what, e.Operation.State, e.Operation.Message)
	}
	return nil
}

func (s *labSite) chainsByPlaza(ctx context.Context, name string) (c cycle, err error) {
	order := map[string]any{"project": s.project, "name": name, "blueprint": "chains", "size": "one"}
	step := func(method, path string, body any, took, cpu *time.Duration) (ended, error) {
		var e ended
		began, used := time.Now(), cpuOf(s.plane.cmd.Process.Pid)
		err := s.call(ctx, method, path, body, &e)
		*took, *cpu = time.Since(began), cpuOf(s.plane.cmd.Process.Pid)-used
		return e, errors.Join(err, e.check(method))
	}
	e, err := step(http.MethodPost, "/v1/bundles/apply?wait=120s", order, &c.create, &c.createCPU)
	if err != nil || !e.Changed {
		return c, fmt.Errorf("apply chains: changed %v: %w", e.Changed, err)
	}
	if e, err = step(http.MethodPost, "/v1/bundles/apply?wait=120s", order, &c.again, &c.againCPU); err != nil || e.Changed {
		return c, fmt.Errorf("apply chains again: changed %v: %w", e.Changed, err)
	}
	if _, err = step(http.MethodDelete, "/v1/bundles/"+name+"?wait=120s&project="+s.project, nil, &c.destroy, &c.destroyCPU); err != nil {
		return c, err
	}
	var page struct{ Items []any }
	if err := s.call(ctx, http.MethodGet, "/v1/keypairs", nil, &page); err != nil || len(page.Items) > 0 {
		return c, fmt.Errorf("%d keypairs are left: %w", len(page.Items), err)
	}
	return c, nil
}

func chainsByHeat(ctx context.Context, c *gophercloud.ServiceClient, name string) (took cycle, err error) {
	template := &stacks.Template{TE: stacks.TE{Bin: chainTemplate()}}
	began := time.Now()
	made, err := stacks.Create(ctx, c, stacks.CreateOpts{Name: name, TemplateOpts: template, Timeout: 30}).Extract()
	if err != nil {
		return took, fmt.Errorf("make a stack: %w", err)
	}
	gone := false
	defer func() {
		if !gone {
			clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Minute)
			defer cancel()
			err = errors.Join(err, deleteStack(clean, c, name, made.ID))
		}
	}()
	if err := stackIs(ctx, c, name, made.ID, "CREATE_COMPLETE", ""); err != nil {
		return took, err
	}
	took.create = time.Since(began)
	before, err := stacks.Get(ctx, c, name, made.ID).Extract()
	if err != nil {
		return took, err
	}
	began = time.Now()
	if err := stacks.Update(ctx, c, name, made.ID, stacks.UpdateOpts{TemplateOpts: template}).ExtractErr(); err != nil {
		return took, fmt.Errorf("update the stack: %w", err)
	}
	if err := stackIs(ctx, c, name, made.ID, "UPDATE_COMPLETE", before.UpdatedTime.String()); err != nil {
		return took, err
	}
	took.again = time.Since(began)
	began = time.Now()
	if err := deleteStack(ctx, c, name, made.ID); err != nil {
		return took, err
	}
	took.destroy, gone = time.Since(began), true
	return took, nil
}

// stackIs waits for a status, and for another time of its last change than before.
func stackIs(ctx context.Context, c *gophercloud.ServiceClient, name, id, status, before string) error {
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(heatPoll) {
		s, err := stacks.Get(ctx, c, name, id).Extract()
		if err != nil {
			return err
		}
		if strings.HasSuffix(s.Status, "_FAILED") {
			return fmt.Errorf("stack %s: %s: %s", name, s.Status, s.StatusReason)
		}
		if s.Status == status && s.UpdatedTime.String() != before {
			return nil
		}
	}
	return fmt.Errorf("stack %s is not %s: %w", name, status, ctx.Err())
}

func deleteStack(ctx context.Context, c *gophercloud.ServiceClient, name, id string) error {
	if err := stacks.Delete(ctx, c, name, id).ExtractErr(); err != nil {
		return fmt.Errorf("delete the stack: %w", err)
	}
	for ctx.Err() == nil {
		s, err := stacks.Get(ctx, c, name, id).Extract()
		if gophercloud.ResponseCodeIs(err, http.StatusNotFound) || err == nil && s.Status == "DELETE_COMPLETE" {
			return nil
		}
		if err != nil || s.Status == "DELETE_FAILED" {
			return fmt.Errorf("stack %s is not deleted: %v: %w", name, s, err)
		}
		time.Sleep(heatPoll)
	}
	return ctx.Err()
}
