package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/resource"
)

type configSpec struct {
	Text    string `json:"text"`
	Comment string `json:"comment,omitempty"`
}

type configStatus struct {
	Subscribers int `json:"subscribers"`
	Applied     int `json:"applied"`
	Refused     int `json:"refused"`
}

// withConfigs adds a kind whose specs are kept as versions.
func withConfigs(c *api.Config) {
	reg := c.Store.Registry()
	resource.Register(reg, resource.Kind[configSpec, configStatus]{Name: "config", Plural: "configs", Doc: "Something to follow.",
		Versions: &resource.Versions[configSpec, configStatus]{Keep: 3,
			Describe: func(s configSpec) (string, string) { return "hash of " + s.Text, s.Comment },
			Tally: func(o *resource.Object[configSpec, configStatus], t resource.Tally) {
				o.Status = configStatus{t.Subscribers, t.Applied, t.Refused}
			}}})
}

// versionEvent is what the stream of an object's versions tells.
type versionEvent struct {
	event, id string
	v         resource.Version
}

// versionsOf follows an object's versions.
func (r *rig) versionsOf(t *testing.T, who, path string, headers ...string) (events chan versionEvent, stop context.CancelFunc) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", r.http.URL+path, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+r.secrets[who])
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := r.http.Client().Do(req)
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	events = make(chan versionEvent, 100)
	go func() {
		defer close(events)
		defer resp.Body.Close()
		e := versionEvent{}
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			field, text, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "event":
				e.event = text
			case "id":
				e.id = text
			case "data":
				if json.Unmarshal([]byte(text), &e.v) == nil {
					events <- e
				}
				e = versionEvent{}
			}
		}
	}()
	t.Cleanup(stop)
	return events, stop
}

func next(t *testing.T, events chan versionEvent) versionEvent {
	t.Helper()
	select {
	case e, ok := <-events:
		require.True(t, ok, "the stream ended")
		return e
	case <-time.After(10 * time.Second):
		require.Fail(t, "no event within 10 s")
		return versionEvent{}
	}
}

func (r *rig) newConfig(t *testing.T, name, text string) string {
	t.Helper()
	var made struct{ Object struct{ ID string } }
	r.call(t, "dailymart-member", "POST", "/v1/configs", map[string]any{"project": shop, "name": name, "spec": map[string]any{"text": text, "comment": "begin"}}).is(201).into(&made)
	return made.Object.ID
}

func (r *rig) setConfig(t *testing.T, id, text string) {
	t.Helper()
	r.call(t, "dailymart-member", "PATCH", "/v1/configs/"+id, map[string]any{"spec": map[string]any{"text": text}}).is(200)
}

// token makes one of a member that is limited to a role.
func (r *rig) token(t *testing.T, who, role string) {
	t.Helper()
	var made struct{ Secret string }
	r.call(t, who, "POST", "/v1/tokens", map[string]any{"name": role, "role": role, "node": shop}).is(201).into(&made)
	r.secrets[role] = made.Secret
}

