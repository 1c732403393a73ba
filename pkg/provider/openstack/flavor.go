package openstack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/placement/v1/traits"

	"github.com/plazacloud/plaza/pkg/provider"
)

// flavorName is name and id of the flavor with that hardware; with extra specs it has a hash of them, too.
func flavorName(vcpus, memoryMiB, diskGiB int, specs map[string]string) string {
	name := fmt.Sprintf("plaza.%dc.%dm.%dg", vcpus, memoryMiB, diskGiB)
	var words []string
	for _, k := range slices.Sorted(maps.Keys(specs)) {
		if t, ok := strings.CutPrefix(k, "trait:"); ok {
			words = append(words, t)
		} else {
			words = append(words, k+"="+specs[k])
		}
	}
	if len(words) > 0 {
		sum := sha256.Sum256([]byte(strings.Join(words, " ")))
		name += "." + hex.EncodeToString(sum[:4])
	}
	return name
}

// ensureFlavor makes the flavor of a server with such a root disk by its first use. They are public and stay: they are few
// and cost nothing.
func (d *Driver) ensureFlavor(ctx context.Context, want provider.Server, diskGiB int) (string, error) {
	required, err := d.traitsOf(ctx, want.Traits)
	if err != nil {
		return "", err
	}
	specs := boundSpecs(want)
	for _, t := range required {
		specs["trait:"+t] = "required"
	}
	name := flavorName(want.VCPUs, want.MemoryMiB, diskGiB, specs)
	c, err := d.cloud.client(ctx, compute, "")
	if err != nil {
		return "", err
	}
	found, err := flavors.Get(ctx, c, name).Extract()
	switch {
	case isCode(err, http.StatusNotFound):
		public := true
		made := flavors.Create(ctx, c, flavors.CreateOpts{ID: name, Name: name, VCPUs: want.VCPUs, RAM: want.MemoryMiB, Disk: &diskGiB, IsPublic: &public})
		if made.Err != nil && !isCode(made.Err, http.StatusConflict) { // somebody else was quicker
			return "", mapped("make flavor "+name, made.Err)
		}
	case err != nil:
		return "", mapped("find flavor "+name, err)
	case len(found.ExtraSpecs) == len(specs):
		return name, nil
	}
	return name, setSpecs(ctx, c, name, specs)
}

func setSpecs(ctx context.Context, c *gophercloud.ServiceClient, flavor string, specs map[string]string) error {
	if len(specs) == 0 {
		return nil
	}
	_, err := flavors.CreateExtraSpecs(ctx, c, flavor, flavors.ExtraSpecsOpts(specs)).Extract()
	return mapped("set what flavor "+flavor+" demands and bounds", err)
}

// traitsOf are the traits CUSTOM_KEY_VALUE that stand for labels. A label that Placement has no trait for is one of the
// whole region, which Plaza itself has checked.
func (d *Driver) traitsOf(ctx context.Context, labels map[string]string) ([]string, error) {
	var required []string
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		c, err := d.cloud.client(ctx, placement, "")
		if err != nil {
			return nil, err
		}
		name := provider.TraitName(k, labels[k])
		err = traits.Get(ctx, c, name).ExtractErr()
		if isCode(err, http.StatusNotFound) {
			continue
		}
		if err != nil {
			return nil, mapped("find trait "+name, err)
		}
		required = append(required, name)
	}
	return required, nil
}
