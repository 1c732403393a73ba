package request_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/request"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// TestQuota tells the whole story of a call that a limit did not allow.
func TestQuota(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *office) {
		o.limit(t, shop, "boxes", 1)
		_, err := o.make(t, "ann", "first", 1)
		require.NoError(t, err)
		_, err = o.make(t, "ann", "second", 2)
		refused(t, err, resource.ReasonQuotaExceeded, "1 of 1 are in use")

		r, err := o.asks(t, "ann", "more", o.newBox(t, "second", 2))
		require.NoError(t, err)
		require.Equal(t, request.Open, r.Status.State)
		require.Equal(t, "create box second", r.Spec.Verb+" "+r.Spec.Kind+" "+r.Spec.Object)
		require.JSONEq(t, `{"size":2}`, string(r.Spec.Wanted), "secrets are not shown")
		require.Empty(t, o.request(t, "more").Spec.Body, "the body is sealed")
		require.Equal(t, request.Needs{Limits: []resource.Raise{{Node: o.id[shop], Metric: "boxes", Missing: 1}}, Refusal: r.Spec.Needs.Refusal}, r.Spec.Needs)
		require.Equal(t, resource.Charges{"boxes": 1, "litres": 2}, r.Spec.Charges)

		refused(t, o.act(t, "ann", "more", "approve", "{}"), resource.ReasonForbidden, "nobody decides about what they asked for")
		refused(t, o.act(t, "ben", "more", "approve", "{}"), resource.ReasonForbidden, "limits")
		refused(t, o.act(t, "keeper", "more", "approve", "{}"), resource.ReasonForbidden, "given from above")
		refused(t, o.act(t, "keeper", "more", "refuse", `{"reason":"no"}`), resource.ReasonForbidden, "given from above")
		refused(t, o.act(t, "rita", "more", "approve", "{}"), resource.ReasonForbidden, "may not approve request")
		refused(t, o.act(t, "ben", "more", "withdraw", ""), resource.ReasonForbidden, "only ann, who asked")
		refused(t, o.act(t, "stranger", "more", "approve", "{}"), resource.ReasonNotFound, "there is no request")
		require.NoError(t, o.act(t, "rita", "more", "comment", `{"text":"I vouch for her"}`))
		require.NoError(t, o.act(t, "lead", "more", "approve", `{"note":"for the sale"}`))

		r = o.becomes(t, "more", request.Done)
		require.Equal(t, request.Approved, r.Spec.Decision.Verdict)
		require.Equal(t, "rita", r.Spec.Comments[0].By)
		b := o.box(t, "second")
		require.Equal(t, "ann", b.CreatedBy)
		require.Equal(t, b.Ref(), *r.Status.Object)
		require.Equal(t, resource.QuotaUsage{Node: o.id[shop], Metric: "boxes", Hard: 2, Soft: -1, Committed: 2}, o.usage(t, shop, "boxes"), "raised by what was missing")
		open, err := o.Unsealed(t.Context(), resource.Everything, "box", o.id[shop], "second")
		require.NoError(t, err)
		require.Contains(t, string(open.Spec), "hush")
		o.exact(t)
		_, err = o.make(t, "ann", "third", 1)
		refused(t, err, resource.ReasonQuotaExceeded, "2 of 2 are in use")
		refused(t, o.act(t, "root", "more", "refuse", `{"reason":"no"}`), resource.ReasonConflict, "is approved by lead")
		o.traced(t, r, b)
	})
}

// traced expects each step in the audit, without secrets.
func (o *office) traced(t *testing.T, r request.Object, b box) {
	var verbs []string
	for _, a := range o.history(t, r.ID) {
		verbs = append(verbs, a.Actor+" "+a.Verb)
		require.NotContains(t, string(a.Before)+string(a.After)+a.Note, "hush")
	}
	require.Equal(t, []string{"ann create", "rita comment", "lead approve"}, verbs)
	made := o.history(t, b.ID)[0]
	require.Equal(t, "ann", made.Actor)
	require.Equal(t, r.Status.Operation, made.OperationID)
	require.Equal(t, fmt.Sprintf("request more (%s), approved by lead", r.ID), made.Note)
	raises := 0
	for _, a := range o.history(t, "") {
		if a.Verb == "quota.set" && a.Actor == "lead" {
			raises++
			require.Equal(t, "hard limit of boxes is 2; "+made.Note, a.Note)
			require.Equal(t, "admin on freshfoods/north", a.Granted)
		}
	}
	require.Equal(t, 1, raises)
}

