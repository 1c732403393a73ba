package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
)

// laneRoutes adds what only a dpathchain has: its map.
func (k *kind) laneRoutes() {
	if k.Name != "dpathchain" {
		return
	}
	k.register(http.MethodGet, "/{id}/lanes", "mapLanes", "Show the lanes of a "+k.Name+": apps, pools of nodes, and the calls of the last seconds.", k.lanes)
}

func (k *kind) lanes(op huma.Operation) {
	huma.Register(k.server.api, op, func(ctx context.Context, in *struct{ ObjectInput }) (*Body[kinds.LaneMap], error) {
		o, err := k.find(ctx, "get", in.ObjectInput)
		if err != nil {
			return nil, err
		}
		m, err := kinds.MapLanes(ctx, k.server.cfg.Store.View(resource.ActorFrom(ctx).Scope), o, time.Now())
		return body(m, err)
	})
}
