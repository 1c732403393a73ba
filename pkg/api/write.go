package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
)

// WriteInput is what every write of an object may carry besides its body.
type WriteInput struct {
	Wait string `query:"wait" doc:"How long to wait for the operation's end, e.g. 30s or seconds; at most 10m" example:"30s"`
	Key  string `header:"Idempotency-Key" maxLength:"128" doc:"The same key does the same request once; kept for 48 hours"`
}

// ChangeInput is what a write of an object that is there may carry.
type ChangeInput struct {
	ObjectInput
	WriteInput
	IfMatch string `header:"If-Match" doc:"ETag the object must still have; 412 otherwise"`
}

// written declares the answers of writes.
func (k *kind) written(op *huma.Operation, extra map[string]string) {
	statuses := map[string]string{"200": "Done"}
	if k.Reconciles {
		statuses["202"] = "Accepted; the operation at Location goes on"
	}
	for status, doc := range extra {
		statuses[status] = doc
	}
	answers(op, k.title+"Applied", statuses)
	tells(op, "200", "ETag")
	tells(op, "201", "ETag", "Location")
	tells(op, "202", "ETag", "Location")
}

type createInput struct {
	WriteInput
	DryRun bool `query:"dryRun" doc:"Check it all, quota included, and write nothing"`
	Body   json.RawMessage
}

func (k *kind) creates(op huma.Operation) {
	takes(&op, "application/json", k.title+"Create")
	k.written(&op, map[string]string{"201": "Created, and ready"})
	huma.Register(k.server.api, op, func(ctx context.Context, in *createInput) (*rawOutput, error) {
		var body struct {
			Project, Name string
			Labels        map[string]string
			Spec          json.RawMessage
		}
		if err := json.Unmarshal(in.Body, &body); err != nil {
			return nil, err
		}
		project, err := k.server.project(ctx, body.Project)
		if err != nil {
			return nil, err
		}
		req := k.request(ctx, in.WriteInput, op, "", in.Body)
		req.Project, req.Name, req.Labels, req.Spec, req.Mode, req.DryRun = project, body.Name, body.Labels, body.Spec, resource.CreateOnly, in.DryRun
		return k.finish(ctx, in.WriteInput, in.DryRun, true, func() (resource.Applied, error) { return k.server.cfg.Store.Apply(ctx, req) })
	})
}

// request begins a kernel request.
func (k *kind) request(ctx context.Context, in WriteInput, op huma.Operation, id string, body []byte) resource.Request {
	req := resource.Request{Kind: k.Name, ID: id, Actor: resource.ActorFrom(ctx), IdempotencyKey: in.Key}
	if in.Key != "" {
		h := sha256.New()
		_, _ = h.Write([]byte(op.Method + " " + op.Path + " " + id + "\n"))
		_, _ = h.Write(body)
		req.IdempotencyHash = hex.EncodeToString(h.Sum(nil))
	}
	return req
}

type replaceInput struct {
	ChangeInput
	DryRun bool `query:"dryRun" doc:"Check it all, quota included, and write nothing"`
	Body   json.RawMessage
}

func (k *kind) replaces(op huma.Operation) {
	takes(&op, "application/json", k.title+"Update")
	k.written(&op, nil)
	huma.Register(k.server.api, op, func(ctx context.Context, in *replaceInput) (*rawOutput, error) {
		var body struct {
			Labels map[string]string
			Spec   json.RawMessage
		}
		if err := json.Unmarshal(in.Body, &body); err != nil {
			return nil, err
		}
		return k.change(ctx, in.ChangeInput, in.DryRun, op, in.Body, func(resource.Raw) (map[string]string, json.RawMessage, error) {
			return body.Labels, body.Spec, nil
		})
	})
}

type patchInput struct {
	ChangeInput
	DryRun bool            `query:"dryRun" doc:"Check it all, quota included, and write nothing"`
	Body   json.RawMessage `contentType:"application/merge-patch+json"`
}

