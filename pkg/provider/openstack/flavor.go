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

// flavorName is name and id of the flavor with that hardware; with traits it has a hash of them, too.
func flavorName(vcpus, memoryMiB, diskGiB int, traits []string) string {
	name := fmt.Sprintf("plaza.%dc.%dm.%dg", vcpus, memoryMiB, diskGiB)
	if len(traits) > 0 {
		sum := sha256.Sum256([]byte(strings.Join(traits, " ")))
		name += "." + hex.EncodeToString(sum[:4])
	}
	return name
}

// ensureFlavor makes the flavor by its first use. They are public and stay: they are few and cost nothing.
func (d *Driver) ensureFlavor(ctx context.Context, vcpus, memoryMiB, diskGiB int, labels map[string]string) (string, error) {
	required, err := d.traitsOf(ctx, labels)
	if err != nil {
		return "", err
	}
	name := flavorName(vcpus, memoryMiB, diskGiB, required)
	c, err := d.cloud.client(ctx, compute, "")
	if err != nil {
		return "", err
	}
	found, err := flavors.Get(ctx, c, name).Extract()
	switch {
	case isCode(err, http.StatusNotFound):
		public := true
		made := flavors.Create(ctx, c, flavors.CreateOpts{ID: name, Name: name, VCPUs: vcpus, RAM: memoryMiB, Disk: &diskGiB, IsPublic: &public})
		if made.Err != nil && !isCode(made.Err, http.StatusConflict) { // somebody else was quicker
			return "", mapped("make flavor "+name, made.Err)
		}
	case err != nil:
		return "", mapped("find flavor "+name, err)
	case len(found.ExtraSpecs) == len(required):
		return name, nil
	}
	return name, requireTraits(ctx, c, name, required)
}

func requireTraits(ctx context.Context, c *gophercloud.ServiceClient, flavor string, required []string) error {
	if len(required) == 0 {
		return nil
	}
	specs := flavors.ExtraSpecsOpts{}
	for _, t := range required {
		specs["trait:"+t] = "required"
	}
	_, err := flavors.CreateExtraSpecs(ctx, c, flavor, specs).Extract()
	return mapped("require traits of flavor "+flavor, err)
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
