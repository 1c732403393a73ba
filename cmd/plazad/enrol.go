package main

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/host"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
	"github.com/plazacloud/plaza/pkg/resource"
)

// enroller lets the API enrol hosts in the registry.
type enroller struct{ registry *host.Registry }

var _ api.Enroller = enroller{}

func (e enroller) IssueToken(ctx context.Context, actor resource.Actor, in api.NewEnrolToken) (api.EnrolToken, error) {
	t, secret, err := e.registry.CreateToken(ctx, actor, in.Site, in.Name, time.Duration(in.TTLSeconds)*time.Second)
	return api.EnrolToken{Token: secret, Site: t.Site, Name: t.Name, ExpiresAt: t.ExpiresAt}, err
}

func (e enroller) Enrol(ctx context.Context, _ string, in api.EnrolRequest) (api.EnrolResponse, error) {
	out, err := e.registry.Enrol(ctx, kvm.EnrolRequest(in))
	return api.EnrolResponse(out), err
}
