package kinds

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

// VolumeOfferSpec is a volume that its project gives away, with what is on it.
type VolumeOfferSpec struct {
	Volume    string     `json:"volume" minLength:"1" maxLength:"63" doc:"Volume that is given away, by name or id; kept as its id. No server may have it"`
	To        string     `json:"to,omitempty" maxLength:"36" doc:"Id of the project that may have it"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty" doc:"Until when it can be accepted, 30 days at most; default 7 days from now"`
	Digest    string     `json:"digest,omitempty" readOnly:"true" maxLength:"64" doc:"Of the secret that whoever accepts it needs; never returned"`
}

// left is how long it can be accepted still.
func (s VolumeOfferSpec) left() time.Duration {
	if s.ExpiresAt == nil {
		return 0
	}
	return time.Until(*s.ExpiresAt)
}

// VolumeOfferStatus is what is told to who is to have it.
type VolumeOfferStatus struct {
	VolumeName string `json:"volumeName,omitempty"`
	SizeGiB    int    `json:"sizeGiB,omitempty"`
	Tier       string `json:"tier,omitempty"`
	Encrypted  bool   `json:"encrypted,omitempty"`
	Secret     bool   `json:"secret,omitempty" doc:"A secret is needed, too"`
}

// VolumeOffer is a volume on its way to another project.
type VolumeOffer = resource.Object[VolumeOfferSpec, VolumeOfferStatus]

const (
	offerTime    = 7 * 24 * time.Hour
	offerLongest = 30 * 24 * time.Hour
)

// VerbOffer is the verb of a volume that makes its offer, and alone sets a secret.
const VerbOffer = "offer"

func volumeOfferKind(b Backends) resource.Kind[VolumeOfferSpec, VolumeOfferStatus] {
	return resource.Kind[VolumeOfferSpec, VolumeOfferStatus]{
		Name: "volumeoffer", Plural: "volumeoffers", Doc: "A volume that is given to another project, with what is on it, once somebody there accepts.",
		Columns: []resource.Column{{Header: "VOLUME", Path: "status.volumeName"}, {Header: "GIB", Path: "status.sizeGiB"}, {Header: "TO", Path: "spec.to"}, {Header: "SECRET", Path: "status.secret"},
			{Header: "EXPIRES", Path: "spec.expiresAt"}},
		Indexed:  []string{"spec.volume", "spec.to"},
		Secrets:  []string{"digest"},
		Default:  defaultVolumeOffer,
		Validate: validateVolumeOffer,
		Charge:   func(*VolumeOffer) resource.Charges { return resource.Charges{"volume_offers": 1} },
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *VolumeOffer) (resource.Result, error) {
			return reconcileVolumeOffer(ctx, b, r, o)
		},
	}
}

func defaultVolumeOffer(ctx context.Context, a *resource.Admission, o *VolumeOffer) error {
	v, err := find[VolumeSpec, VolumeStatus](ctx, a, "volume", o.Project, o.Spec.Volume, "spec.volume", "volumeoffer")
	if err != nil {
		return err
	}
	o.Spec.Volume = v.ID
	o.Status = VolumeOfferStatus{VolumeName: v.Name, SizeGiB: v.Spec.SizeGiB, Tier: v.Spec.Tier, Encrypted: v.Status.Encrypted, Secret: o.Spec.Digest != ""}
	if o.Spec.ExpiresAt == nil {
		at := time.Now().UTC().Add(offerTime).Truncate(time.Second)
		o.Spec.ExpiresAt = &at
	}
	return nil
}

func validateVolumeOffer(ctx context.Context, a *resource.Admission, old, o *VolumeOffer) error {
	if old != nil {
		o.Spec.Digest = old.Spec.Digest
		if o.Spec.Volume != old.Spec.Volume || o.Spec.To != old.Spec.To || !o.Spec.ExpiresAt.Equal(*old.Spec.ExpiresAt) {
			return resource.Invalid("volumeoffer", "spec", nil, "can not be changed; delete the offer and make another")
		}
		return nil
	}
	if a.Verb != VerbOffer {
		o.Spec.Digest = ""
	}
	o.Status.Secret = o.Spec.Digest != ""
	left := o.Spec.left()
	switch {
	case o.Spec.To == "" && o.Spec.Digest == "":
		p := resource.Invalid("volumeoffer", "spec.to", nil, "name the project that is to have it")
		p.Hint = "an offer to whoever knows a secret is made by: plaza volume offer"
		return p
	case o.Spec.To == o.Project:
		return resource.Invalid("volumeoffer", "spec.to", o.Spec.To, "is the project that has it")
	case left <= 0 || left > offerLongest+time.Minute:
		return resource.Invalid("volumeoffer", "spec.expiresAt", o.Spec.ExpiresAt, "is a time within the next 30 days")
	}
	others, err := users(ctx, a, "volumeoffer", "spec.volume", o.Spec.Volume)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		return resource.Problemf(resource.ReasonConflict, "volumeoffer", "take that back first with: plaza volumeoffer delete "+others[0].Name, "volume %s is offered already, as %s", o.Status.VolumeName, others[0].Name)
	}
	v, err := find[VolumeSpec, VolumeStatus](ctx, a, "volume", o.Project, o.Spec.Volume, "spec.volume", "volumeoffer")
	if err != nil {
		return err
	}
	a.Rely(v.Meta)
	return refuseHandover(ctx, a, v)
}

