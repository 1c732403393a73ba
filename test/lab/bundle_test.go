package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath/verify"
	"github.com/plazacloud/plaza/pkg/retail/catalogue"
	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/entry"
	"github.com/plazacloud/plaza/pkg/retail/inventory"
	"github.com/plazacloud/plaza/pkg/retail/product"
	"github.com/plazacloud/plaza/test/system/rig"
)

// registerBuilt makes an image of what `make image` has built.
func (s *site) registerBuilt(t *testing.T, name, built string) {
	t.Helper()
	path := filepath.Join("../../build/images", built+".json")
	text, err := os.ReadFile(path) //nolint:gosec // of this checkout
	require.NoError(t, err, "make image builds it")
	var manifest struct {
		Disk, Kernel, Initrd, Cmdline string
		SHA256                        struct{ Disk, Kernel, Initrd string } `json:"sha256"`
	}
	require.NoError(t, json.Unmarshal(text, &manifest))
	folder, err := filepath.Abs(filepath.Dir(path))
	require.NoError(t, err)
	file := func(name, sum string) m {
		return m{"url": "file://" + filepath.Join(folder, name), "sha256": sum, "bytes": 0}
	}
	s.Create(t, "images", "", name, m{"format": "qcow2", "arch": "x86_64", "cmdline": manifest.Cmdline, "disk": file(manifest.Disk, manifest.SHA256.Disk),
		"kernel": file(manifest.Kernel, manifest.SHA256.Kernel), "initrd": file(manifest.Initrd, manifest.SHA256.Initrd)})
}

// TestRetailBundleInTheRegion deploys the bundle that runs on KVM sites, unchanged, and proves its health and its
// dedicated path from inside the guests; a server lost behind Plaza's back comes back.
func TestRetailBundleInTheRegion(t *testing.T) {
	s := newSite(t)
	s.registerBuilt(t, "appliance", "plaza-appliance")
	s.Create(t, "flavors", "", "r1.small", m{"vcpus": 1, "memoryMiB": 512, "diskGiB": 2})
	s.Create(t, "flavors", "", "r1.medium", m{"vcpus": 2, "memoryMiB": 1024, "diskGiB": 10})
	begin := time.Now()
	rig.Call[any](t, s.Client, http.MethodPost, "/v1/bundles/apply", m{"project": s.project, "name": "retail", "blueprint": "retail", "size": "XS", "parameters": m{"image": "appliance"}})
	id := s.List(t, "bundles")[0].ID
	said := ""
	rig.Within(t, 12*time.Minute, func() error {
		b := s.Get(t, "bundles", id)
		ready := b.Condition("Ready")
		if said != ready.Message {
			said = ready.Message
			t.Logf("after %s: %s", time.Since(begin).Round(time.Second), said)
		}
		return errorIf(b.Phase != "Ready" || rig.Status(b, "status.health.ok") != "true", string(b.Phase)+": "+ready.Message)
	})
	t.Logf("healthy after %s", time.Since(begin).Round(time.Second))
	for _, o := range s.List(t, "servers") {
		require.Equal(t, s.region.ID, rig.Status(o, "status.host"), o.Name)
		t.Logf("%s runs on %s", o.Name, rig.Status(o, "status.node"))
	}

	report := rig.Call[verify.Report](t, s.Client, http.MethodPost, "/v1/bundles/"+id+"/verify", m{"common": 300, "labelled": 300})
	require.Zero(t, report.Violations)
	require.Zero(t, report.Failed)
	control := rig.Call[verify.Report](t, s.Client, http.MethodPost, "/v1/bundles/"+id+"/verify", m{"common": 100, "labelled": 100, "without": []string{"guard", "filter"}})
	require.Positive(t, control.Violations, "with a protection removed, the check must find something")

	base := rig.Status(s.Get(t, "bundles", id), "status.outputs.entry")
	rig.Within(t, time.Minute, func() error { // the catalogue is whole
		n := len(published(t, base))
		return errorIf(n < len(catalogue.Entries()), fmt.Sprintf("%d products", n))
	})
	left := atp(t, base)
	for _, c := range entry.Verify(t.Context(), shopper, base, entry.VerifyOptions{Pay: true}) {
		require.True(t, c.OK, "%s: %s", c.Name, c.Error)
	}
	require.Equal(t, left-1, atp(t, base), "one was sold")

	lost := map[string]string{} // Plaza's id → Nova's
	for _, name := range []string{"retail-app-0", "retail-db-0"} {
		server := s.named(t, "servers", name)
		b, there := s.backend(t, server)
		require.True(t, there)
		require.NoError(t, servers.Delete(t.Context(), s.cloud.compute(t), b.ID).ExtractErr())
		lost[server] = b.ID
	}
	begin = time.Now()
	rig.Within(t, 8*time.Minute, func() error {
		for server, was := range lost {
			if now, there := s.backend(t, server); !there || now.ID == was {
				return missing("a server was not made anew")
			}
			if o := s.Get(t, "servers", server); !o.Settled() || rig.Status(o, "status.power") != "running" {
				return missing("a new server is " + string(o.Phase))
			}
		}
		return s.well(t, id)
	})
	t.Logf("well again %s after the database's and an app's server were deleted in Nova", time.Since(begin).Round(time.Second))
	require.Equal(t, left-1, atp(t, base), "the database found its data on its volume")

	s.empty(t)
	s.nothingLeft(t)
}

// published are the codes of what the shop sells.
func published(t *testing.T, base string) (skus []string) {
	t.Helper()
	var products centre.Page[product.Product]
	require.NoError(t, centre.Call(t.Context(), shopper, http.MethodGet, base+"/v1/products?published=true&limit=100", "", nil, &products))
	for _, p := range products.Items {
		skus = append(skus, p.SKU)
	}
	return skus
}

// atp is what can be promised of all that.
func atp(t *testing.T, base string) (sum int64) {
	t.Helper()
	var stock centre.Page[inventory.ATP]
	require.NoError(t, centre.Call(t.Context(), shopper, http.MethodGet, base+"/v1/inventory/atp?sku="+strings.Join(published(t, base), ","), "", nil, &stock))
	for _, x := range stock.Items {
		sum += x.ATP
	}
	return sum
}

var shopper = &http.Client{Timeout: 20 * time.Second}

// well wants the bundle to be ready and its workload to say itself that all of it is well.
func (s *site) well(t *testing.T, bundle string) error {
	t.Helper()
	b := s.Get(t, "bundles", bundle)
	if b.Phase != "Ready" || rig.Status(b, "status.health.ok") != "true" {
		return missing("the bundle is " + string(b.Phase))
	}
	client := http.Client{Timeout: 5 * time.Second}
	res, err := client.Get(rig.Status(b, "status.health.url")) //nolint:noctx // the client has a timeout
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	var told struct{ Status string }
	err = json.NewDecoder(res.Body).Decode(&told)
	return errors.Join(err, errorIf(told.Status != "ok", "the workload is "+told.Status))
}

func (s *site) named(t *testing.T, plural, name string) string {
	t.Helper()
	for _, o := range s.List(t, plural) {
		if o.Name == name {
			return o.ID
		}
	}
	t.Fatalf("there is no %s named %s", plural, name)
	return ""
}
