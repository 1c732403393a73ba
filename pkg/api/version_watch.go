package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
)

type versionsInput struct {
	ObjectInput
	Since  int64  `query:"since" minimum:"0" doc:"Version that is known; the newest comes at once only when it is higher"`
	LastID string `header:"Last-Event-ID" doc:"Sent by those who come back; counts instead of since"`
}

func (k *kind) watches(op huma.Operation) {
	op.Description = "Server-sent events named version, with the version as id and a " + k.title + "Version as data: the newest at once, then each one as it is accepted. " +
		"Versions that follow each other quickly may be left out but for the last. An event gone, without data, says that the " + k.Name + " was deleted. " +
		"Who missed something is told the newest on coming back, so nothing else is needed to stay right."
	op.Responses = map[string]*huma.Response{"200": {Description: "Events without end", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: ref(k.title + "Version")}}}}
	huma.Register(k.server.api, op, func(ctx context.Context, in *versionsInput) (*huma.StreamResponse, error) {
		st, err := k.followVersions(ctx, in)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: st.run}, nil
	})
}

// versionStream is one subscriber's watch of one object. It reads the process's one stream of changes.
type versionStream struct {
	stream
	kind  *kind
	first resource.Raw
	known int64 // version the subscriber has
}

func (k *kind) followVersions(ctx context.Context, in *versionsInput) (*versionStream, error) {
	st := &versionStream{stream: stream{server: k.server}, kind: k, known: in.Since}
	var err error
	if in.LastID != "" {
		if st.known, err = strconv.ParseInt(in.LastID, 10, 64); err != nil || st.known < 0 {
			return nil, resource.Invalid(k.Name, "header.Last-Event-ID", in.LastID, "is not a version")
		}
	}
	o, err := k.find(ctx, "watch", in.ObjectInput)
	if err != nil {
		return nil, err
	}
	ctx, st.cancel = context.WithCancel(ctx)
	view := k.server.cfg.Store.View(resource.ActorFrom(ctx).Scope)
	if st.watch, err = view.Watch(ctx, 0, k.Name); err == nil {
		st.first, err = view.Get(ctx, k.Name, "", o.ID) // after the stream began, so that no change falls between
	}
	if err != nil {
		st.cancel()
		return nil, err
	}
	return st, nil
}

func (st *versionStream) run(c huma.Context) {
	defer st.cancel()
	st.server.metrics.open.Inc()
	defer st.server.metrics.open.Dec()
	c.SetHeader("Content-Type", "text/event-stream")
	c.SetHeader("X-Accel-Buffering", "no")
	c.SetStatus(http.StatusOK)
	st.out = c.BodyWriter()
	st.control = http.NewResponseController(st.out.(http.ResponseWriter))
	if st.comment("follow") == nil && st.tell(st.first) == nil {
		st.loop(c.Context())
	}
}

func (st *versionStream) loop(ctx context.Context) {
	heart := time.NewTicker(beat)
	defer heart.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case e, ok := <-st.watch.Events:
			switch {
			case !ok:
				return // too slow, or the server stops: the subscriber comes back
			case e.ObjectID != st.first.ID:
			case e.Change == "delete":
				_ = st.write("event: gone\ndata: {}\n\n")
				return
			case e.Object != nil:
				err = st.tell(*e.Object)
			}
		case <-heart.C:
			if !st.alive(ctx) {
				return
			}
			err = st.comment("beat")
		}
		if err != nil {
			return
		}
	}
}

// tell sends the object's version when it is news.
func (st *versionStream) tell(o resource.Raw) error {
	if o.Generation <= st.known {
		return nil
	}
	version, text, err := st.kind.event(o)
	if err != nil {
		return err
	}
	st.known = version
	return st.write(text)
}

// lastEvent is the event that was written last: many who follow one object are told the same.
type lastEvent struct {
	mu                  sync.Mutex
	id, text            string
	generation, version int64
}

// event is what subscribers of an object are told of it.
func (k *kind) event(o resource.Raw) (version int64, text string, err error) {
	t := &k.told
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.id == o.ID && t.generation == o.Generation {
		return t.version, t.text, nil
	}
	v, err := k.Describe(o)
	if err != nil {
		return 0, "", err
	}
	data, err := json.Marshal(v)
	if err != nil {
		return 0, "", err
	}
	t.id, t.generation, t.version = o.ID, o.Generation, v.Version
	t.text = fmt.Sprintf("event: version\nid: %d\ndata: %s\n\n", v.Version, data)
	return t.version, t.text, nil
}