func TestVersionsOverHTTP(t *testing.T) {
	r := newRig(t, withConfigs)
	id := r.newConfig(t, "prices", "one")
	r.setConfig(t, id, "two")
	var list struct{ Items []resource.Version }
	r.call(t, "dailymart-reader", "GET", "/v1/configs/"+id+"/versions", nil).is(200).into(&list)
	require.Len(t, list.Items, 2)
	require.Equal(t, "dailymart-member", list.Items[0].Author)
	require.Empty(t, list.Items[0].Spec)

	var v resource.Version
	first := r.call(t, "dailymart-reader", "GET", "/v1/configs/prices/versions/1", nil).is(200)
	first.into(&v)
	require.JSONEq(t, `{"text":"one","comment":"begin"}`, string(v.Spec))
	current := r.call(t, "dailymart-reader", "GET", "/v1/configs/"+id+"/versions/current", nil).is(200)
	current.into(&v)
	require.EqualValues(t, 2, v.Version)
	require.NotEqual(t, first.header.Get("ETag"), current.header.Get("ETag"))
	same := r.call(t, "dailymart-reader", "GET", "/v1/configs/"+id+"/versions/current", nil, "If-None-Match", current.header.Get("ETag")).is(304)
	require.Empty(t, same.body)
	r.setConfig(t, id, "three")
	r.call(t, "dailymart-reader", "GET", "/v1/configs/"+id+"/versions/current", nil, "If-None-Match", current.header.Get("ETag")).is(200).into(&v)
	require.Equal(t, "hash of three", v.Hash)

	r.call(t, "dailymart-reader", "GET", "/v1/configs/"+id+"/versions/9", nil).refused(resource.ReasonNotFound)
	r.call(t, "dailymart-reader", "GET", "/v1/configs/"+id+"/versions/zero", nil).refused(resource.ReasonInvalid)
	for _, path := range []string{"/versions", "/versions/1", "/versions/current", "/watch", "/subscribers"} {
		r.call(t, "tealeaf-member", "GET", "/v1/configs/"+id+path, nil).refused(resource.ReasonNotFound)
	}
	r.call(t, "tealeaf-member", "POST", "/v1/configs/"+id+"/acks", `{"subscriber":"x","version":1,"state":"applied"}`).refused(resource.ReasonNotFound)
	r.call(t, "admin", "GET", "/v1/boxes/x/versions", nil).is(404)
}

func TestVersionsArePushed(t *testing.T) {
	r := newRig(t, withConfigs)
	id, other := r.newConfig(t, "prices", "one"), r.newConfig(t, "other", "x")
	events, _ := r.versionsOf(t, "dailymart-reader", "/v1/configs/prices/watch?project="+shop)
	e := next(t, events)
	require.Equal(t, []string{"version", "1", "hash of one"}, []string{e.event, e.id, e.v.Hash})
	require.JSONEq(t, `{"text":"one","comment":"begin"}`, string(e.v.Spec))

	r.setConfig(t, other, "y")
	r.call(t, "dailymart-member", "PATCH", "/v1/configs/"+id, map[string]any{"labels": map[string]string{"a": "b"}}).is(200)
	r.setConfig(t, id, "two")
	require.EqualValues(t, 2, next(t, events).v.Version, "neither other objects nor labels are news")

	// Who comes back hears only what is new.
	back, stop := r.versionsOf(t, "dailymart-reader", "/v1/configs/"+id+"/watch?since=1", "Last-Event-ID", "2")
	r.setConfig(t, id, "three")
	require.EqualValues(t, 3, next(t, back).v.Version)
	stop()
	missed, _ := r.versionsOf(t, "dailymart-reader", "/v1/configs/"+id+"/watch?since=1")
	require.EqualValues(t, 3, next(t, missed).v.Version)
	r.call(t, "dailymart-reader", "GET", "/v1/configs/"+id+"/watch", nil, "Last-Event-ID", "x").refused(resource.ReasonInvalid)

	require.EqualValues(t, 3, next(t, events).v.Version)
	r.call(t, "dailymart-member", "DELETE", "/v1/configs/"+id, nil).is(200)
	require.Equal(t, "gone", next(t, events).event)
	_, open := <-events
	require.False(t, open)
}