func (k *kind) patches(op huma.Operation) {
	takes(&op, "application/merge-patch+json", k.title+"Patch")
	k.written(&op, nil)
	huma.Register(k.server.api, op, func(ctx context.Context, in *patchInput) (*rawOutput, error) {
		var patch struct{ Labels, Spec json.RawMessage }
		if err := json.Unmarshal(in.Body, &patch); err != nil {
			return nil, err
		}
		return k.change(ctx, in.ChangeInput, in.DryRun, op, in.Body, func(o resource.Raw) (map[string]string, json.RawMessage, error) {
			return k.merge(o, patch.Labels, patch.Spec)
		})
	})
}

// change updates an object. Without If-Match a change made in the same moment by someone else only means another try.
func (k *kind) change(ctx context.Context, in ChangeInput, dryRun bool, op huma.Operation, body []byte,
	wanted func(resource.Raw) (map[string]string, json.RawMessage, error)) (*rawOutput, error) {
	version, err := ifMatch(k.Name, in.IfMatch)
	if err != nil {
		return nil, err
	}
	return k.finish(ctx, in.WriteInput, dryRun, false, func() (resource.Applied, error) {
		return again(version, func() (resource.Applied, error) {
			o, err := k.find(ctx, "update", in.ObjectInput)
			if err != nil {
				return resource.Applied{}, err
			}
			req := k.request(ctx, in.WriteInput, op, o.ID, body)
			req.Mode, req.DryRun, req.Version = resource.UpdateOnly, dryRun, version
			if version == 0 {
				req.Version = o.Version
			}
			if req.Labels, req.Spec, err = wanted(o); err != nil {
				return resource.Applied{}, err
			}
			return k.server.cfg.Store.Apply(ctx, req)
		})
	})
}

// raceTries is how often a change is tried that others are quicker than; each try waits a little longer, at random.
const raceTries = 32

// again repeats f while it loses races, unless the caller named the version it wants to change.
func again(version int64, f func() (resource.Applied, error)) (a resource.Applied, err error) {
	for i := range raceTries {
		if a, err = f(); version != 0 || resource.ReasonOf(err) != resource.ReasonStale {
			return a, err
		}
		time.Sleep(rand.N(time.Duration(i+1) * time.Millisecond)) //nolint:gosec // those who collide must not meet again
	}
	return a, err
}

// ifMatch reads an entity tag; 0 stands for any.
func ifMatch(kind, tag string) (int64, error) {
	tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
	if tag == "" || tag == "*" {
		return 0, nil
	}
	v, err := strconv.ParseInt(strings.Trim(tag, `"`), 10, 64)
	if err != nil || v < 1 {
		return 0, resource.Invalid(kind, "header.If-Match", tag, `is not an ETag such as "3"`)
	}
	return v, nil
}

type deleteInput struct {
	ChangeInput
	DryRun bool `query:"dryRun" doc:"Check whether it could be deleted, and leave it"`
}

func (k *kind) deletes(op huma.Operation) {
	k.written(&op, nil)
	huma.Register(k.server.api, op, func(ctx context.Context, in *deleteInput) (*rawOutput, error) {
		version, err := ifMatch(k.Name, in.IfMatch)
		if err != nil {
			return nil, err
		}
		return k.finish(ctx, in.WriteInput, in.DryRun, false, func() (resource.Applied, error) {
			return again(version, func() (resource.Applied, error) {
				o, err := k.find(ctx, "delete", in.ObjectInput)
				if err != nil {
					return resource.Applied{}, err
				}
				req := k.request(ctx, in.WriteInput, op, o.ID, nil)
				req.Version, req.DryRun = version, in.DryRun
				return k.server.cfg.Store.Delete(ctx, req)
			})
		})
	})
}

type actInput struct{ ChangeInput }

type actWithInput struct {
	ChangeInput
	Body json.RawMessage
}

