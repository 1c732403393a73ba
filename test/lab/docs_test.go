package lab

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/test/system/rig"
)

const docs = "../../docs"

// block is one fenced block of a page: sh is run, yaml with a file's name is written to that file, and text is what the
// commands before it print. In text, … stands for anything.
type block struct {
	line       int
	lang, info string // info is what follows the language
	text       string
}

var fenced = regexp.MustCompile("(?ms)^```(\\w+)[ \t]*([^\n]*)\n(.*?)^```$")

func blocks(t *testing.T, path string) (out []block) {
	t.Helper()
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, m := range fenced.FindAllSubmatchIndex(page, -1) {
		part := func(i int) string { return string(page[m[2*i]:m[2*i+1]]) }
		out = append(out, block{line: 1 + bytes.Count(page[:m[0]], []byte("\n")), lang: part(1), info: part(2), text: part(3)})
	}
	require.NotEmpty(t, out, path)
	return out
}

// desk is where an administrator sits who reads the pages: plaza, openstack, ssh and ansible-playbook know the lab.
type desk struct {
	place
	plane *rig.Plane
	dir   string
	names *strings.Replacer // what pages call things, and what they are in the lab
}

// machines are the names and addresses that pages use.
var machines = []string{"192.0.2.23", "10.77.0.23", "192.0.2.31", "10.77.0.31", "192.0.2.11", "10.77.0.11", "cmp3", "lab-cmp3", "kvm1", "lab-kvm1", "ceph1", "lab-ctl", "control", "lab-ctl"}

func newDesk(t *testing.T) *desk {
	t.Helper()
	l := needLab(t)
	d := &desk{place: l, plane: rig.NewPlane(t, rig.PlaneOptions{}), dir: rig.Dir(t, "w")}
	subnet := l.subnet()
	names := []string{"https://plaza.example.net", "http://" + d.plane.Listen, "https://east.example.net:5000/v3", l.env["LAB_AUTH_URL"],
		"http://ceph1.example.net:7480", l.env["LAB_RGW_URL"], "east.example.net", l.env["LAB_CONTROL_IP"],
		", ceph_osd_devices: [/dev/sdb]", "", "/var/lib/plaza-agent", "/var/lib/plaza-agent-docs", "--driver redfish", "--driver fake-hardware",
		"prefix client.plaza-", "prefix client.plaza-", "client.plaza", "client.plaza-docs", "--ceph-user plaza", "--ceph-user plaza-docs", "--uid plaza", "--uid plaza-docs"}
	for i := 0; i < len(machines); i += 2 {
		names = append(names, machines[i], strings.Replace(machines[i+1], "10.77.0", subnet, 1))
	}
	// The lab has an agent, a client and a user of these names already.
	d.names = strings.NewReplacer(names...)
	require.NoError(t, os.Mkdir(filepath.Join(d.dir, "bin"), 0o755)) //nolint:gosec // below Root
	d.program(t, "ssh", fmt.Sprintf("exec /usr/bin/ssh -F %s/ssh.conf \"$@\"\n", d.dir))
	d.program(t, "scp", fmt.Sprintf("exec /usr/bin/scp -F %s/ssh.conf \"$@\"\n", d.dir))
	d.program(t, "openstack", fmt.Sprintf("printf -v line ' %%q' \"$@\"\nexec ssh %s \"$(cat %s/openrc); openstack$line\"\n", l.env["LAB_CONTROL"], l.dir))
	d.write(t, "ssh.conf", fmt.Sprintf("Host lab-*\n  User root\n  IdentityFile %s\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n  ConnectTimeout 10\n"+
		"Host %s\n  HostName %s\nHost lab-cmp3\n  HostName %s.23\nHost lab-kvm1\n  HostName %s.31\n", l.env["LAB_KEY"], l.env["LAB_CONTROL"], l.env["LAB_CONTROL_IP"], subnet, subnet))
	build := exec.Command("go", "build", "-o", filepath.Join(d.dir, "bin", "plaza"), "github.com/plazacloud/plaza/cmd/plaza") //nolint:gosec // a fixed program
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	agents, err := filepath.Abs("../../bin") // what the lab was raised with
	require.NoError(t, err)
	for _, name := range []string{"plaza-agent", "plaza-agent-ceph"} {
		require.NoError(t, os.Symlink(filepath.Join(agents, name), filepath.Join(d.dir, "bin", name)))
	}
	d.run(t, "plaza login https://plaza.example.net --user admin --password-file "+filepath.Join(d.plane.Dir, "initial-admin-password"), time.Minute)
	return d
}