// TestPermission lets those decide who might do it themselves.
func TestPermission(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *office) {
		_, err := o.make(t, "ann", "there", 3)
		require.NoError(t, err)
		r, err := o.asks(t, "rita", "grow", request.Spec{Method: "POST", Path: "/v1/boxes/there/grow", Body: json.RawMessage(`{"by":4}`)})
		require.NoError(t, err)
		require.True(t, r.Spec.Needs.Permission)
		require.JSONEq(t, `{"size":7}`, string(r.Spec.Wanted))
		require.NoError(t, o.act(t, "ben", "grow", "approve", "{}"))
		r = o.becomes(t, "grow", request.Done)
		require.Equal(t, 7, o.box(t, "there").Spec.Size)
		done := o.history(t, r.Status.Object.ID)
		require.Equal(t, "rita grow by member on freshfoods/north/dailymart of ben", done[1].Actor+" "+done[1].Verb+" by "+done[1].Granted)

		// What lacks both is for those who have both to give.
		o.limit(t, brand, "litres", 7)
		_, err = o.asks(t, "rita", "both", o.newBox(t, "second", 2))
		require.NoError(t, err)
		refused(t, o.act(t, "operator", "both", "approve", "{}"), resource.ReasonForbidden, "operator may not create box")
		refused(t, o.act(t, "ben", "both", "approve", "{}"), resource.ReasonForbidden, "")
		require.NoError(t, o.act(t, "lead", "both", "approve", "{}"))
		o.becomes(t, "both", request.Done)
		require.Equal(t, int64(9), o.usage(t, brand, "litres").Hard)

		// Another box by the same name is not the one that was meant.
		_, err = o.asks(t, "rita", "grow2", request.Spec{Method: "POST", Path: "/v1/boxes/there/grow", Body: json.RawMessage(`{"by":1}`)})
		require.NoError(t, err)
		_, err = o.Delete(t.Context(), resource.Request{Kind: "box", Project: o.id[shop], ID: "there", Actor: o.who["ann"]})
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			_, err := o.make(t, "ann", "there", 1)
			return err == nil
		}, time.Minute, 20*time.Millisecond)
		refused(t, o.act(t, "lead", "grow2", "approve", "{}"), resource.ReasonNotFound, "there is no box")

		_, err = o.asks(t, "rita", "gone", request.Spec{Method: "DELETE", Path: "/v1/boxes/" + o.box(t, "second").ID})
		require.NoError(t, err)
		require.NoError(t, o.act(t, "ann", "gone", "approve", "{}"))
		o.becomes(t, "gone", request.Done)
		_, err = o.View(resource.Everything).Get(t.Context(), "box", o.id[shop], "second")
		refused(t, err, resource.ReasonNotFound, "")
		o.exact(t)
	})
}

// TestChanges are put and patched as they would have been.
func TestChanges(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *office) {
		made, err := o.make(t, "ann", "there", 3)
		require.NoError(t, err)
		for name, s := range map[string]request.Spec{
			"put":   {Method: "PUT", Path: "/v1/boxes/there", Body: json.RawMessage(`{"labels":{"a":"b"},"spec":{"size":5}}`)},
			"patch": {Method: "PATCH", Path: "/v1/boxes/" + made.Object.ID, Body: json.RawMessage(`{"labels":{"c":"d"}}`)},
		} {
			_, err := o.asks(t, "rita", name, s)
			require.NoError(t, err)
		}
		for _, name := range []string{"put", "patch"} {
			require.NoError(t, o.act(t, "ann", name, "approve", "{}"))
			o.becomes(t, name, request.Done)
		}
		b := o.box(t, "there")
		require.Equal(t, 5, b.Spec.Size)
		require.Equal(t, map[string]string{"a": "b", "c": "d"}, b.Labels)
	})
}

