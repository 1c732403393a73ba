package request

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plazacloud/plaza/pkg/resource"
)

// validate takes a request in, and afterwards keeps it what it was: only the actions change it.
func (d *Desk) validate(ctx context.Context, a *resource.Admission, old, o *Object) error {
	switch {
	case old == nil:
		return d.take(ctx, a, o)
	case a.Verb != "update":
		return nil
	case !o.Spec.asks(old.Spec):
		return resource.Problemf(resource.ReasonInvalid, "request", "withdraw it, and ask anew", "what was asked for does not change")
	}
	o.Spec = old.Spec
	return nil
}

// asks tells whether two specs state the same; what is left out is not stated.
func (s Spec) asks(before Spec) bool {
	return s.Method == before.Method && s.Path == before.Path && s.Comment == before.Comment &&
		(s.ExpiresAt == nil || before.ExpiresAt != nil && s.ExpiresAt.Equal(*before.ExpiresAt)) && (len(s.Body) == 0 || sameJSON(s.Body, before.Body))
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// take checks the call as if it were made, and notes what it lacks.
func (d *Desk) take(ctx context.Context, a *resource.Admission, o *Object) error {
	by, err := d.party(ctx, a.Actor)
	if err != nil {
		return err
	}
	s := Spec{Method: o.Spec.Method, Path: o.Spec.Path, Body: o.Spec.Body, Comment: strings.TrimSpace(o.Spec.Comment), ExpiresAt: o.Spec.ExpiresAt, By: by}
	if err := d.bound(&s); err != nil {
		return err
	}
	if err := uncrowded(ctx, a, o.Project); err != nil {
		return err
	}
	base := resource.Request{Project: o.Project, Actor: a.Actor, DryRun: true}
	_, _, refusal := d.calls.Perform(ctx, base, s.Method, s.Path, s.Body)
	switch resource.ReasonOf(refusal) {
	case resource.ReasonForbidden, resource.ReasonQuotaExceeded:
	case "":
		return resource.Problemf(resource.ReasonConflict, "request", "make the call itself", "nothing stands in the way of the call")
	default:
		return refusal
	}
	base.Warrant = &resource.Warrant{By: resource.System("request")}
	verb, would, err := d.calls.Perform(ctx, base, s.Method, s.Path, s.Body)
	if err != nil {
		return err
	}
	s.Verb, s.Kind, s.Object, s.Charges = verb, would.Object.Kind, would.Object.Name, would.Charges
	if verb != "create" {
		s.ObjectID = would.Object.ID
	}
	if verb != "delete" {
		s.Wanted = would.Object.Spec
	}
	s.Needs = Needs{Permission: resource.ReasonOf(refusal) == resource.ReasonForbidden, Limits: would.Raises, Refusal: cut(refusal.Error())}
	o.Spec, o.Status = s, Status{State: Open}
	return nil
}

func cut(text string) string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	return text
}

// bound refuses what is too much, and fills in the term.
func (d *Desk) bound(s *Spec) error {
	var fields []resource.Field
	if n := utf8.RuneCountInString(s.Comment); n == 0 || n > maxText {
		fields = append(fields, resource.Field{Path: "spec.comment", Message: fmt.Sprintf("says in 1 to %d characters why it is needed", maxText)})
	}
	if len(s.Body) > maxBody {
		fields = append(fields, resource.Field{Path: "spec.body", Message: "is larger than 64 KiB"})
	}
	if s.Path == "/v1/requests" || strings.HasPrefix(s.Path, "/v1/requests/") {
		fields = append(fields, resource.Field{Path: "spec.path", Message: "is about requests, which are not asked for", Value: s.Path})
	}
	now := d.now()
	switch {
	case s.ExpiresAt == nil:
		at := now.Add(defaultTerm)
		s.ExpiresAt = &at
	case !s.ExpiresAt.After(now), s.ExpiresAt.After(now.Add(longestTerm)):
		fields = append(fields, resource.Field{Path: "spec.expiresAt", Message: "is not within the next 90 days", Value: s.ExpiresAt})
	}
	if fields != nil {
		return &resource.Problem{Reason: resource.ReasonInvalid, Kind: "request", Detail: "the request is not valid", Fields: fields}
	}
	return nil
}

// uncrowded keeps a project from being flooded.
func uncrowded(ctx context.Context, a *resource.Admission, project string) error {
	page, err := a.List(ctx, resource.Query{Kind: "request", Project: project, Fields: map[string]string{"status.state": string(Open)}, Limit: maxOpen})
	if err != nil {
		return err
	}
	if len(page.Items) < maxOpen {
		return nil
	}
	return resource.Problemf(resource.ReasonConflict, "request", "have some decided, or withdraw some", "%d requests are open in the project already", maxOpen)
}