func (k *kind) acts(op huma.Operation, a resource.ActionDefinition) {
	k.written(&op, nil)
	do := func(ctx context.Context, in ChangeInput, input json.RawMessage) (*rawOutput, error) {
		version, err := ifMatch(k.Name, in.IfMatch)
		if err != nil {
			return nil, err
		}
		return k.finish(ctx, in.WriteInput, false, false, func() (resource.Applied, error) {
			return again(version, func() (resource.Applied, error) {
				o, err := k.find(ctx, a.Name, in.ObjectInput)
				if err != nil {
					return resource.Applied{}, err
				}
				req := k.request(ctx, in.WriteInput, op, o.ID, input)
				req.Version = version
				return k.server.cfg.Store.Act(ctx, req, a.Name, input)
			})
		})
	}
	if a.Input == nil {
		huma.Register(k.server.api, op, func(ctx context.Context, in *actInput) (*rawOutput, error) { return do(ctx, in.ChangeInput, nil) })
		return
	}
	takes(&op, "application/json", k.title+pascal(a.Name)+"Input")
	huma.Register(k.server.api, op, func(ctx context.Context, in *actWithInput) (*rawOutput, error) {
		return do(ctx, in.ChangeInput, in.Body)
	})
}

// applied is the answer to a write.
type applied struct {
	Object    json.RawMessage         `json:"object"`
	Operation *resource.Operation     `json:"operation,omitempty"`
	Created   bool                    `json:"created"`
	Changed   bool                    `json:"changed"`
	DryRun    bool                    `json:"dryRun,omitempty"`
	Charges   resource.Charges        `json:"charges,omitempty"`
	Plan      *resource.PlacementPlan `json:"plan,omitempty"`
}

// finish writes, waits if asked to, and answers.
func (k *kind) finish(ctx context.Context, in WriteInput, dryRun, creates bool, write func() (resource.Applied, error)) (*rawOutput, error) {
	wait, err := waitTime(in.Wait)
	if err != nil {
		return nil, err
	}
	a, err := write()
	if err != nil {
		return nil, err
	}
	a.Created = a.Created && creates // a replayed key says so of updates, too
	if wait > 0 && a.Operation != nil && !dryRun {
		if err := k.await(ctx, &a, wait); err != nil {
			return nil, err
		}
	}
	out := &rawOutput{Status: http.StatusOK, ContentType: "application/json", ETag: etag(a.Object)}
	switch {
	case dryRun:
		out.ETag = ""
	case a.Operation != nil && !a.Operation.Ended():
		out.Status, out.Location = http.StatusAccepted, "/v1/operations/"+a.Operation.ID
	case a.Created:
		out.Status, out.Location = http.StatusCreated, "/v1/"+k.Plural+"/"+a.Object.ID
	}
	if err := k.server.cfg.Store.View(resource.ActorFrom(ctx).Scope).Tally(ctx, k.Name, &a.Object); err != nil {
		return nil, err
	}
	object, err := encodeObject(nil, a.Object)
	if err != nil {
		return nil, err
	}
	out.Body, err = json.Marshal(applied{Object: object, Operation: a.Operation, Created: a.Created, Changed: a.Changed, DryRun: dryRun, Charges: a.Charges, Plan: a.Plan})
	return out, err
}

// await waits for the operation's end and takes over what became of the object.
func (k *kind) await(ctx context.Context, a *resource.Applied, wait time.Duration) error {
	op, err := k.server.wait(ctx, a.Operation.ID, wait)
	if err != nil {
		return err
	}
	a.Operation = &op
	o, err := k.server.cfg.Store.View(resource.ActorFrom(ctx).Scope).Get(ctx, k.Name, "", a.Object.ID)
	switch {
	case err == nil:
		a.Object = o
	case resource.ReasonOf(err) != resource.ReasonNotFound:
		return err
	}
	return nil
}
