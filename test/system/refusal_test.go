package system

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestRefusals sends what can not be done. Each refusal explains itself, and leaves nothing behind.
func TestRefusals(t *testing.T) {
	t.Parallel()
	p, h, project := site(t, rig.PlaneOptions{}, rig.HostOptions{})
	p.Create(t, "networks", project, "front", m{"cidr": "10.81.0.0/24"})
	p.Create(t, "volumes", project, "data", m{"sizeGiB": 1})
	before := counts(t, p, h, project)
	refused := func(name, path string, body any, status int, reason resource.Reason, check func(t *testing.T, got rig.Problem)) {
		t.Run(name, func(t *testing.T) {
			check(t, p.Refused(t, status, reason, http.MethodPost, path, body))
			require.Equal(t, before, counts(t, p, h, project), "something was left behind")
		})
	}
	field := func(path string) func(*testing.T, rig.Problem) {
		return func(t *testing.T, got rig.Problem) {
			require.Len(t, got.Fields, 1, "%+v", got)
			require.Equal(t, path, got.Fields[0].Path)
			require.NotEmpty(t, got.Fields[0].Message)
		}
	}
	hinted := func(t *testing.T, got rig.Problem) { require.NotEmpty(t, got.Hint, got.Detail) }
	both := func(path string) func(*testing.T, rig.Problem) {
		return func(t *testing.T, got rig.Problem) { field(path)(t, got); hinted(t, got) }
	}
	refused("unknown field", "/v1/volumes", rig.Body(project, "v", m{"sizeGiB": 1, "colour": "red"}), 422, resource.ReasonInvalid, field("spec.colour"))
	refused("wrong type", "/v1/volumes", rig.Body(project, "v", m{"sizeGiB": "large"}), 422, resource.ReasonInvalid, field("spec.sizeGiB"))
	refused("not JSON", "/v1/volumes", []byte("sizeGiB: 1"), 400, "Malformed", func(*testing.T, rig.Problem) {})
	refused("duplicate name", "/v1/volumes", rig.Body(project, "data", m{"sizeGiB": 1}), 409, resource.ReasonAlreadyExists, hinted)
	refused("absent network", "/v1/servers", rig.Body(project, "s", server("nowhere", nil)), 422, resource.ReasonInvalid, both("spec.network"))
	refused("absent image", "/v1/servers", rig.Body(project, "s", server("front", m{"image": "nothing"})), 422, resource.ReasonInvalid, both("spec.image"))
	refused("absent project by name", "/v1/volumes", rig.Body("g-shop/none", "v", m{"sizeGiB": 1}), 404, resource.ReasonNotFound, hinted)
	refused("absent project by id", "/v1/volumes", rig.Body(uuid.NewString(), "v", m{"sizeGiB": 1}), 404, resource.ReasonNotFound, hinted)
	refused("absent parent node", "/v1/nodes", m{"type": "project", "name": "x", "parent": "nowhere"}, 404, resource.ReasonNotFound, hinted)
	for _, cidr := range []string{"10.0.0.0", "10.0.0.0/33", "2001:db8::/64", "10.1.2.3/24", "shop"} {
		refused("bad CIDR "+cidr, "/v1/networks", rig.Body(project, "n", m{"cidr": cidr}), 422, resource.ReasonInvalid, field("spec.cidr"))
	}
	p.Create(t, "flavors", "", "huge", flavor{VCPUs: 2, MemoryMiB: 4 << 20, DiskGiB: 1})
	refused("no host with room", "/v1/servers", rig.Body(project, "s", server("front", m{"flavor": "huge"})), 409, resource.ReasonNoCandidate, func(t *testing.T, got rig.Problem) {
		hinted(t, got)
		require.Len(t, got.Candidates, 1)
		require.Equal(t, "h1", got.Candidates[0].Name)
		require.Equal(t, "NoRoom", got.Candidates[0].Reason)
		require.Contains(t, got.Candidates[0].Detail, "MiB of memory")
	})
	rig.Call[m](t, p.Client, http.MethodPut, "/v1/quotas/volumes?node="+project, m{"hard": 1})
	refused("no quota", "/v1/volumes", rig.Body(project, "v", m{"sizeGiB": 1}), 403, resource.ReasonQuotaExceeded, func(t *testing.T, got rig.Problem) {
		hinted(t, got)
		require.Contains(t, got.Detail, "1 of 1")
	})
	t.Run("image with another checksum", func(t *testing.T) { brokenImage(t, p, h, "sum", resource.ReasonInvalid) })
	t.Run("image without a file", func(t *testing.T) { brokenImage(t, p, h, "file", resource.ReasonNotFound) })
}

// counts is what there is: rows, disks, domains, quota.
func counts(t *testing.T, p *rig.Plane, h *rig.Host, project string) map[string]int {
	t.Helper()
	out := map[string]int{"domains": len(h.Domains(t)), "disks": len(files(t, filepath.Join(h.Pool, "volumes"))), "server disks": len(files(t, filepath.Join(h.Pool, "servers")))}
	for _, plural := range []string{"servers", "volumes", "networks"} {
		out[plural] = len(p.List(t, plural))
	}
	for _, u := range rig.Call[struct{ Items []resource.QuotaUsage }](t, p.Client, http.MethodGet, "/v1/quotas?node="+project, nil).Items {
		if n := u.Reserved + u.Committed; n > 0 {
			out["quota "+u.Metric] = int(n)
		}
	}
	return out
}

// brokenImage registers an image that is not what it says; the refusal comes with the operation, and no half image stays.
func brokenImage(t *testing.T, p *rig.Plane, h *rig.Host, what string, reason resource.Reason) {
	disk := filepath.Join(rig.Dir(t, "img"), "disk.qcow2")
	if what == "sum" {
		require.NoError(t, os.WriteFile(disk, []byte("not what it says"), 0o600))
	}
	images := files(t, filepath.Join(h.Pool, "images"))
	spec := m{"format": "qcow2", "disk": m{"url": "file://" + disk, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "bytes": 16}}
	got := p.Refused(t, map[resource.Reason]int{resource.ReasonInvalid: 422, resource.ReasonNotFound: 404}[reason], reason, http.MethodPost, "/v1/images?wait=30s", rig.Body("", "broken-"+what, spec))
	require.NotEmpty(t, got.Hint)
	require.Contains(t, got.Detail, disk)
	require.NotNil(t, got.Operation)
	require.Equal(t, resource.OperationFailed, got.Operation.State)
	require.Equal(t, resource.PhaseFailed, p.Get(t, "images", got.Operation.ObjectID).Phase)
	require.Equal(t, images, files(t, filepath.Join(h.Pool, "images")), "a half image is left")
	p.Delete(t, "images", got.Operation.ObjectID)
}
