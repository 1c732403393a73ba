package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
)

type serverBackupInput struct {
	ObjectInput
	WriteInput
	DryRun bool `query:"dryRun" doc:"Check it all, quota included, and write nothing"`
	Body   struct {
		Name   string            `json:"name" minLength:"1" maxLength:"63" doc:"Of the backup"`
		Keep   int               `json:"keep,omitempty" minimum:"0" maximum:"366" doc:"Once it is there, so many of the server's backups stay that were made with such a number, the newest; 0: all stay"`
		Labels map[string]string `json:"labels,omitempty" maxProperties:"64"`
	} `nameHint:"ServerBackup"`
}

// serverBackupRoute is the verb that backs a server up as a whole, and lets the oldest go.
func (s *Server) serverBackupRoute() {
	op := huma.Operation{Method: http.MethodPost, Path: "/v1/servers/{id}/backup", OperationID: "backupServer", Tags: []string{"servers"},
		Summary:     "Back a server up as a whole",
		Description: "Makes a serverbackup. With keep the right to delete those is needed, too."}
	def, err := s.registry.Kind("serverbackup")
	if err != nil {
		return // an installation without it
	}
	k := &kind{Definition: def, server: s, title: pascal(def.Name)}
	k.written(&op, nil)
	huma.Register(s.api, op, func(ctx context.Context, in *serverBackupInput) (*rawOutput, error) {
		server, err := s.serverOf(ctx, in.ObjectInput)
		if err != nil {
			return nil, err
		}
		if in.Body.Keep > 0 {
			if err := s.authorize(ctx, "delete", def.Name, server.Project); err != nil {
				return nil, err
			}
		}
		body, err := json.Marshal(in.Body)
		if err != nil {
			return nil, err
		}
		req := k.request(ctx, in.WriteInput, op, server.ID, body)
		req.ID, req.Project, req.Name, req.Labels, req.Mode, req.Verb, req.DryRun = "", server.Project, in.Body.Name, in.Body.Labels, resource.CreateOnly, kinds.VerbBackup, in.DryRun
		if req.Spec, err = json.Marshal(kinds.ServerBackupSpec{Server: server.ID, Keep: in.Body.Keep}); err != nil {
			return nil, err
		}
		return k.finish(ctx, in.WriteInput, in.DryRun, true, func() (resource.Applied, error) { return s.cfg.Store.Apply(ctx, req) })
	})
}

func (s *Server) serverOf(ctx context.Context, in ObjectInput) (resource.Raw, error) {
	def, err := s.registry.Kind("server")
	if err != nil {
		return resource.Raw{}, err
	}
	return (&kind{Definition: def, server: s}).find(ctx, "get", in)
}