// TestEnds are refusal, withdrawal and the end of the term.
func TestEnds(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *office) {
		o.limit(t, shop, "boxes", 0)
		for _, name := range []string{"refused", "withdrawn"} {
			_, err := o.asks(t, "ann", name, o.newBox(t, name, 1))
			require.NoError(t, err)
		}
		// A busy machine may take longer to ask than a short term lasts.
		for term := time.Second; ; term *= 2 {
			s, at := o.newBox(t, "expired", 1), time.Now().Add(term)
			s.ExpiresAt = &at
			_, err := o.asks(t, "ann", "expired", s)
			if err == nil {
				break
			}
			refused(t, err, resource.ReasonInvalid, "spec.expiresAt")
		}
		refused(t, o.remove(t, "ann", "withdrawn"), resource.ReasonConflict, "is open")
		require.NoError(t, o.act(t, "lead", "refused", "refuse", `{"reason":"too dear"}`))
		require.Equal(t, "too dear", o.becomes(t, "refused", "refused").Status.Message)
		require.NoError(t, o.act(t, "ann", "withdrawn", "withdraw", ""))
		o.becomes(t, "withdrawn", "withdrawn")
		r := o.becomes(t, "expired", request.Expired)
		refused(t, o.act(t, "lead", "expired", "approve", "{}"), resource.ReasonConflict, "is expired")
		refused(t, o.act(t, "ann", "expired", "comment", `{"text":"oh"}`), resource.ReasonConflict, "is expired")
		require.Equal(t, "expire", o.history(t, r.ID)[1].Verb)
		require.Zero(t, o.calls.made)
		require.NoError(t, o.remove(t, "ann", "expired"))
		require.Zero(t, o.usage(t, shop, "boxes").Hard)
	})
}

func (o *office) remove(t *testing.T, who, name string) error {
	_, err := o.Delete(t.Context(), resource.Request{Kind: "request", Project: o.id[shop], ID: name, Actor: o.who[who]})
	return err
}

// TestOneDecision though many decide at once; the call is made once or not at all.
func TestOneDecision(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *office) {
		o.limit(t, shop, "boxes", 0)
		const rounds = 5
		approved := 0
		for i := range rounds {
			name := fmt.Sprintf("r%d", i)
			_, err := o.asks(t, "ann", name, o.newBox(t, name, 1))
			require.NoError(t, err)
			deciders := []struct{ who, verb, input string }{{"lead", "approve", "{}"}, {"root", "approve", "{}"}, {"root", "refuse", `{"reason":"no"}`}, {"ann", "withdraw", ""}}
			errs := make([]error, len(deciders))
			var all sync.WaitGroup
			for j, d := range deciders {
				all.Go(func() { errs[j] = o.act(t, d.who, name, d.verb, d.input) })
			}
			all.Wait()
			won := 0
			for j, err := range errs {
				if err == nil {
					won++
					require.Equal(t, o.who[deciders[j].who].Name, o.request(t, name).Spec.Decision.By.Name)
					continue
				}
				refused(t, err, resource.ReasonConflict, "request "+name+" is")
			}
			require.Equal(t, 1, won)
			if o.request(t, name).Spec.Decision.Verdict == request.Approved {
				approved++
				o.becomes(t, name, request.Done)
			}
		}
		u := o.usage(t, shop, "boxes")
		require.Equal(t, [2]int64{int64(approved), int64(approved)}, [2]int64{u.Hard, u.Committed})
		o.exact(t)
	})
}