// validateDelete keeps what is open or under way; the end of a project takes all.
func (d *Desk) validateDelete(_ context.Context, a *resource.Admission, o *Object) error {
	switch {
	case a.Actor.System:
		return nil
	case d.open(o):
		return resource.Problemf(resource.ReasonConflict, "request", "whoever asked withdraws it", "request %s is open", o.Name)
	case o.Status.State == Running:
		return resource.Problemf(resource.ReasonConflict, "request", "wait for its end", "the call of request %s is being made", o.Name)
	}
	return nil
}

// open tells whether a request can still be decided.
func (d *Desk) open(o *Object) bool {
	return o.Spec.Decision == nil && o.Status.State == Open && o.Spec.ExpiresAt != nil && d.now().Before(*o.Spec.ExpiresAt)
}

func (d *Desk) party(ctx context.Context, actor resource.Actor) (Party, error) {
	p, err := d.people.PrincipalOf(ctx, actor.ID)
	return Party{ID: actor.ID, User: p.UserID, Name: actor.Name}, err
}

// undecided refuses to go on about what is over.
func (d *Desk) undecided(o *Object) error {
	if d.open(o) {
		return nil
	}
	what := string(Expired)
	if dec := o.Spec.Decision; dec != nil {
		what = fmt.Sprintf("%s by %s", dec.Verdict, dec.By.Name)
	}
	return resource.Problemf(resource.ReasonConflict, "request", "ask anew", "request %s is %s", o.Name, what)
}

func (d *Desk) comment(_ context.Context, a *resource.Admission, o *Object, in any) error {
	if err := d.undecided(o); err != nil {
		return err
	}
	text, err := said("text", in.(*TextInput).Text)
	switch {
	case err != nil:
		return err
	case text == "":
		return resource.Invalid("request", "input.text", nil, "is empty")
	case len(o.Spec.Comments) >= maxComments:
		return resource.Problemf(resource.ReasonConflict, "request", "talk to each other", "request %s has %d comments already", o.Name, maxComments)
	}
	o.Spec.Comments = append(o.Spec.Comments, Comment{By: a.Actor.Name, At: d.now(), Text: text})
	return nil
}

func said(field, text string) (string, error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > maxText {
		return "", resource.Invalid("request", "input."+field, nil, "is longer than %d characters", maxText)
	}
	return text, nil
}

// decide ends the waiting. Of two who decide at once one is told of the other's decision, as an object's changes are
// serial.
func (d *Desk) decide(ctx context.Context, a *resource.Admission, o *Object, v Verdict, note string) error {
	if err := d.undecided(o); err != nil {
		return err
	}
	note, err := said("note", note)
	if err != nil {
		return err
	}
	by, err := d.party(ctx, a.Actor)
	if err != nil {
		return err
	}
	if err := d.mayDecide(ctx, a.Actor, by, o, v); err != nil {
		return err
	}
	o.Spec.Decision = &Decision{Verdict: v, By: by, At: d.now(), Note: note}
	if v != Approved {
		return nil
	}
	// What has come to stand in its way meanwhile is told to whoever approves, and not found out later.
	requester, err := d.people.PrincipalOf(ctx, o.Spec.By.ID)
	if err != nil {
		return resource.Problemf(resource.ReasonConflict, "request", "refuse it", "%s, who asked for it, is nobody any more", o.Spec.By.Name)
	}
	base := resource.Request{Project: o.Project, ID: o.Spec.ObjectID, Actor: requester.Actor, DryRun: true, Warrant: &resource.Warrant{By: a.Actor}}
	_, would, err := d.calls.Perform(ctx, base, o.Spec.Method, o.Spec.Path, o.Spec.Body)
	o.Spec.Needs.Limits = would.Raises
	return err
}

// mayDecide expects whoever decides to have what the call lacks. Nobody decides about what they asked for themselves,
// whichever of their tokens they use.
func (d *Desk) mayDecide(ctx context.Context, actor resource.Actor, by Party, o *Object, v Verdict) error {
	own := by.User == o.Spec.By.User
	switch {
	case v == Withdrawn && own:
		return nil
	case v == Withdrawn:
		return resource.Problemf(resource.ReasonForbidden, "request", "refuse it, if you may decide", "only %s, who asked, withdraws request %s", o.Spec.By.Name, o.Name)
	case own:
		return resource.Problemf(resource.ReasonForbidden, "request", "ask somebody else, or withdraw it", "nobody decides about what they asked for themselves")
	}
	if o.Spec.Needs.Permission {
		if err := d.people.Authorize(ctx, actor, o.Spec.Verb, o.Spec.Kind, o.Project); err != nil {
			return err
		}
	}
	for _, l := range o.Spec.Needs.Limits {
		if err := d.objects.MayLimit(ctx, actor, l.Node); err != nil {
			return err
		}
	}
	return nil
}

// until is how long it is to a moment, and never nothing.
func (d *Desk) until(at time.Time) time.Duration { return max(at.Sub(d.now()), time.Millisecond) }
