package kinds_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

func (r *rig) volume(name string) *kinds.Volume {
	r.t.Helper()
	v, err := resource.As[kinds.VolumeSpec, kinds.VolumeStatus](r.get("volume", "p", name))
	require.NoError(r.t, err)
	return &v
}

func TestVolumesGrowOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("volume", "p", "data", `{"sizeGiB":10}`))
	require.EqualValues(t, 10, r.claimed("kvm1", "disk_gib"))
	r.ready(r.make("volume", "p", "data", `{"sizeGiB":30}`))
	require.EqualValues(t, 30, r.claimed("kvm1", "disk_gib"))
	require.Equal(t, 30, r.volume("data").Status.SizeGiB)
	p := r.refused(resource.ReasonInvalid, "volume", "p", "data", `{"sizeGiB":20}`)
	require.Equal(t, "spec.sizeGiB", p.Fields[0].Path)
	r.refused(resource.ReasonInvalid, "volume", "p", "none", `{"sizeGiB":0}`)
	r.make("volume", "p", "data", `{"sizeGiB":5000}`)
	r.eventually("more than there is waits", func() bool { return r.volume("data").Condition("Ready").Reason == "QuotaExceeded" })
	require.EqualValues(t, 30, r.claimed("kvm1", "disk_gib"))
	r.remove("volume", "p", "data")
	r.gone("volume", "p", "data")
	require.Empty(t, r.site.volumes)
	require.Zero(t, r.claimed("kvm1", "disk_gib"))
	r.exact()
}

func TestVolumesAreAttachedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	r.make("volume", "p", "data", `{"sizeGiB":1,"host":"kvm2"}`)
	with := `{"flavor":"small","image":"busybox","network":"net","volumes":["data"]}`
	r.ready(r.make("server", "p", "db", with)) // at once: it goes where the volume is, whichever is quicker
	require.Equal(t, "kvm2", r.server("db").Status.HostName)
	require.Equal(t, []string{r.volume("data").ID}, r.server("db").Spec.Volumes)
	p := r.refused(resource.ReasonInvalid, "server", "p", "thief", with)
	require.Contains(t, p.Fields[0].Message, "is attached to server db")
	_, err := r.Delete(t.Context(), resource.Request{Kind: "volume", Project: "p", ID: "data", Actor: admin})
	require.Equal(t, "db", r.problem(resource.ReasonInUse, err).Candidates[0].Name)
	r.ready(r.make("server", "p", "db", serverSpec))
	require.Len(t, r.site.wanted[r.server("db").ID].Disks, 1)
	r.remove("volume", "p", "data")
	r.gone("volume", "p", "data")
}

func TestSecurityGroupChangesReachItsServers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("securitygroup", "p", "web", `{"rules":[{"protocol":"tcp","fromPort":80}]}`))
	r.ready(r.make("server", "p", "a", `{"flavor":"small","image":"busybox","network":"net","securityGroups":["web"]}`))
	r.ready(r.make("server", "p", "b", serverSpec))
	rules := func(name string) (out []provider.Rule) {
		id := r.server(name).ID
		r.site.with(func() { out = r.site.wanted[id].Interfaces[0].Rules })
		return out
	}
	require.Equal(t, []provider.Rule{{Protocol: "tcp", FromPort: 80, ToPort: 80}}, rules("a"))
	require.Empty(t, rules("b"))
	r.ready(r.make("securitygroup", "p", "web", `{"rules":[{"protocol":"tcp","fromPort":443,"toPort":445,"cidr":"10.0.0.0/8"}]}`))
	r.eventually("the change reaches the server", func() bool { return rules("a")[0].FromPort == 443 })
	_, err := r.Delete(t.Context(), resource.Request{Kind: "securitygroup", Project: "p", ID: "web", Actor: admin})
	require.Equal(t, "a", r.problem(resource.ReasonInUse, err).Candidates[0].Name)
	for rule, path := range map[string]string{
		`{"protocol":"gre"}`:                                  "protocol",
		`{"protocol":"tcp","fromPort":90,"toPort":80}`:        "toPort",
		`{"protocol":"icmp","fromPort":8}`:                    "fromPort",
		`{"protocol":"tcp","fromPort":1,"cidr":"10.0.0.300"}`: "cidr",
	} {
		p := r.refused(resource.ReasonInvalid, "securitygroup", "p", "bad", `{"rules":[`+rule+`]}`)
		require.Equal(t, "spec.rules[0]."+path, p.Fields[0].Path)
	}
}

func TestKeypairs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	public, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	key, err := ssh.NewPublicKey(public)
	require.NoError(t, err)
	line, err := json.Marshal(strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + " me@home")
	require.NoError(t, err)
	a := r.make("keypair", "p", "mine", fmt.Sprintf(`{"publicKey":%s}`, line))
	k, err := resource.As[kinds.KeypairSpec, kinds.KeypairStatus](a.Object)
	require.NoError(t, err)
	require.Equal(t, ssh.FingerprintSHA256(key), k.Status.Fingerprint)
	require.Equal(t, "ssh-ed25519", k.Status.Type)
	for _, bad := range []string{`""`, `"ssh-rsa nonsense"`, line2(line)} {
		p := r.refused(resource.ReasonInvalid, "keypair", "p", "bad", fmt.Sprintf(`{"publicKey":%s}`, bad))
		require.Contains(t, p.Hint, "ssh-keygen")
	}
	r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","keypair":"mine"}`))
	require.Contains(t, r.site.wanted[r.server("web").ID].Seed.MetaData, "ssh-ed25519 ")
	_, err = r.Delete(t.Context(), resource.Request{Kind: "keypair", Project: "p", ID: "mine", Actor: admin})
	r.problem(resource.ReasonInUse, err)
}