// refuseHandover refuses to hand over what others have the say of, or still need.
func refuseHandover(ctx context.Context, r resource.Reader, v Volume) error {
	conflict := func(hint, why string) error {
		return resource.Problemf(resource.ReasonConflict, "volume", hint, "volume %s %s", v.Name, why)
	}
	switch {
	case v.Spec.Adopted != nil:
		return resource.Problemf(resource.ReasonUnsupported, "volume", "hand it over at its cloud, or copy it", "volume %s was adopted and is not handed over by Plaza", v.Name)
	case v.Owner != nil:
		return conflict("copy it, and hand the copy over", "belongs to a "+v.Owner.Kind)
	case v.DeletingAt != nil:
		return conflict("offer another one", "is being deleted")
	case v.Status.SizeGiB == 0 || v.Phase == resource.PhaseFailed || v.Status.SizeGiB != v.Spec.SizeGiB:
		return conflict("wait until it is ready", "is not as it is wanted yet")
	case v.Status.AttachedTo != "":
		return conflict("detach it first", "is attached to a server")
	}
	for _, x := range []struct{ kind, path string }{{"server", "spec.volumes"}, {"snapshot", "spec.volume"}} {
		if err := refuseInUse(ctx, r, v.Meta, x.kind, x.path); err != nil {
			return err
		}
	}
	for _, x := range []struct{ kind, made string }{{"backup", "status.createdAt"}, {"volume", "status.sizeGiB"}} {
		if err := refuseUnderWay(ctx, r, v.Meta, x.kind, "spec.volume", x.made); err != nil {
			return err
		}
	}
	return refuseScheduled(ctx, r, v)
}

// refuseScheduled refuses what a schedule names: its runs would fail from then on.
func refuseScheduled(ctx context.Context, r resource.Reader, v Volume) error {
	for _, key := range []string{v.Name, v.ID} {
		page, err := r.List(ctx, resource.Query{Kind: "schedule", Project: v.Project, Fields: map[string]string{"spec.kind": "volume", "spec.object": key}, Limit: 1})
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			return nil // an installation without schedules
		}
		if err != nil {
			return err
		}
		if len(page.Items) > 0 {
			return resource.Problemf(resource.ReasonInUse, "volume", "delete that schedule first", "schedule %s acts on volume %s", page.Items[0].Name, v.Name)
		}
	}
	return nil
}

// reconcileVolumeOffer asks the place whether it can do it, and ends an offer that is over or of nothing any more.
func reconcileVolumeOffer(ctx context.Context, b Backends, r *resource.Reconciliation, o *VolumeOffer) (resource.Result, error) {
	if b.Driver == nil {
		return resource.Result{}, errDriverless
	}
	left := o.Spec.left()
	v, err := find[VolumeSpec, VolumeStatus](ctx, r, "volume", o.Project, o.Spec.Volume, "spec.volume", "volumeoffer")
	if left <= 0 || resource.ReasonOf(err) == resource.ReasonInvalid {
		r.Note("expire", "the offer has ended")
		_, err := r.Remove(ctx, "volumeoffer", o.ID)
		return resource.Result{Again: soon, Message: "it has ended"}, err
	}
	if err != nil {
		return resource.Result{}, err
	}
	if v.Status.KeptFor != v.Project {
		r.Touch("volume", v.ID, "it is offered")
		return resource.Result{Again: awaitParts, Progress: 20, Message: "volume " + v.Name + " is looked at"}, nil
	}
	if err := b.Driver.TransferableVolume(ctx, v.Status.Host, v.ID); err != nil {
		return resource.Result{}, Explain("volumeoffer", err)
	}
	return resource.Result{Done: true, Again: min(left+time.Second, time.Hour)}, nil
}

// Acceptance is somebody who takes an offer.
type Acceptance struct {
	Offer   string // id
	Project string // that is to have the volume
	Secret  string
	Name    string // of the volume there; "" for the one that it has
	Actor   resource.Actor

	IdempotencyKey, IdempotencyHash string
}

