package openstack

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/qos"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/schedulerstats"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumetypes"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	// specTier marks a volume type as made for a tier. Cinder's scheduler leaves specs with a foreign prefix alone.
	specTier    = "plaza:tier"
	specBackend = "volume_backend_name"
	// Bounds that Nova writes into the guest's disk.
	boundIOPS  = "total_iops_sec"
	boundBytes = "total_bytes_sec"
)

// typeName is the volume type's and its QoS specs' name. A type that volumes have can not move to another backend, so the
// backend is part of the name.
func typeName(want provider.Volume) string {
	name := "plaza-" + want.Tier
	if want.Pool != "" {
		name += "@" + want.Pool
	}
	return name
}

// ensureType makes the volume type of the wanted volume's tier, with the tier's bounds; "" for a volume without tier.
// Cinder tells bounds to Nova when a volume is attached: other ones hold from then on.
func (d *Driver) ensureType(ctx context.Context, want provider.Volume) (string, error) {
	if want.Tier == "" {
		if want.Pool != "" || want.QoS != nil {
			return "", provider.Errorf(provider.ReasonInvalid, "name the tier", "a region knows pools and bounds of tiers alone")
		}
		return "", nil
	}
	unlock, err := d.locks.Lock(ctx, "tier/"+typeName(want))
	if err != nil {
		return "", err
	}
	defer unlock()
	c, err := d.cloud.client(ctx, volume, "")
	if err != nil {
		return "", err
	}
	types, err := pages(ctx, volumetypes.List(c, volumetypes.ListOpts{IsPublic: "None"}), volumetypes.ExtractVolumeTypes)
	if err != nil {
		return "", mapped("list volume types", err)
	}
	i := slices.IndexFunc(types, func(t volumetypes.VolumeType) bool { return t.Name == typeName(want) })
	if i < 0 {
		t, err := makeType(ctx, c, want)
		if err != nil {
			return "", err
		}
		types, i = append(types, *t), len(types)
	}
	if types[i].ExtraSpecs[specTier] != want.Tier || types[i].ExtraSpecs[specBackend] != want.Pool {
		return "", provider.Errorf(provider.ReasonConflict, "rename the region's volume type, or the tier", "the region has a volume type %s that is not of this tier", typeName(want))
	}
	if err := ensureEncryption(ctx, c, types[i].ID, want); err != nil {
		return "", err
	}
	return types[i].ID, d.ensureBounds(ctx, c, types[i].ID, want)
}

// ensureEncryption lets Cinder encrypt volumes of a type, each by a key that it asks the region's key manager for, or not.
// It does not change that while there are volumes.
func ensureEncryption(ctx context.Context, c *gophercloud.ServiceClient, id string, want provider.Volume) error {
	is, err := volumetypes.GetEncryption(ctx, c, id).Extract()
	if err != nil && !isCode(err, http.StatusNotFound) {
		return mapped("read the encryption of volume type "+typeName(want), err)
	}
	encrypted := err == nil && is.EncryptionID != ""
	switch {
	case encrypted == want.Encrypted:
		return nil
	case encrypted:
		return mapped("lift the encryption of volume type "+typeName(want), volumetypes.DeleteEncryption(ctx, c, id, is.EncryptionID).ExtractErr())
	}
	// What Cinder's own documents recommend; Nova opens the disk on the hypervisor.
	opts := volumetypes.CreateEncryptionOpts{Provider: "luks", Cipher: "aes-xts-plain64", KeySize: 256, ControlLocation: "front-end"}
	_, err = volumetypes.CreateEncryption(ctx, c, id, opts).Extract()
	return mapped("encrypt volume type "+typeName(want), err)
}

func makeType(ctx context.Context, c *gophercloud.ServiceClient, want provider.Volume) (*volumetypes.VolumeType, error) {
	specs := map[string]string{specTier: want.Tier}
	if want.Pool != "" {
		if err := checkBackend(ctx, c, want.Pool); err != nil {
			return nil, err
		}
		specs[specBackend] = want.Pool
	}
	t, err := volumetypes.Create(ctx, c, volumetypes.CreateOpts{Name: typeName(want), Description: "Storage tier " + want.Tier, ExtraSpecs: specs}).Extract()
	return t, mapped("make volume type "+typeName(want), err)
}

// checkBackend refuses a backend that Cinder does not have: the volume would only fail later.
func checkBackend(ctx context.Context, c *gophercloud.ServiceClient, name string) error {
	pools, err := pages(ctx, schedulerstats.List(c, schedulerstats.ListOpts{Detail: true}), schedulerstats.ExtractStoragePools)
	if err != nil {
		return mapped("list storage pools", err)
	}
	var has []string
	for _, p := range pools {
		if b := p.Capabilities.VolumeBackendName; !slices.Contains(has, b) {
			has = append(has, b)
		}
	}
	if slices.Contains(has, name) {
		return nil
	}
	return provider.Errorf(provider.ReasonConflict, "name one of: "+strings.Join(has, ", "), "the region has no storage backend %q", name)
}

func boundsOf(q *provider.QoS) map[string]string {
	out := map[string]string{}
	if q != nil && q.IOPS > 0 {
		out[boundIOPS] = strconv.FormatInt(q.IOPS, 10)
	}
	if q != nil && q.BytesPerSecond > 0 {
		out[boundBytes] = strconv.FormatInt(q.BytesPerSecond, 10)
	}
	return out
}

// ensureBounds brings the type's QoS specs to the wanted bounds; a type that never had any gets none.
func (d *Driver) ensureBounds(ctx context.Context, c *gophercloud.ServiceClient, backend string, want provider.Volume) error {
	name, bounds := typeName(want), boundsOf(want.QoS)
	all, err := pages(ctx, qos.List(c, qos.ListOpts{}), qos.ExtractQoS)
	if err != nil {
		return mapped("list QoS specs", err)
	}
	i := slices.IndexFunc(all, func(q qos.QoS) bool { return q.Name == name })
	if i < 0 {
		if len(bounds) == 0 {
			return nil
		}
		q, err := qos.Create(ctx, c, qos.CreateOpts{Name: name, Consumer: qos.ConsumerFront, Specs: bounds}).Extract()
		if err != nil {
			return mapped("make QoS specs "+name, err)
		}
		all, i = append(all, *q), len(all)
	} else if err := changeBounds(ctx, c, all[i], bounds); err != nil {
		return err
	}
	// Repeated as an earlier try may have been cut off before it; Cinder does not mind.
	return mapped("bind QoS specs "+name, qos.Associate(ctx, c, all[i].ID, qos.AssociateOpts{VolumeTypeID: backend}).ExtractErr())
}

func changeBounds(ctx context.Context, c *gophercloud.ServiceClient, has qos.QoS, bounds map[string]string) error {
	var gone qos.DeleteKeysOpts
	for _, key := range slices.Sorted(maps.Keys(has.Specs)) {
		if _, wanted := bounds[key]; !wanted && (key == boundIOPS || key == boundBytes) {
			gone = append(gone, key)
		}
	}
	if len(gone) > 0 {
		if err := qos.DeleteKeys(ctx, c, has.ID, gone).ExtractErr(); err != nil && !isCode(err, http.StatusNotFound) {
			return mapped("lift bounds of "+has.Name, err)
		}
	}
	for key, value := range bounds {
		if has.Specs[key] != value {
			_, err := qos.Update(ctx, c, has.ID, qos.UpdateOpts{Specs: bounds}).Extract()
			return mapped("change bounds of "+has.Name, err)
		}
	}
	return nil
}