func (d *desk) program(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(d.dir, "bin", name), []byte("#!/bin/bash\n"+text), 0o755)) //nolint:gosec // it is to be run
}

func (d *desk) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(d.dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755)) //nolint:gosec // below Root
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

// run executes commands as the administrator's bash does, and returns what they print.
func (d *desk) run(t *testing.T, text string, limit time.Duration) string {
	t.Helper()
	out, err := d.bash(t, d.names.Replace(text), limit)
	require.NoError(t, err, "%s\n%s", text, out)
	return out
}

// tidy does as much as it can of what takes away the remains of a page that failed half-way.
func (d *desk) tidy(t *testing.T, text string) {
	t.Helper()
	out, _ := d.bash(t, "set +e\n"+d.names.Replace(text), 4*time.Minute)
	t.Logf("tidied up:\n%s", out)
}

func (d *desk) bash(t *testing.T, text string, limit time.Duration) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit) // also after the test's own context has ended
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-eu", "-o", "pipefail", "-c", text) //nolint:gosec // what the pages say
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(d.dir, "bin")+":"+os.Getenv("PATH"), "PLAZA_CONFIG="+filepath.Join(d.dir, "plaza.yaml"),
		"LAB_DIR="+d.place.dir, "NO_COLOR=1", "LC_ALL=C.UTF-8", "ANSIBLE_HOST_KEY_CHECKING=false", "ANSIBLE_LOCAL_TEMP="+filepath.Join(d.dir, "tmp"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// mark begins the output of a block; no command prints it.
const mark = "\x1eblock "

// follow does what a page says, all of it in one bash, and compares what is printed with what the page promises.
func (d *desk) follow(t *testing.T, page string, limit time.Duration) {
	t.Helper()
	all := blocks(t, filepath.Join(docs, "operator", page))
	var script strings.Builder
	for i, b := range all {
		switch {
		case b.lang == "sh" && b.info == "":
			fmt.Fprintf(&script, "printf '%s%%d\\n' %d\n%s", mark, i, b.text)
		case b.lang == "sh":
			t.Logf("%s:%d: %s", page, b.line, b.info)
		case b.lang == "yaml" && b.info != "":
			kept := fmt.Sprintf("files/%d", i) // written when the page comes to it
			d.write(t, kept, d.names.Replace(b.text))
			fmt.Fprintf(&script, "install -D -m 600 %s %s\n", filepath.Join(d.dir, kept), filepath.Join(d.dir, b.info))
		}
	}
	begin := time.Now()
	out, err := d.bash(t, d.names.Replace(script.String()), limit)
	printed, last := map[int]string{}, 0
	for _, part := range strings.Split(out, mark)[1:] {
		number, text, _ := strings.Cut(part, "\n")
		_, scanErr := fmt.Sscan(number, &last)
		require.NoError(t, scanErr)
		printed[last] = text
	}
	require.NoError(t, err, "%s:%d after %s:\n%s\nprinted:\n%s", page, all[last].line, time.Since(begin).Round(time.Second), all[last].text, printed[last])
	t.Logf("%s: %d blocks in %s", page, len(printed), time.Since(begin).Round(time.Second))
	for i, b := range all {
		if b.lang == "text" && i > 0 && all[i-1].lang == "sh" {
			missing := unseen(d.names.Replace(b.text), printed[i-1])
			require.Empty(t, missing, "%s:%d promises a line that is not printed:\n%s", page, b.line, printed[i-1])
		}
	}
}

var spaces = regexp.MustCompile(`\s+`)

// unseen is the first line that is promised and not printed, in the order of the lines; width of columns does not matter.
func unseen(promised, printed string) string {
	rest := spaces.ReplaceAllString(printed, " ")
	for line := range strings.Lines(promised) {
		line = strings.TrimSpace(spaces.ReplaceAllString(line, " "))
		if line == "" {
			continue
		}
		at := regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*?")).FindStringIndex(rest)
		if at == nil {
			return line
		}
		rest = rest[at[1]:]
	}
	return ""
}

func TestPromisesOfPagesAreLookedFor(t *testing.T) {
	require.Empty(t, unseen("NAME  PHASE\neast  Ready  …  3s\n", "NAME PHASE\neast   Ready  openstack 3s\n"))
	require.Equal(t, "east Failed", unseen("NAME\neast Failed\n", "NAME\neast Ready\n"))
	require.Equal(t, "a", unseen("b\na\n", "a b"))
}

// withRegion registers the lab's cloud as east, for pages that begin with one.
func (d *desk) withRegion(t *testing.T) {
	t.Helper()
	d.plane.Create(t, "regions", "", "east", d.regionSpec(d.cloud(t)))
}

func TestPageRegions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.plane.AddGuest(t, "plaza-appliance", "")
	t.Cleanup(func() { // what a page that failed half-way leaves in the cloud
		if t.Failed() {
			d.tidy(t, "plaza server delete web --project trial/shop --wait; plaza network delete front --project trial/shop --wait")
			d.tidy(t, "openstack user delete plaza-east; openstack project delete plaza-east; ssh control rabbitmqctl delete_user plaza-east")
		}
	})
	d.follow(t, "regions.md", 15*time.Minute)
	require.Empty(t, d.plane.List(t, "regions"))
}

