package openstack

import (
	"context"
	"net/http"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/plazacloud/plaza/pkg/provider"
)

// ownMeta begins the keys that are this driver's notes.
const ownMeta = "plaza-"

// told is the metadata that the guest and the region's operator see of a server.
func (d *Driver) told(want provider.Server, meta metaData) map[string]string {
	out := map[string]string{}
	for _, of := range []map[string]string{meta.Plaza.Metadata, want.Tags} {
		for k, v := range of {
			if !metaName.MatchString(k) || len(v) > longestMeta {
				d.log.Warn("Nova takes no such metadata", "server", want.ID, "key", k, "bytes", len(v))
				continue
			}
			out[k] = v
		}
	}
	out[idKey] = want.ID
	return out
}

// adjustMetadata makes what a server is told be as wanted; the driver's notes stay. Nova writes it only of servers at rest.
func (d *Driver) adjustMetadata(ctx context.Context, s *servers.Server, want provider.Server) error {
	switch s.VmState {
	case "active", "paused", "suspended", "stopped":
	default:
		return nil
	}
	meta, err := metaDataOf(want.Seed.MetaData)
	if err != nil {
		return err
	}
	all := d.told(want, meta)
	changed := map[string]string{}
	for k, v := range all {
		if have, ok := s.Metadata[k]; !ok || have != v {
			changed[k] = v
		}
	}
	if len(changed) > 0 {
		if err := d.note(ctx, s, changed); err != nil {
			return err
		}
	}
	c, err := d.compute(ctx, s)
	if err != nil {
		return err
	}
	for k := range s.Metadata {
		if _, wanted := all[k]; wanted || strings.HasPrefix(k, ownMeta) {
			continue
		}
		if err := servers.DeleteMetadatum(ctx, c, s.ID, k).ExtractErr(); err != nil && !isCode(err, http.StatusNotFound) {
			return mapped("remove metadata "+k, err)
		}
	}
	return nil
}