// TestMadeOnce though whoever made the call did not live to tell: an action shows each time that it is done.
func TestMadeOnce(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *office) {
		_, err := o.make(t, "ann", "there", 3)
		require.NoError(t, err)
		o.limit(t, shop, "litres", 3)
		o.calls.lose = 2
		_, err = o.asks(t, "ann", "grow", request.Spec{Method: "POST", Path: "/v1/boxes/there/grow", Body: json.RawMessage(`{"by":4}`)})
		require.NoError(t, err)
		require.NoError(t, o.act(t, "lead", "grow", "approve", "{}"))
		r := o.becomes(t, "grow", request.Done)
		require.Equal(t, 3, o.calls.made)
		require.Equal(t, 7, o.box(t, "there").Spec.Size)
		require.Equal(t, int64(7), o.usage(t, shop, "litres").Hard)
		grown := 0
		for _, a := range o.history(t, r.Status.Object.ID) {
			if a.Verb == "grow" {
				grown++
				require.Equal(t, r.Status.Operation, a.OperationID)
			}
		}
		require.Equal(t, 1, grown)
		o.exact(t)
	})
}

// TestFailures are shown in the request, whether the call is refused or its work fails; a retry tries again.
func TestFailures(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *office) {
		o.limit(t, shop, "boxes", 0)
		require.NoError(t, o.SetQuota(t.Context(), resource.System("test"), o.id[brand], "boxes", resource.Limit{Hard: 0, Soft: -1, Strict: true}))
		_, err := o.asks(t, "ann", "work", o.newBox(t, "work", 1))
		require.NoError(t, err)
		o.mu.Lock()
		o.fail = resource.Invalid("box", "spec.size", 1, "is too small for the shelf")
		o.mu.Unlock()
		require.NoError(t, o.act(t, "lead", "work", "approve", "{}"))
		r := o.becomes(t, "work", request.Failed)
		require.Contains(t, r.Condition("Ready").Message, "create of box work is failed")
		o.mu.Lock()
		o.fail = nil
		o.mu.Unlock()
		_, err = o.Retry(t.Context(), o.who["ann"], r.Status.Operation)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return o.box(t, "work").Phase == resource.PhaseReady }, time.Minute, 20*time.Millisecond)
		ops, err := o.View(resource.Everything).Operations(t.Context(), resource.OperationQuery{ObjectID: r.ID})
		require.NoError(t, err)
		_, err = o.Retry(t.Context(), o.who["lead"], ops[0].ID)
		require.NoError(t, err)
		o.becomes(t, "work", request.Done)
		require.Equal(t, 1, o.calls.made, "what was made is not made again")

		// Who asked is nobody any more: nothing is done in that name.
		_, err = o.asks(t, "ann", "left", o.newBox(t, "left", 1))
		require.NoError(t, err)
		_, err = o.people.SetDisabled(t.Context(), resource.System("test"), "ann", true)
		require.NoError(t, err)
		refused(t, o.act(t, "lead", "left", "approve", "{}"), resource.ReasonConflict, "nobody any more")
		require.NoError(t, o.act(t, "lead", "left", "refuse", `{"reason":"she left"}`))
		o.exact(t)
	})
}

