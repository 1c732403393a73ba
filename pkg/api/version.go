package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
)

// SubscriberList tells how far the subscribers of an object are.
type SubscriberList struct {
	Items []resource.Subscriber `json:"items" nullable:"false"`
}

// versionRoutes adds what a kind has whose specs are kept and followed.
func (k *kind) versionRoutes() {
	if k.Versions == 0 {
		return
	}
	k.register(http.MethodGet, "/{id}/versions", "listVersions", "List what is kept of a "+k.Name+"'s versions, newest first.", k.versions)
	k.register(http.MethodGet, "/{id}/versions/{version}", "getVersion", "Read one version of a "+k.Name+", or the newest one.", k.version)
	k.register(http.MethodGet, "/{id}/watch", "watchVersions", "Follow a "+k.Name+"'s versions.", k.watches)
	k.register(http.MethodPost, "/{id}/acks", "ack", "Tell what a subscriber did with a version.", k.acks)
	k.register(http.MethodGet, "/{id}/subscribers", "listSubscribers", "List who follows a "+k.Name+", and how far they are.", k.subscribers)
}

// versionSchemas adds the schemas of a kind's versions.
func (k *kind) versionSchemas(all map[string]*huma.Schema) {
	text := func(doc string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: doc} }
	all[k.title+"Version"] = record("One version of a "+k.Name, map[string]*huma.Schema{
		"version": {Type: huma.TypeInteger, Format: "int64", Description: "Grows by one with each change; never used again"},
		"hash":    text("Of what subscribers take over"),
		"comment": text("Why it was changed"),
		"verb":    text("create, update, or the action that made it"),
		"author":  text("Who made it"),
		"at":      {Type: huma.TypeString, Format: "date-time"},
		"spec":    k.spec,
	}, "version", "hash")
	all[k.title+"VersionList"] = record("What is kept, newest first, without the specs", map[string]*huma.Schema{
		"items": {Type: huma.TypeArray, Items: ref(k.title + "Version")}}, "items")
}

func (k *kind) versions(op huma.Operation) {
	answers(&op, k.title+"VersionList", map[string]string{"200": "All that are kept"})
	huma.Register(k.server.api, op, func(ctx context.Context, in *struct{ ObjectInput }) (*rawOutput, error) {
		o, err := k.find(ctx, "get", in.ObjectInput)
		if err != nil {
			return nil, err
		}
		list, err := k.server.cfg.Store.View(resource.ActorFrom(ctx).Scope).Versions(ctx, k.Name, o.ID)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(map[string]any{"items": list})
		return &rawOutput{Status: http.StatusOK, ContentType: "application/json", Body: text}, err
	})
}

type versionInput struct {
	ObjectInput
	Version     string `path:"version" pattern:"^([1-9][0-9]{0,17}|current)$" doc:"Number of the version, or current"`
	IfNoneMatch string `header:"If-None-Match" doc:"ETag; 304 when it is still the same"`
}

func (k *kind) version(op huma.Operation) {
	answers(&op, k.title+"Version", map[string]string{"200": "The version"})
	tells(&op, "200", "ETag")
	op.Responses["304"] = &huma.Response{Description: "It has not changed"}
	huma.Register(k.server.api, op, func(ctx context.Context, in *versionInput) (*rawOutput, error) {
		o, err := k.find(ctx, "get", in.ObjectInput)
		if err != nil {
			return nil, err
		}
		out := &rawOutput{Status: http.StatusOK, ContentType: "application/json"}
		number, _ := strconv.ParseInt(in.Version, 10, 64) // current is 0, as the store has it
		if number == 0 {
			number = o.Generation
		}
		out.ETag = versionTag(o.ID, number)
		if in.IfNoneMatch != "" && strings.Contains(in.IfNoneMatch, out.ETag) {
			out.Status = http.StatusNotModified
			return out, nil
		}
		v, err := k.server.cfg.Store.View(resource.ActorFrom(ctx).Scope).Version(ctx, k.Name, o.ID, number)
		if err != nil {
			return nil, err
		}
		out.Body, err = json.Marshal(v)
		return out, err
	})
}

// versionTag names the object, too: another one by the same name begins at 1 again.
func versionTag(id string, version int64) string {
	return `"` + id + "." + strconv.FormatInt(version, 10) + `"`
}

type ackInput struct {
	ObjectInput
	Body resource.Ack
}

func (k *kind) acks(op huma.Operation) {
	op.DefaultStatus = http.StatusNoContent
	huma.Register(k.server.api, op, func(ctx context.Context, in *ackInput) (*struct{}, error) {
		o, err := k.find(ctx, "ack", in.ObjectInput)
		if err != nil {
			return nil, err
		}
		return nil, k.server.cfg.Store.Acknowledge(ctx, resource.ActorFrom(ctx), k.Name, o.ID, in.Body)
	})
}

func (k *kind) subscribers(op huma.Operation) {
	huma.Register(k.server.api, op, func(ctx context.Context, in *struct{ ObjectInput }) (*Body[SubscriberList], error) {
		o, err := k.find(ctx, "get", in.ObjectInput)
		if err != nil {
			return nil, err
		}
		items, err := k.server.cfg.Store.View(resource.ActorFrom(ctx).Scope).Subscribers(ctx, k.Name, o.ID)
		return body(SubscriberList{items}, err)
	})
}