func TestPageBareMetal(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withRegion(t)
	d.plane.AddGuest(t, "debian-12", "")
	d.write(t, "bmc-password", "opensesame\n")
	t.Cleanup(func() {
		if t.Failed() {
			d.tidy(t, "plaza baremetal delete db1 --wait")
		}
	})
	d.follow(t, "bare-metal.md", 4*time.Minute)
	d.run(t, "plaza image delete debian-12 --wait", time.Minute)
}

// reach lets a node find plazad where the pages say it is: on its own loopback, through ssh.
func (d *desk) reach(t *testing.T, node string) {
	t.Helper()
	forward := func(address string) string { return address + ":" + address }
	cmd := exec.Command(filepath.Join(d.dir, "bin", "ssh"), "-N", "-o", "ExitOnForwardFailure=yes", "-R", forward(d.plane.Listen), "-R", forward(d.plane.Bus), node) //nolint:gosec // a node of the lab
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended with its node
		_ = cmd.Wait()
	})
	rig.Within(t, 30*time.Second, func() error {
		out, err := d.bash(t, fmt.Sprintf("ssh %s 'exec 3<>/dev/tcp/%s'", node, strings.Replace(d.plane.Listen, ":", "/", 1)), 10*time.Second)
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
}

func TestPageCeph(t *testing.T) {
	d := newDesk(t)
	d.reach(t, d.env["LAB_CONTROL"])
	t.Cleanup(func() {
		if t.Failed() {
			d.tidy(t, `plaza bucket delete media --project trial/shop --wait; plaza share delete common --project trial/shop --wait
plaza storagetier delete fast standard; plaza storagepool delete fast --wait; ssh ceph1 systemctl stop plaza-agent-ceph
ssh ceph1 "rm -rf /var/lib/plaza-agent /usr/local/bin/plaza-agent-ceph /etc/ceph/ceph.client.plaza.keyring; ceph auth rm client.plaza; radosgw-admin user rm --uid plaza"`)
		}
	})
	d.follow(t, "ceph.md", 5*time.Minute)
}

// blank is a new node with Debian, and with packages where they are kept, so that they need not be fetched.
func (d *desk) blank(t *testing.T, node, address string) {
	t.Helper()
	nodes, err := filepath.Abs("../../ansible/lab/nodes")
	require.NoError(t, err)
	remove := func() { _, _ = d.bash(t, nodes+" rm "+node, time.Minute) }
	remove()
	t.Cleanup(remove)
	out, err := d.bash(t, fmt.Sprintf("%s up %s %s %s/layers/%s.list", nodes, node, address, d.place.dir, strings.Fields(d.env["LAB_COMPUTES"])[0]), 2*time.Minute)
	require.NoError(t, err, out)
}

// checkout has the playbooks, and the lab's inventory and passwords as an administrator keeps them.
func (d *desk) checkout(t *testing.T) {
	t.Helper()
	ansible, err := filepath.Abs("../../ansible")
	require.NoError(t, err)
	d.run(t, fmt.Sprintf(`cp -r %s ansible
mine=ansible/inventories/mine
mkdir -p $mine/group_vars/all
cp ansible/inventories/lab/%s.yml $mine/hosts.yml
cp ansible/inventories/lab/group_vars/*.yml $mine/group_vars/
mv $mine/group_vars/all.yml $mine/group_vars/all/
cp %s/secrets.yml $mine/group_vars/all/`, ansible, first(os.Getenv("LAB_PROFILE"), "small"), d.place.dir), time.Minute)
}

// closed lets Placement have next to nothing of a node's memory: no server of others lands on what is taken away again.
func (d *desk) closed(t *testing.T, node string) {
	t.Helper()
	var machine syscall.Sysinfo_t
	require.NoError(t, syscall.Sysinfo(&machine))
	kept := machine.Totalram*uint64(machine.Unit)>>20 - 64
	d.write(t, "ansible/inventories/mine/host_vars/"+node+".yml", fmt.Sprintf("nova_compute_reserved_memory: %d\n", kept))
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// guests counts the hypervisors that run guests: a machine of Ironic's is one, too, for as long as it is enrolled.
func (d *desk) guests(t *testing.T) (n int) {
	t.Helper()
	for _, h := range d.openstack(t, "hypervisor list") {
		if h["Hypervisor Type"] != "ironic" {
			n++
		}
	}
	return n
}

// TestPageComputeNodes lets a region grow by a machine that is all it can be while the region is used, and shrink again.
func TestPageComputeNodes(t *testing.T) {
	d := newDesk(t)
	s := d.site(t, d.plane)
	d.checkout(t)
	d.closed(t, "lab-cmp3")
	before := d.guests(t)
	d.blank(t, "lab-cmp3", d.names.Replace("192.0.2.23"))
	d.blank(t, "lab-kvm1", d.names.Replace("192.0.2.31"))
	d.reach(t, "lab-kvm1")
	t.Cleanup(func() {
		if t.Failed() {
			d.tidy(t, `for id in $(openstack compute service list --host cmp3 -f value -c ID); do openstack compute service delete $id; done
for id in $(openstack network agent list --host cmp3 -f value -c ID); do openstack network agent delete $id; done
for osd in $(ssh ceph1 ceph osd ls-tree cmp3); do ssh cmp3 systemctl disable --now ceph-osd@$osd; ssh ceph1 ceph osd purge $osd --force --yes-i-really-mean-it; done
ssh ceph1 ceph osd crush remove cmp3
cd ansible; rm -f inventories/mine/{cmp3,kvm1}.yml; ansible-playbook -i inventories/mine node.yml`)
		}
	})
	u := s.use(t)
	grown := make(chan error, 1)
	go func() {
		defer close(grown)
		defer u.stop() // others may be served by the node by now, which the page then takes away
		grown <- s.onNewNode(t, "lab-cmp3")
	}()
	d.follow(t, "compute-nodes.md", 20*time.Minute) // most of it is Ansible, on one machine that is all nodes
	require.NoError(t, <-grown)
	u.end(t)
	require.Equal(t, before, d.guests(t))
}
