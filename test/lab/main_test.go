package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

type m = map[string]any

// the lab's addresses, as lab.env tells them.
type place struct {
	dir string
	env map[string]string
}

// needLab reads where the lab is, or skips the test.
func needLab(t testing.TB) place {
	t.Helper()
	dir := os.Getenv("PLAZA_LAB")
	if dir == "" {
		t.Skip("PLAZA_LAB is not set: make lab-test raises the lab and runs these")
	}
	f, err := os.Open(filepath.Join(dir, "lab.env"))
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	l := place{dir: dir, env: map[string]string{}}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if k, v, ok := strings.Cut(lines.Text(), "="); ok && !strings.HasPrefix(k, "#") {
			l.env[strings.TrimSpace(k)] = strings.Trim(v, `"'`)
		}
	}
	return l
}

// shell runs a command on a node of the lab, and returns what it printed.
func (l place) shell(t testing.TB, node, command string) string {
	t.Helper()
	out, err := l.try(node, command)
	require.NoError(t, err, "%s: %s: %s", node, command, out)
	return out
}

func (l place) try(node, command string) (string, error) {
	return l.enter(l.address(node), command, 3*time.Minute)
}

// enter runs a command where the lab's key lets root in.
func (l place) enter(address, command string, limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ssh", "-i", l.env["LAB_KEY"], "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", //nolint:gosec // nodes of the lab
		"-o", "LogLevel=ERROR", "-o", "ConnectTimeout=10", "root@"+address, command)
	out, err := cmd.Output()
	if e := (*exec.ExitError)(nil); err != nil && errors.As(err, &e) {
		return string(out) + string(e.Stderr), err
	}
	return string(out), err
}

// subnet begins the addresses of the lab's nodes.
func (l place) subnet() string { return strings.TrimSuffix(l.env["LAB_CONTROL_IP"], ".11") }

// tool does something to the lab from outside.
func (l place) tool(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := exec.Command(filepath.Join("../../ansible/lab", name), args...).CombinedOutput() //nolint:gosec // a program of this checkout
	require.NoError(t, err, "%s %v: %s", name, args, out)
}

// address is where a node answers.
func (l place) address(node string) string {
	ips := strings.Fields(l.env["LAB_COMPUTE_IPS"])
	for i, n := range strings.Fields(l.env["LAB_COMPUTES"]) {
		if n == node {
			return ips[i]
		}
	}
	return l.env["LAB_CONTROL_IP"]
}

// openstack asks the stock command line client, which answers in JSON.
func (l place) openstack(t testing.TB, args string) []map[string]any {
	t.Helper()
	return l.openstackEach(t, args)[0]
}

// openstackEach asks several things of one client, as starting it takes longer than most answers.
func (l place) openstackEach(t testing.TB, args ...string) [][]map[string]any {
	t.Helper()
	rc, err := os.ReadFile(filepath.Join(l.dir, "openrc"))
	require.NoError(t, err)
	out := l.shell(t, l.env["LAB_CONTROL"], string(rc)+"openstack <<'END'\n"+strings.Join(args, " -f json\n")+" -f json\nEND")
	answers := json.NewDecoder(strings.NewReader(out))
	all := make([][]map[string]any, len(args))
	for i := range all {
		require.NoError(t, answers.Decode(&all[i]), "%s: %s", args[i], out)
	}
	return all
}

// cloud is a plain client of the region, as the cloud's administrator.
type cloud struct {
	*gophercloud.ProviderClient
	endpoints gophercloud.EndpointOpts
	auth      gophercloud.AuthOptions
}

func (l place) cloud(t testing.TB) cloud {
	t.Helper()
	auth, endpoints, tlsConfig, err := clouds.Parse(clouds.WithLocations(filepath.Join(l.dir, "clouds.yaml")), clouds.WithCloudName("lab"))
	require.NoError(t, err)
	auth.AllowReauth = true
	provider, err := config.NewProviderClient(t.Context(), auth, config.WithTLSConfig(tlsConfig))
	require.NoError(t, err)
	return cloud{provider, endpoints, auth}
}

func (c cloud) compute(t testing.TB) *gophercloud.ServiceClient {
	t.Helper()
	s, err := openstack.NewComputeV2(c.ProviderClient, c.endpoints)
	require.NoError(t, err)
	s.Microversion = "2.87"
	return s
}

// regionSpec is what Plaza is told of the lab's cloud.
func (l place) regionSpec(c cloud) m {
	spec := m{"type": "openstack", "authURL": c.auth.IdentityEndpoint, "username": c.auth.Username, "password": c.auth.Password, "project": c.auth.TenantName,
		"region": c.endpoints.Region, "externalNetwork": l.env["LAB_EXTERNAL_NETWORK"], "schedulable": true}
	if url := l.env["LAB_AMQP_URL"]; url != "" {
		spec["notifications"] = url
	}
	return spec
}

// site is one control plane with the lab's region, a guest's image, a flavor and a project.
type site struct {
	*rig.Plane
	lab     place
	cloud   cloud
	region  resource.Raw
	project string
	images  []string // deleted by empty
}

func newSite(t *testing.T) *site {
	t.Helper()
	return needLab(t).site(t, rig.NewPlane(t, rig.PlaneOptions{}))
}

// site makes the lab's region a plane's.
func (l place) site(t *testing.T, p *rig.Plane) *site {
	t.Helper()
	s := &site{lab: l, cloud: l.cloud(t), Plane: p}
	s.region = s.Create(t, "regions", "", "east", l.regionSpec(s.cloud))
	require.Equal(t, "true", rig.Status(s.region, "status.alive"), "%s", s.region.Status)
	s.Create(t, "flavors", "", "tiny", m{"vcpus": 1, "memoryMiB": 128, "diskGiB": 1})
	s.AddGuest(t, "busybox", "")
	s.project = s.Project(t, "shop")
	t.Cleanup(func() { s.empty(t) })
	return s
}

// empty deletes what the test has made, as its user would.
func (s *site) empty(t *testing.T) {
	if !s.Ready() {
		return
	}
	for _, plural := range []string{"bundles", "loadbalancers", "nodegroups", "floatingips", "servers", "ports", "servergroups", "volumes", "networks", "securitygroups", "buckets", "shares", "images"} {
		var open []string
		for _, o := range s.List(t, plural) {
			if o.Owner != nil || o.DeletingAt != nil {
				continue
			}
			if plural == "images" {
				s.images = append(s.images, o.ID)
			}
			a := rig.Call[rig.Applied](t, s.Client, "DELETE", "/v1/"+plural+"/"+o.ID, nil)
			if a.Operation != nil {
				open = append(open, a.Operation.ID)
			}
		}
		for _, op := range open {
			s.Succeeded(t, op, 3*time.Minute)
		}
	}
}

func server(network string, more m) m {
	spec := m{"flavor": "tiny", "image": "busybox", "network": network}
	for k, v := range more {
		spec[k] = v
	}
	return spec
}

func decode[T any](t testing.TB, data []byte) (out T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(data, &out), "%s", data)
	return out
}