// SecretDigest is what is kept of the secret of an offer; 256 random bits need no slow hash.
func SecretDigest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// AcceptVolume makes the volume of an offer the project's. To who is not meant by it, there is no offer.
func AcceptVolume(ctx context.Context, s *resource.Store, a Acceptance) (resource.Applied, error) {
	offer, refusal := offerFor(ctx, s, a)
	if refusal != nil && (resource.ReasonOf(refusal) != resource.ReasonNotFound || a.IdempotencyKey == "") {
		return resource.Applied{}, refusal
	}
	if refusal != nil { // this same request may have accepted it: that is all that can be answered then
		offer = VolumeOffer{Meta: resource.Meta{Kind: "volumeoffer", ID: nobody}}
	}
	by, err := resource.ToRaw(offer)
	if err != nil {
		return resource.Applied{}, err
	}
	done, err := s.HandOver(ctx, resource.Handover{Kind: "volume", ID: offer.Spec.Volume, To: a.Project, Name: a.Name, By: by, Actor: a.Actor,
		IdempotencyKey: a.IdempotencyKey, IdempotencyHash: a.IdempotencyHash,
		Refuse: func(ctx context.Context, r resource.Reader, raw resource.Raw) error {
			v, err := resource.As[VolumeSpec, VolumeStatus](raw)
			if err != nil {
				return err
			}
			if refuseHandover(ctx, r, v) != nil { // why is the giver's to know
				return resource.Problemf(resource.ReasonConflict, "volumeoffer", "ask who has offered it", "the volume is in use where it is, and can not be handed over now")
			}
			return nil
		}})
	if refusal != nil && err != nil {
		err = refusal
	}
	if resource.ReasonOf(err) == resource.ReasonNotFound { // others were quicker
		err = noOffer(a.Offer)
	}
	return done, err
}

// nobody is the id of nothing.
const nobody = "00000000-0000-0000-0000-000000000000"

func noOffer(id string) error {
	return resource.Problemf(resource.ReasonNotFound, "volumeoffer", "it may have ended, been taken back or accepted; or the secret is another one", "there is no offer %q for this project", id)
}

// offerFor finds the offer, if it is meant for who comes.
func offerFor(ctx context.Context, s *resource.Store, a Acceptance) (VolumeOffer, error) {
	raw, err := s.Unsealed(ctx, resource.Everything, "volumeoffer", "", a.Offer)
	if err != nil {
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			err = noOffer(a.Offer)
		}
		return VolumeOffer{}, err
	}
	o, err := resource.As[VolumeOfferSpec, VolumeOfferStatus](raw)
	if err != nil {
		return VolumeOffer{}, err
	}
	knows := o.Spec.Digest == "" || subtle.ConstantTimeCompare([]byte(o.Spec.Digest), []byte(SecretDigest(a.Secret))) == 1
	switch {
	case !knows, o.Spec.To != "" && o.Spec.To != a.Project, o.Project == a.Project, o.DeletingAt != nil, o.Spec.left() <= 0:
		return VolumeOffer{}, noOffer(a.Offer)
	case o.Phase != resource.PhaseReady:
		return VolumeOffer{}, resource.Problemf(resource.ReasonConflict, "volumeoffer", "try again in a moment, or ask who has offered it", "the offer is not ready to be accepted")
	}
	return o, nil
}

// ReceivedOffer is an offer as the project is told of that may accept it, and nothing else of who gives.
type ReceivedOffer struct {
	ID        string    `json:"id" format:"uuid"`
	Volume    string    `json:"volume" doc:"Its name"`
	SizeGiB   int       `json:"sizeGiB"`
	Tier      string    `json:"tier,omitempty"`
	Encrypted bool      `json:"encrypted,omitempty"`
	Secret    bool      `json:"secret,omitempty" doc:"Accepting it needs a secret, too"`
	By        string    `json:"by" doc:"Who offers it"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// ReceivedOffers are those that a project may accept.
func ReceivedOffers(ctx context.Context, s *resource.Store, project string) ([]ReceivedOffer, error) {
	out := []ReceivedOffer{}
	all, err := users(ctx, s.View(resource.Everything), "volumeoffer", "spec.to", project)
	for _, raw := range all {
		o, err := resource.As[VolumeOfferSpec, VolumeOfferStatus](raw)
		if err != nil {
			return nil, err
		}
		if o.Phase == resource.PhaseReady && o.Spec.left() > 0 {
			out = append(out, ReceivedOffer{ID: o.ID, Volume: o.Status.VolumeName, SizeGiB: o.Status.SizeGiB, Tier: o.Status.Tier, Encrypted: o.Status.Encrypted, Secret: o.Status.Secret,
				By: o.CreatedBy, ExpiresAt: *o.Spec.ExpiresAt})
		}
	}
	return out, err
}