// line2 is two keys where one is wanted.
func line2(line []byte) string {
	return strings.TrimSuffix(string(line), `"`) + `\n` + strings.TrimPrefix(string(line), `"`)
}

func TestCatalogueIsNotDeletedUnderServers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", serverSpec))
	r.ready(r.make("volume", "p", "data", `{"sizeGiB":1}`))
	for kind, name := range map[string]string{"flavor": "small", "image": "busybox", "host": "kvm1"} {
		_, err := r.Delete(t.Context(), resource.Request{Kind: kind, ID: name, Actor: admin})
		require.Equal(t, "web", r.problem(resource.ReasonInUse, err).Candidates[0].Name, kind)
	}
	r.remove("server", "p", "web")
	r.gone("server", "p", "web")
	_, err := r.Delete(t.Context(), resource.Request{Kind: "host", ID: "kvm1", Actor: admin})
	require.Equal(t, "data", r.problem(resource.ReasonInUse, err).Candidates[0].Name, "a host with a volume on it stays")
	r.remove("image", "", "busybox")
	r.gone("image", "", "busybox")
	require.Empty(t, r.site.images)
}

func TestImages(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	o, err := resource.As[kinds.ImageSpec, kinds.ImageStatus](r.get("image", "", "busybox"))
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"kvm1", "kvm2"}, o.Status.Hosts)
	sha := strings.Repeat("cd", 32)
	r.make("image", "", "bad", `{"format":"qcow2","disk":{"url":"file:///images/other","sha256":"`+sha+`","bytes":1}}`)
	bad := r.becomes("image", "", "bad", resource.PhaseFailed)
	require.Equal(t, "Invalid", bad.Condition("Ready").Reason)
	require.Contains(t, bad.Condition("Ready").Message, "does not have the SHA-256")
	for spec, path := range map[string]string{
		`{"format":"qcow2","disk":{"url":"file:///x","sha256":"AB","bytes":1}}`:          "spec.disk.sha256",
		`{"format":"qcow2","disk":{"url":"http://x/","sha256":"` + sha + `","bytes":1}}`: "spec.disk.url",
	} {
		require.Equal(t, path, r.refused(resource.ReasonInvalid, "image", "", "none", spec).Fields[0].Path)
	}
	p := r.refused(resource.ReasonInvalid, "image", "", "busybox", `{"format":"qcow2","disk":{"url":"file:///x","sha256":"`+sha+`","bytes":1}}`)
	require.Equal(t, "spec.disk.sha256", p.Fields[0].Path)
	r.make("image", "", "needy", `{"format":"qcow2","minMemoryMiB":1024,"disk":{"url":"file:///images/`+sha+`","sha256":"`+sha+`","bytes":1}}`)
	p = r.refused(resource.ReasonInvalid, "server", "p", "x", `{"flavor":"small","image":"needy","network":"net"}`)
	require.Equal(t, "spec.flavor", p.Fields[0].Path)
}

func TestHostFallsSilentAndComesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	h := func() *kinds.Host {
		o, err := resource.As[kinds.HostSpec, kinds.HostStatus](r.get("host", "", "kvm1"))
		require.NoError(t, err)
		return &o
	}
	require.True(t, h().Status.Alive)
	require.Equal(t, resource.True, h().Condition("Hypervisor").Status)
	id := r.hosts["kvm1"]
	r.site.with(func() { r.site.seen[id] = time.Now().Add(-10 * time.Second) })
	require.NoError(t, r.Touch(t.Context(), "host", id, "the agent has fallen silent"))
	r.becomes("host", "", "kvm1", resource.PhaseDegraded)
	require.False(t, h().Status.Alive)
	require.Contains(t, r.notes(id)["host.silent"], "has not been heard of since")
	p := r.refused(resource.ReasonNoCandidate, "server", "p", "x", serverSpec)
	require.Equal(t, "Down", p.Candidates[0].Reason)
	r.site.with(func() { delete(r.site.seen, id) })
	r.becomes("host", "", "kvm1", resource.PhaseReady)
	require.True(t, h().Status.Alive)

	r.site.with(func() {
		s := r.site.hosts[id]
		s.LibvirtUp, s.LibvirtError = false, "connection refused"
		r.site.hosts[id] = s
	})
	require.NoError(t, r.Touch(t.Context(), "host", id, "the agent reports"))
	r.eventually("libvirt is seen to be down", func() bool { return !h().Status.LibvirtUp })
	require.Equal(t, "LibvirtDown", h().Condition("Hypervisor").Reason)
	require.Contains(t, r.refused(resource.ReasonNoCandidate, "server", "p", "x", serverSpec).Candidates[0].Detail, "connection refused")
}

func TestHostThatNeverReported(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.make("host", "", "ghost", `{"site":"north","schedulable":true}`)
	r.make("server", "p", "s", serverSpec)
	p := r.refused(resource.ReasonNoCandidate, "server", "p", "x", `{"flavor":"small","image":"busybox","network":"net","host":"ghost"}`)
	for _, c := range p.Candidates {
		if c.Name == "ghost" {
			require.Contains(t, c.Detail, "has never reported")
		}
	}
	r.remove("host", "", "ghost")
	r.gone("host", "", "ghost")
}
