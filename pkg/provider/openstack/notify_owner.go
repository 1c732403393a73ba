package openstack

import (
	"context"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
)

// ownerPaths are where an object of each kind is read, and the name that its answer wraps it in.
var ownerPaths = map[string]struct {
	service service
	path    string
	wrap    string
}{
	"server":  {compute, "servers", "server"},
	"volume":  {volume, "volumes", "volume"},
	"network": {network, "networks", "network"},
	"image":   {image, "images", ""},
	"machine": {baremetal, "nodes", ""},
}

// ownerOf reads an object and returns the Plaza id it is marked with; "" for one of others and for one that is gone.
func (d *Driver) ownerOf(ctx context.Context, kind, backend string) (string, error) {
	at, known := ownerPaths[kind]
	if !known || backend == "" {
		return "", nil
	}
	c, err := d.cloud.client(ctx, at.service, "")
	if err != nil {
		return "", err
	}
	var body map[string]any
	resp, err := c.Get(ctx, c.ServiceURL(at.path, backend), &body, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	if _, _, err = gophercloud.ParseResponse(resp, err); isCode(err, http.StatusNotFound) {
		return "", nil
	}
	if err != nil {
		return "", mapped("read "+kind+" "+backend, err)
	}
	if at.wrap != "" {
		body = unwrap(body[at.wrap])
	}
	if id := text(body, "plaza_id"); isID(id) { // Glance keeps properties beside its own fields
		return id, nil
	}
	return plazaID(body), nil
}
