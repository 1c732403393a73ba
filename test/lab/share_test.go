package lab

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/cloudinit"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// rounds is how often each guest takes the lock.
const rounds = 40

// sharers is what guests do with a directory that they share: each serves it, counts up under a lock, and renames files over one
// that the others read all the time. What is renamed is flushed before, as others may find it empty until it is.
const sharers = `cd /srv/common; i=0
while [ $i -lt %d ]; do i=$((i+1))
  ./flock lock sh -c 'n=x; read n < count || echo ${name} $n >> failed; echo $((n+1)) > count-${name}; sync count-${name}; mv count-${name} count'
  echo whole-${name}-whole > new-${name}; sync new-${name}; mv new-${name} last
  case $(cat last) in whole-*-whole) ;; *) cat last >> torn; echo $? ${name} $i >> torn;; esac
done; echo yes > done-${name}`

// TestGuestsShareADirectory mounts a share in two guests of the region, which lock it from each other and rename what the other
// reads. A third client, read only, sees the same.
func TestGuestsShareADirectory(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.addCluster(t)
	s.registerBuilt(t, "appliance", "plaza-appliance")
	share := s.Create(t, "shares", s.project, "common", m{"sizeGiB": 1, "tier": "standard", "access": []m{{"name": "tills", "mode": "rw"}, {"name": "wall", "mode": "ro"}}})
	keys := rig.Call[api.ShareCredentials](t, s.Client, http.MethodGet, "/v1/shares/"+share.ID+"/credentials", nil)
	s.Create(t, "networks", s.project, "front", m{"cidr": "10.98.0.0/24", "egress": "nat"})
	s.Create(t, "securitygroups", s.project, "web", m{"rules": []m{{"protocol": "tcp", "fromPort": 80}}})
	s.Create(t, "flavors", "", "node", m{"vcpus": 1, "memoryMiB": 256, "diskGiB": 1})
	s.bringFlock(t, keys)
	order := func(name, access string, count int, work cloudinit.Service) rig.Applied {
		data := userOfShare(t, keys, access, work)
		return rig.Call[rig.Applied](t, s.Client, http.MethodPost, "/v1/nodegroups", rig.Body(s.project, name, m{"count": count, "flavor": "node", "image": "appliance", "network": "front",
			"securityGroups": []string{"web"}, "publish": []m{{"port": 80}}, "userData": data}))
	}
	groups := []rig.Applied{
		order("till", "tills", 2, cloudinit.Service{Name: "work", Command: []string{"/bin/sh", "-c", fmt.Sprintf(sharers, rounds)}, Restart: cloudinit.RestartNever}),
		order("wall", "wall", 1, cloudinit.Service{Name: "write", Command: []string{"/bin/sh", "-c", "echo no > /srv/common/written"}, Restart: cloudinit.RestartNever}),
	}
	for _, g := range groups {
		t.Logf("%s after %s", g.Object.Name, s.Succeeded(t, g.Operation.ID, 6*time.Minute).Round(time.Second))
	}
	for _, g := range groups {
		o, err := resource.As[kinds.NodeGroupSpec, kinds.NodeGroupStatus](s.Get(t, "nodegroups", g.Object.ID))
		require.NoError(t, err)
		for _, x := range o.Status.Members {
			s.agrees(t, x)
		}
	}
	begin := time.Now()
	s.empty(t) // guests end without leaving the share
	t.Logf("gone %s later", time.Since(begin).Round(time.Second))
	s.nothingLeft(t)
}

// agrees expects a guest to see that no round was lost, no file torn, and nothing written by who may only read.
func (s *site) agrees(t *testing.T, x kinds.Member) {
	t.Helper()
	for _, done := range []string{"done-till-0", "done-till-1"} {
		rig.Within(t, 4*time.Minute, func() error {
			text, err := file(x, done)
			return errorIf(err != nil || text != "yes\n", fmt.Sprintf("%s has %s: %q %v", x.Name, done, text, err))
		})
	}
	text, err := file(x, "count")
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintln(2*rounds), text, "%s: no round was lost: the lock held", x.Name)
	for _, none := range []string{"torn", "written", "failed"} {
		text, err = file(x, none)
		require.Error(t, err, "%s has %s: %s", x.Name, none, text)
	}
}

// bringFlock puts Debian's flock(1) into the share, by Ceph's own client on its node: the appliance has none.
func (s *site) bringFlock(t *testing.T, keys api.ShareCredentials) {
	t.Helper()
	k := keys.Clients[slices.IndexFunc(keys.Clients, func(k api.ShareKey) bool { return k.Mode == "rw" })]
	s.lab.shell(t, s.lab.env["LAB_CEPH_NODE"], fmt.Sprintf(`set -e; d=$(mktemp -d); mkdir $d/m; printf '[%[1]s]\n\tkey = %[2]s\n' >$d/k
timeout 60 ceph-fuse -n %[1]s -k $d/k -m %[3]s -r %[4]s --client_fs %[5]s $d/m >/dev/null
cp /usr/bin/flock $d/m/; echo 0 >$d/m/count; sync; umount $d/m; rm $d/k; rmdir $d/m $d`, k.Client, k.Key, strings.Join(keys.Monitors, ","), keys.Path, keys.FS))
}

// userOfShare are the user data of an appliance that mounts the share with an access, and serves it.
func userOfShare(t *testing.T, keys api.ShareCredentials, access string, work ...cloudinit.Service) string {
	t.Helper()
	for _, k := range keys.Clients {
		if k.Name != access {
			continue
		}
		web := cloudinit.Service{Name: "web", Command: []string{"busybox", "httpd", "-f", "-p", "80", "-h", "/srv/common"}, Ready: &cloudinit.Ready{TCP: "127.0.0.1:80"}}
		user := cloudinit.UserData{Hostname: "${name}", Plaza: &cloudinit.Plaza{Services: append([]cloudinit.Service{web}, work...), Shares: []cloudinit.Share{{
			Path: "/srv/common", Monitors: keys.Monitors, FS: keys.FS, Source: keys.Path, Client: k.Client, Key: k.Key, ReadOnly: k.Mode == "ro"}}}}
		data, err := user.Marshal()
		require.NoError(t, err)
		return string(data)
	}
	t.Fatalf("the share has no access %s", access)
	return ""
}

// file reads a file of what a member serves.
func file(x kinds.Member, name string) (string, error) {
	client := http.Client{Timeout: 10 * time.Second}
	res, err := client.Get("http://" + x.Published[0].Endpoint + "/" + name) //nolint:noctx // the client has a timeout
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4096))
	if err == nil && res.StatusCode != http.StatusOK {
		err = missing(res.Status)
	}
	return string(body), err
}
