package openstack

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Minor microversions of Cinder from which the newer kind of transfer is known, and takes encrypted volumes along.
const (
	newTransfers       = 55
	encryptedTransfers = 70
)

// TransferableVolume refuses what Cinder does not transfer.
func (d *Driver) TransferableVolume(ctx context.Context, place, id string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	v, err := d.findVolume(ctx, id)
	if err != nil {
		return err
	}
	c, err := d.cloud.client(ctx, volume, v.TenantID)
	if err != nil {
		return err
	}
	if err := transferable(*v, c.Microversion); err != nil {
		return err
	}
	kept, err := d.hasSnapshots(ctx, v.ID)
	if err == nil && kept {
		return provider.Errorf(provider.ReasonConflict, "delete its snapshots first", "volume %s has snapshots", id)
	}
	return err
}

// transferable tells whether Cinder of a microversion transfers a volume.
func transferable(v volumes.Volume, microversion string) error {
	switch {
	case len(v.Attachments) > 0 || v.Status == "in-use":
		return provider.Errorf(provider.ReasonConflict, "detach it first", "volume %s is attached to a server", v.Name)
	case v.Encrypted && minor(microversion) < encryptedTransfers:
		return provider.Errorf(provider.ReasonUnsupported, "the region needs Cinder 3.70 (Zed) or newer; copy what is on it to a volume of the other project instead",
			"volume %s is encrypted, and Cinder %s does not hand its key to another project", v.Name, microversion)
	}
	return nil
}

// minor is the second number of a microversion; 0 for none.
func minor(microversion string) int {
	var major, out int
	_, _ = fmt.Sscanf(microversion, "%d.%d", &major, &out) // what is none has 0
	return out
}

// TransferVolume asks for a transfer in the project that has the volume, and accepts it in the other one. The key is told once: of
// a call that was cut off in between the transfer is taken back, and asked for anew.
func (d *Driver) TransferVolume(ctx context.Context, place, id, project string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	unlock, err := d.locks.Lock(ctx, "volume/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	to, err := d.tenant(ctx, project)
	if err != nil {
		return err
	}
	v, err := d.findVolume(ctx, id)
	if err != nil || v.TenantID == to {
		return err
	}
	giver, err := d.cloud.client(ctx, volume, v.TenantID)
	if err != nil {
		return err
	}
	taker, err := d.cloud.client(ctx, volume, to)
	if err != nil {
		return err
	}
	if err := transferable(*v, giver.Microversion); err != nil {
		return err
	}
	if v.Status == "awaiting-transfer" {
		if err := withdrawTransfers(ctx, giver, v.ID); err != nil {
			return err
		}
	}
	if v, err = d.untilVolume(ctx, v.ID, "hand over volume "+v.Name, settled); err != nil {
		return err
	}
	x, err := askTransfer(ctx, giver, v)
	if err != nil {
		return err
	}
	return acceptTransfer(ctx, taker, x)
}

// transfer is one of Cinder's, as it is asked for.
type transfer struct {
	ID       string `json:"id"`
	VolumeID string `json:"volume_id"`
	AuthKey  string `json:"auth_key"`
}

// transfersURL is where transfers of the newer kind are, which alone take encrypted volumes, or else the older ones.
func transfersURL(c *gophercloud.ServiceClient, more ...string) string {
	name := "os-volume-transfer"
	if minor(c.Microversion) >= newTransfers {
		name = "volume-transfers"
	}
	return c.ServiceURL(append([]string{name}, more...)...)
}

func askTransfer(ctx context.Context, c *gophercloud.ServiceClient, v *volumes.Volume) (transfer, error) {
	var out struct{ Transfer transfer }
	body := map[string]any{"transfer": map[string]any{"volume_id": v.ID, "name": "plaza " + v.Metadata[idKey]}}
	resp, err := c.Post(ctx, transfersURL(c), body, &out, &gophercloud.RequestOpts{OkCodes: []int{http.StatusAccepted}})
	_, _, err = gophercloud.ParseResponse(resp, err)
	return out.Transfer, mapped("hand over volume "+v.Name, err)
}

func acceptTransfer(ctx context.Context, c *gophercloud.ServiceClient, x transfer) error {
	body := map[string]any{"accept": map[string]any{"auth_key": x.AuthKey}}
	resp, err := c.Post(ctx, transfersURL(c, x.ID, "accept"), body, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusAccepted}})
	_, _, err = gophercloud.ParseResponse(resp, err)
	return mapped("take volume "+x.VolumeID+" over", err)
}

// withdrawTransfers takes back what a call left that was cut off.
func withdrawTransfers(ctx context.Context, c *gophercloud.ServiceClient, backend string) error {
	var all struct{ Transfers []transfer }
	resp, err := c.Get(ctx, transfersURL(c, "detail"), &all, nil)
	if _, _, err = gophercloud.ParseResponse(resp, err); err != nil {
		return mapped("list transfers", err)
	}
	for _, x := range all.Transfers {
		if x.VolumeID != backend {
			continue
		}
		resp, err := c.Delete(ctx, transfersURL(c, x.ID), nil)
		if _, _, err = gophercloud.ParseResponse(resp, err); err != nil && !isCode(err, http.StatusNotFound) {
			return mapped("take a transfer back", err)
		}
	}
	return nil
}
