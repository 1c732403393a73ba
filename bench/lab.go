package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
)

// labBench is one measurement in the lab.
type labBench struct {
	doc string
	run func(ctx context.Context, s *labSite) error
}

// labBenches are registered by the files lab_*.go, one each.
var labBenches = map[string]labBench{}

// labOrder: the list comes last, for while its fake hypervisors are there, orders would rather go to them.
var labOrder = []string{"create", "outside", "heat", "list"}

// runLab runs the chosen measurements against one plazad. Whatever they leave is deleted, also when they are cut short.
func runLab(ctx context.Context, chosen []string) error {
	if len(chosen) == 0 {
		chosen = labOrder
	}
	for _, name := range chosen {
		if _, ok := labBenches[name]; !ok {
			return fmt.Errorf("there is no %q in the lab; there are %s", name, strings.Join(names(labBenches), ", "))
		}
	}
	s, err := startLabSite(ctx)
	if err != nil {
		return err
	}
	var failed error
	fmt.Printf("%s, %d cores; load average %s at the start. plazad on SQLite, on the machine that carries the lab's nodes.\n", s.versions(), runtime.NumCPU(), load())
	for _, name := range chosen {
		fmt.Printf("\n### %s: %s\n\n", name, labBenches[name].doc)
		if failed = labBenches[name].run(ctx, s); failed != nil {
			failed = fmt.Errorf("%s: %w", name, failed)
			break
		}
		fmt.Printf("\nLoad average %s at the end.\n", load())
	}
	return errors.Join(failed, s.stop())
}

// load is the machine's load average over 1, 5 and 15 minutes.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

// progress tells on standard error how far it is, beside the table on standard output.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

// lab is where the lab is, as its lab.env tells.
type lab struct {
	dir string
	env map[string]string
}

func findLab() (lab, error) {
	l := lab{dir: os.Getenv("LAB_DIR"), env: map[string]string{}}
	if l.dir == "" {
		l.dir = "/var/lib/plaza-lab"
	}
	f, err := os.Open(filepath.Join(l.dir, "lab.env"))
	if err != nil {
		return l, fmt.Errorf("there is no lab, raise it with make lab: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if k, v, ok := strings.Cut(lines.Text(), "="); ok && !strings.HasPrefix(k, "#") {
			l.env[strings.TrimSpace(k)] = strings.Trim(v, `"'`)
		}
	}
	return l, lines.Err()
}

func (l lab) control() string { return l.env["LAB_CONTROL_IP"] }

func (l lab) computes() []string { return strings.Fields(l.env["LAB_COMPUTE_IPS"]) }

// shell runs a script on the node with that address and returns what it printed.
func (l lab) shell(ctx context.Context, address, script string) (string, error) {
	cmd := exec.CommandContext(ctx, "ssh", "-i", l.env["LAB_KEY"], "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
		"-o", "LogLevel=ERROR", "-o", "ConnectTimeout=10", "root@"+address, "bash", "-s")
	cmd.Stdin = strings.NewReader("set -eu -o pipefail\n" + script)
	var told strings.Builder
	cmd.Stderr = &told
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("on %s: %w: %s%s", address, err, out, told.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// cloud logs in as the cloud's administrator, into the project with that id, "" for the administrator's own.
type cloud struct {
	*gophercloud.ProviderClient
	endpoints gophercloud.EndpointOpts
	auth      gophercloud.AuthOptions
}

func (l lab) cloud(ctx context.Context, project string) (cloud, error) {
	auth, endpoints, tlsConfig, err := clouds.Parse(clouds.WithLocations(filepath.Join(l.dir, "clouds.yaml")), clouds.WithCloudName("lab"))
	if err != nil {
		return cloud{}, err
	}
	auth.AllowReauth = true
	if project != "" {
		auth.TenantID, auth.TenantName = project, ""
		auth.Scope = &gophercloud.AuthScope{ProjectID: project}
	}
	c, err := config.NewProviderClient(ctx, auth, config.WithTLSConfig(tlsConfig))
	if err != nil {
		return cloud{}, fmt.Errorf("log in to the lab's cloud: %w", err)
	}
	return cloud{c, endpoints, auth}, nil
}

// microversion of Nova that servers are read and made with: with tags, and the flavor's name within.
const microversion = "2.87"

func (c cloud) compute() (*gophercloud.ServiceClient, error) {
	s, err := openstack.NewComputeV2(c.ProviderClient, c.endpoints)
	if err == nil {
		s.Microversion = microversion
	}
	return s, err
}

func (c cloud) network() (*gophercloud.ServiceClient, error) {
	return openstack.NewNetworkV2(c.ProviderClient, c.endpoints)
}

func (c cloud) identity() (*gophercloud.ServiceClient, error) {
	return openstack.NewIdentityV3(c.ProviderClient, c.endpoints)
}
