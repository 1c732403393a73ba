package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
)

type offerInput struct {
	ObjectInput
	WriteInput
	Body struct {
		To        string `json:"to,omitempty" maxLength:"255" doc:"Project that may have it: its id, or its full name where you see it"`
		Secret    bool   `json:"secret,omitempty" doc:"Whoever accepts it needs a secret, which is returned this once; always so without a project"`
		ExpiresIn string `json:"expiresIn,omitempty" maxLength:"16" doc:"How long it can be accepted, such as 24h; 720h at most, default 168h" example:"24h"`
	} `nameHint:"VolumeOfferOrder"`
}

// VolumeOffered is an offer that was made.
type VolumeOffered struct {
	ID     string `json:"id" format:"uuid" doc:"Of the offer: whoever accepts it names it"`
	Name   string `json:"name"`
	Secret string `json:"secret,omitempty" doc:"Told this once"`

	ExpiresAt time.Time `json:"expiresAt"`
}

type acceptOfferInput struct {
	ID string `path:"id" doc:"Id of the offer"`
	WriteInput
	Body struct {
		Project string `json:"project" minLength:"1" maxLength:"255" doc:"Project that is to have it, by id or full name"`
		Secret  string `json:"secret,omitempty" maxLength:"128"`
		Name    string `json:"name,omitempty" maxLength:"63" doc:"Of the volume there; the one that it has when empty"`
	} `nameHint:"VolumeOfferAcceptance"`
}

// ReceivedOfferList are the volumes that a project is offered.
type ReceivedOfferList struct {
	Items []kinds.ReceivedOffer `json:"items" nullable:"false"`
}

type receivedInput struct {
	Project string `query:"project" required:"true" doc:"Project id or full name"`
}

// offerRoutes are how a volume comes from one project to another: one offers it, the other accepts.
func (s *Server) offerRoutes() {
	volume, err := s.registry.Kind("volume")
	if err != nil {
		return // an installation without them
	}
	k := &kind{Definition: volume, server: s, title: pascal(volume.Name)}
	huma.Register(s.api, huma.Operation{Method: http.MethodPost, Path: "/v1/volumes/{id}/offer", OperationID: "offerVolume", Tags: []string{"volumes"}, Summary: "Offer a volume to another project",
		Description: "Makes a volumeoffer; deleting that takes it back."}, func(ctx context.Context, in *offerInput) (*Body[VolumeOffered], error) {
		return s.offerVolume(ctx, k, in)
	})
	huma.Register(s.api, huma.Operation{Method: http.MethodGet, Path: "/v1/volumeoffers-received", OperationID: "listReceivedVolumeoffers", Tags: []string{"volumeoffers"}, Summary: "List the volumes that a project is offered"},
		func(ctx context.Context, in *receivedInput) (*Body[ReceivedOfferList], error) {
			project, err := s.project(ctx, in.Project)
			if err == nil {
				err = s.authorize(ctx, "list", "volumeoffer", project)
			}
			if err != nil {
				return nil, err
			}
			items, err := kinds.ReceivedOffers(ctx, s.cfg.Store, project)
			return body(ReceivedOfferList{Items: items}, err)
		})
	op := huma.Operation{Method: http.MethodPost, Path: "/v1/volumeoffers/{id}/accept", OperationID: "acceptVolumeoffer", Tags: []string{"volumeoffers"}, Summary: "Accept a volume that is offered",
		Description: "The volume is the project's from then on, and counts for its quota. Needs the right to create volumes there."}
	k.written(&op, nil)
	huma.Register(s.api, op, func(ctx context.Context, in *acceptOfferInput) (*rawOutput, error) {
		return s.acceptVolume(ctx, k, op, in)
	})
}

func (s *Server) offerVolume(ctx context.Context, k *kind, in *offerInput) (*Body[VolumeOffered], error) {
	v, err := k.find(ctx, "get", in.ObjectInput)
	if err != nil {
		return nil, err
	}
	spec := kinds.VolumeOfferSpec{Volume: v.ID}
	if spec.To, err = s.project(ctx, in.Body.To); err != nil {
		return nil, err
	}
	if in.Body.ExpiresIn != "" {
		d, err := time.ParseDuration(in.Body.ExpiresIn)
		if err != nil {
			return nil, resource.Invalid("volumeoffer", "body.expiresIn", in.Body.ExpiresIn, "is no time such as 24h")
		}
		at := time.Now().UTC().Add(d).Truncate(time.Second)
		spec.ExpiresAt = &at
	}
	secret := ""
	if in.Body.Secret || spec.To == "" {
		secret = "plo_" + rand.Text() + rand.Text()
		spec.Digest = kinds.SecretDigest(secret)
	}
	order, err := json.Marshal(in.Body)
	if err != nil {
		return nil, err
	}
	def, err := s.registry.Kind("volumeoffer")
	if err != nil {
		return nil, err
	}
	req := (&kind{Definition: def, server: s}).request(ctx, in.WriteInput, huma.Operation{Method: http.MethodPost, Path: "/v1/volumes/{id}/offer"}, v.ID, order)
	req.ID, req.Project, req.Name, req.Mode, req.Verb = "", v.Project, v.Name, resource.CreateOnly, kinds.VerbOffer
	if req.Spec, err = json.Marshal(spec); err != nil {
		return nil, err
	}
	a, err := s.cfg.Store.Apply(ctx, req)
	if err != nil {
		return nil, err
	}
	o, err := resource.As[kinds.VolumeOfferSpec, kinds.VolumeOfferStatus](a.Object)
	if err != nil {
		return nil, err
	}
	out := VolumeOffered{ID: o.ID, Name: o.Name, Secret: secret, ExpiresAt: *o.Spec.ExpiresAt}
	if a.Replayed { // that one is kept nowhere
		out.Secret = ""
	}
	if wait, werr := waitTime(in.Wait); werr != nil {
		return nil, werr
	} else if wait > 0 && a.Operation != nil {
		if _, err := s.wait(ctx, a.Operation.ID, wait); err != nil {
			return nil, err
		}
	}
	return body(out, nil)
}

func (s *Server) acceptVolume(ctx context.Context, k *kind, op huma.Operation, in *acceptOfferInput) (*rawOutput, error) {
	project, err := s.project(ctx, in.Body.Project)
	if err == nil {
		err = s.authorize(ctx, "create", "volume", project)
	}
	if err != nil {
		return nil, err
	}
	order, err := json.Marshal(in.Body) //nolint:gosec // of the secret only a digest is kept
	if err != nil {
		return nil, err
	}
	req := k.request(ctx, in.WriteInput, op, in.ID, order)
	return k.finish(ctx, in.WriteInput, false, false, func() (resource.Applied, error) {
		return kinds.AcceptVolume(ctx, s.cfg.Store, kinds.Acceptance{Offer: in.ID, Project: project, Secret: in.Body.Secret, Name: in.Body.Name, Actor: req.Actor,
			IdempotencyKey: req.IdempotencyKey, IdempotencyHash: req.IdempotencyHash})
	})
}