func TestAcknowledgementsOverHTTP(t *testing.T) {
	r := newRig(t, withConfigs)
	id := r.newConfig(t, "prices", "one")
	r.setConfig(t, id, "two")
	ack := func(who, body string) answer { return r.call(t, who, "POST", "/v1/configs/prices/acks", body) }
	ack("dailymart-reader", `{"subscriber":"till-1","version":2,"state":"applied"}`).is(204)
	ack("dailymart-reader", `{"subscriber":"till-2","version":1,"state":"applied"}`).is(204)
	before := r.call(t, "dailymart-reader", "GET", "/v1/configs/"+id, nil).is(200).header.Get("ETag")
	ack("dailymart-reader", `{"subscriber":"till-2","version":2,"state":"refused","reason":"no such node"}`).is(204)
	ack("dailymart-reader", `{"subscriber":"till-2","version":3,"state":"applied"}`).refused(resource.ReasonInvalid)
	ack("dailymart-reader", `{"subscriber":"till 2","version":2,"state":"applied"}`).refused(resource.ReasonInvalid)
	ack("dailymart-reader", `{"subscriber":"till-2","version":2,"state":"maybe"}`).refused(resource.ReasonInvalid)

	var list struct{ Items []resource.Subscriber }
	r.call(t, "dailymart-reader", "GET", "/v1/configs/"+id+"/subscribers", nil).is(200).into(&list)
	require.Len(t, list.Items, 2)
	two := list.Items[1]
	require.Equal(t, []any{"till-2", int64(2), resource.AckRefused, "no such node", int64(1), int64(1)}, []any{two.Name, two.Version, two.State, two.Reason, two.Applied, two.Lag})

	type object struct{ Status configStatus }
	var o object
	after := r.call(t, "dailymart-reader", "GET", "/v1/configs/"+id, nil, "If-None-Match", before).is(200)
	after.into(&o)
	require.Equal(t, configStatus{2, 1, 1}, o.Status)
	require.Equal(t, before, after.header.Get("ETag"), "acknowledgements do not write the object")
	var wrote struct{ Object object }
	r.call(t, "dailymart-member", "PATCH", "/v1/configs/"+id, `{"labels":{"a":"b"}}`).is(200).into(&wrote)
	require.Equal(t, configStatus{2, 1, 1}, wrote.Object.Status)
	var page struct{ Items []object }
	r.call(t, "dailymart-reader", "GET", "/v1/configs?project="+shop, nil).is(200).into(&page)
	require.Equal(t, configStatus{2, 1, 1}, page.Items[0].Status)
}

// A token of the role subscriber follows configurations and acknowledges them. It sees and does nothing else.
func TestSubscriberToken(t *testing.T) {
	r := newRig(t, withConfigs)
	id := r.newConfig(t, "prices", "one")
	r.newBox(t, "dailymart-member", shop, "secret", 3)
	r.token(t, "dailymart-member", "subscriber")
	r.call(t, "subscriber", "GET", "/v1/configs/prices?project="+shop, nil).is(200)
	r.call(t, "subscriber", "GET", "/v1/configs/prices/versions/current", nil).is(200)
	events, _ := r.versionsOf(t, "subscriber", "/v1/configs/prices/watch")
	require.EqualValues(t, 1, next(t, events).v.Version)
	r.call(t, "subscriber", "POST", "/v1/configs/"+id+"/acks", `{"subscriber":"till-1","version":1,"state":"applied"}`).is(204)

	r.call(t, "subscriber", "PATCH", "/v1/configs/"+id, `{"spec":{"text":"mine"}}`).refused(resource.ReasonForbidden)
	r.call(t, "subscriber", "DELETE", "/v1/configs/"+id, nil).refused(resource.ReasonForbidden)
	r.call(t, "subscriber", "POST", "/v1/configs", map[string]any{"project": shop, "name": "x", "spec": map[string]any{"text": "x"}}).refused(resource.ReasonForbidden)
	r.call(t, "subscriber", "GET", "/v1/boxes/secret?project="+shop, nil).refused(resource.ReasonForbidden)
	for _, path := range []string{"/v1/boxes", "/v1/boxes?project=" + shop, "/v1/shelves", "/v1/watch?kinds=box", "/v1/watch?kinds=box&project=" + shop, "/v1/quotas?node=" + shop, "/v1/audit?project=" + shop} {
		r.call(t, "subscriber", "GET", path, nil).refused(resource.ReasonForbidden)
	}
	r.call(t, "dailymart-reader", "PATCH", "/v1/configs/"+id, `{"spec":{"text":"mine"}}`).refused(resource.ReasonForbidden)
	r.call(t, "admin", "POST", "/v1/bindings", map[string]any{"user": "dailymart-reader", "role": "subscriber", "node": shop}).refused(resource.ReasonInvalid)
}
