package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// ConsoleLog is the end of a server's serial console.
type ConsoleLog struct {
	Text string `json:"text"`
}

type consoleInput struct {
	ObjectInput
	Bytes int `query:"bytes" minimum:"1" maximum:"1048576" default:"65536" doc:"How much of its end"`
}

// ComputeRoutes are what is read of pools and servers beyond their objects.
func ComputeRoutes(driver provider.Driver) Routes {
	return func(api huma.API, s *Server) {
		s.poolRoutes()
		s.ledgerRoutes()
		s.overviewRoutes()
		s.topologyRoutes()
		s.passwordRoute(driver)
		s.serverBackupRoute()
		s.offerRoutes()
		op := func(path, id, doc, tag string) huma.Operation {
			return huma.Operation{Method: http.MethodGet, Path: path, OperationID: id, Summary: doc, Tags: []string{tag}}
		}
		huma.Register(api, op("/v1/servers/{id}/console", "consoleServer", "Read the end of a server's serial console", "servers"), func(ctx context.Context, in *consoleInput) (*Body[ConsoleLog], error) {
			o, host, err := s.placed(ctx, in.ObjectInput)
			if err != nil {
				return nil, err
			}
			text, err := driver.ConsoleLog(ctx, host, o.ID, in.Bytes)
			return body(ConsoleLog{string(text)}, kinds.Explain("server", err))
		})
		huma.Register(api, op("/v1/servers/{id}/stats", "statsServer", "Read a server's live counters", "servers"), func(ctx context.Context, in *ObjectInput) (*Body[provider.ServerStats], error) {
			o, host, err := s.placed(ctx, *in)
			if err != nil {
				return nil, err
			}
			stats, err := driver.ServerStats(ctx, host, o.ID)
			return body(stats, kinds.Explain("server", err))
		})
	}
}

// placed finds a server and the host it is on.
func (s *Server) placed(ctx context.Context, in ObjectInput) (resource.Raw, string, error) {
	o, err := s.serverOf(ctx, in)
	if err != nil {
		return o, "", err
	}
	host := resource.Lookup(o, "status.host")
	if len(host) == 0 {
		return o, "", resource.Problemf(resource.ReasonConflict, "server", "wait until it is placed", "server %s is on no host yet", o.Name)
	}
	return o, host[0], nil
}