// TestNothingLikeARequest is taken in.
func TestNothingLikeARequest(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *office) {
		_, err := o.asks(t, "ann", "r", o.newBox(t, "free", 1))
		refused(t, err, resource.ReasonConflict, "nothing stands in the way")
		o.limit(t, shop, "boxes", 0)
		past, late := time.Now().Add(-time.Second), time.Now().Add(91*24*time.Hour)
		for text, s := range map[string]request.Spec{
			"is about requests":             {Method: "POST", Path: "/v1/requests/r/approve"},
			"changes no object":             {Method: "POST", Path: "/v1/users", Body: json.RawMessage(`{}`)},
			"POST there":                    {Method: "POST", Path: "/v1/boxes/x/fly"},
			"there is no box":               {Method: "DELETE", Path: "/v1/boxes/nothing"},
			"spec.body.spec.size":           {Method: "POST", Path: "/v1/boxes", Body: json.RawMessage(`{"project":"` + o.id[shop] + `","name":"b","spec":{"size":-5}}`)},
			"there is no such field":        {Method: "POST", Path: "/v1/boxes", Body: json.RawMessage(`{"project":"` + o.id[shop] + `","name":"b","spec":{"size":5},"x":1}`)},
			"is not the request's project":  {Method: "POST", Path: "/v1/boxes", Body: json.RawMessage(`{"project":"` + o.id["freshfoods/tealeaf/shop"] + `","name":"b","spec":{"size":5}}`)},
			"larger than 64 KiB":            {Method: "POST", Path: "/v1/boxes", Body: json.RawMessage(`"` + strings.Repeat("x", 64<<10) + `"`)},
			"says in 1 to 1000 characters":  {Method: "POST", Path: "/v1/boxes", Comment: " "},
			"is not within the next":        {Method: "POST", Path: "/v1/boxes", ExpiresAt: &past},
			"is not within the next 90":     {Method: "POST", Path: "/v1/boxes", ExpiresAt: &late},
			"changes no object of a projec": {Method: "GET", Path: "/v1/boxes"},
		} {
			_, err := o.asks(t, "ann", "r", s)
			require.ErrorContains(t, err, text)
			require.NotEqual(t, resource.ReasonInternal, resource.ReasonOf(err), "%v", err)
		}
		_, err = o.asks(t, "stranger", "r", o.newBox(t, "b", 1))
		refused(t, err, resource.ReasonNotFound, "there is no project")
	})
}

// TestTheRecordStays what it was: neither what was asked nor what was decided can be written over.
func TestTheRecordStays(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *office) {
		o.limit(t, shop, "boxes", 0)
		_, err := o.asks(t, "ann", "r", o.newBox(t, "b", 1))
		require.NoError(t, err)
		before := o.request(t, "r")
		put := func(who, spec string) error {
			_, err := o.Apply(t.Context(), resource.Request{Kind: "request", Project: o.id[shop], Name: "r", Actor: o.who[who], Mode: resource.UpdateOnly,
				Spec: json.RawMessage(spec), Labels: map[string]string{"urgent": "yes"}})
			return err
		}
		refused(t, put("ann", `{"method":"POST","path":"/v1/boxes","comment":"other words"}`), resource.ReasonInvalid, "does not change")
		refused(t, put("ann", `{"method":"POST","path":"/v1/boxes","comment":"the sale","body":{}}`), resource.ReasonInvalid, "does not change")
		require.NoError(t, put("ann", `{"method":"POST","path":"/v1/boxes","comment":"the sale","needs":{"permission":false},"decision":{"verdict":"approved","by":{"id":"`+o.who["root"].ID+`","user":"x","name":"root"},"at":"2026-01-01T00:00:00Z"}}`))
		after := o.request(t, "r")
		require.Equal(t, before.Spec, after.Spec)
		require.Equal(t, "yes", after.Labels["urgent"])
		refused(t, put("rita", `{}`), resource.ReasonForbidden, "may not update request")
		time.Sleep(50 * time.Millisecond) // nothing comes of it later either
		require.Zero(t, o.calls.made)

		// A user's token is the user.
		_, secret, err := o.people.CreateToken(t.Context(), o.who["root"], tenancy.NewToken{Name: "robot", User: "lead"})
		require.NoError(t, err)
		p, err := o.people.Authenticate(t.Context(), secret, "")
		require.NoError(t, err)
		o.who["robot"] = p.Actor
		_, err = o.asks(t, "lead", "own", o.newBox(t, "b", 1))
		require.NoError(t, err)
		refused(t, o.act(t, "robot", "own", "approve", "{}"), resource.ReasonForbidden, "nobody decides about what they asked for")
		require.NoError(t, o.act(t, "robot", "r", "approve", "{}"))
		require.Equal(t, "lead/robot", o.becomes(t, "r", request.Done).Spec.Decision.By.Name)

		// A project goes with its requests.
		require.NoError(t, o.people.DeleteBranch(t.Context(), o.who["root"], brand))
		require.Eventually(t, func() bool {
			_, err := o.people.Node(t.Context(), brand)
			return resource.ReasonOf(err) == resource.ReasonNotFound
		}, time.Minute, 50*time.Millisecond)
	})
}
