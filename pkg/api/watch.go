package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
)

// WatchEvent is the data of an event of the watch stream.
type WatchEvent struct {
	Revision int64           `json:"revision"`
	Kind     string          `json:"kind,omitempty" doc:"Empty in the event sync"`
	ObjectID string          `json:"objectId,omitempty"`
	Project  string          `json:"project,omitempty"`
	Name     string          `json:"name,omitempty"`
	Change   string          `json:"change" enum:"sync,put,delete" doc:"sync comes first and tells where the stream starts"`
	Object   json.RawMessage `json:"object,omitempty" doc:"The object as it is now, of its kind's schema; absent when it is gone"`
}

type watchInput struct {
	Kinds   []string `query:"kinds" nullable:"false" doc:"Names or plurals, joined by commas; all that you may read without it"`
	Project string   `query:"project" doc:"Project id or full name"`
	After   int64    `query:"after" minimum:"0" doc:"Revision to start after; 0 starts now"`
	LastID  string   `header:"Last-Event-ID" doc:"Sent by browsers that come back; counts instead of after"`
}

const (
	// beat keeps connections through proxies alive; then credentials are checked again, too.
	beat = 15 * time.Second
	// settle is how long a stream must be quiet until its last revision counts as wholly sent.
	settle = time.Second
	// patience is how long a client may take to read an event.
	patience = 30 * time.Second
)

func (s *Server) watchRoutes() {
	s.tag("watch", "Changes as they happen, as server-sent events.")
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[WatchEvent](), true, "")
	op := huma.Operation{Method: http.MethodGet, Path: "/v1/watch", OperationID: "watch", Tags: []string{"watch"}, Summary: "Follow changes of objects",
		Description: "Server-sent events named sync, put and delete with a WatchEvent as data. Come back with Last-Event-ID to miss nothing; events may then repeat. " +
			"412 says that too much has changed since: list again, then watch from now.",
		Responses: map[string]*huma.Response{"200": {Description: "Events without end", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: schema}}}}}
	huma.Register(s.api, op, func(ctx context.Context, in *watchInput) (*huma.StreamResponse, error) {
		st, err := s.follow(ctx, in)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: st.run}, nil
	})
}

// stream is one client's watch.
type stream struct {
	server  *Server
	watch   *resource.Watch
	cancel  context.CancelFunc
	project string
	out     io.Writer
	control *http.ResponseController
	sent    int64 // revision of the last event sent
	whole   int64 // revision up to which all events were sent
	told    int64 // revision of the last id written
}

func (s *Server) follow(ctx context.Context, in *watchInput) (*stream, error) {
	st := &stream{server: s}
	var err error
	if st.project, err = s.project(ctx, in.Project); err != nil {
		return nil, err
	}
	names, err := s.watchable(ctx, in.Kinds, st.project)
	if err != nil {
		return nil, err
	}
	after := in.After
	if in.LastID != "" {
		if after, err = strconv.ParseInt(in.LastID, 10, 64); err != nil || after < 0 {
			return nil, resource.Invalid("", "header.Last-Event-ID", in.LastID, "is not a revision")
		}
	}
	ctx, st.cancel = context.WithCancel(ctx)
	st.watch, err = s.cfg.Store.View(resource.ActorFrom(ctx).Scope).Watch(ctx, after, names...)
	if err != nil {
		st.cancel()
		return nil, err
	}
	st.whole = st.watch.Revision
	return st, nil
}

// watchable checks the kinds asked for; without any it picks all that the actor may read somewhere.
func (s *Server) watchable(ctx context.Context, asked []string, project string) ([]string, error) {
	var names []string
	for _, name := range asked {
		def, err := s.registry.Kind(name)
		if err != nil {
			return nil, err
		}
		at := project
		if def.Scoping == resource.Global {
			at = ""
		}
		if err := s.authorize(ctx, "watch", def.Name, at); err != nil {
			return nil, err
		}
		names = append(names, def.Name)
	}
	if len(asked) > 0 {
		return names, nil
	}
	for _, def := range s.registry.Kinds() {
		at := project
		if def.Scoping == resource.Global {
			at = ""
		}
		err := s.authorize(ctx, "watch", def.Name, at)
		if err == nil {
			names = append(names, def.Name)
		} else if reason := resource.ReasonOf(err); reason != resource.ReasonForbidden {
			return nil, err
		}
	}
	if len(names) == 0 {
		return nil, resource.Problemf(resource.ReasonForbidden, "", "ask for a role", "there is nothing here that you may watch")
	}
	return names, nil
}

func (st *stream) run(c huma.Context) {
	defer st.cancel()
	st.server.metrics.open.Inc()
	defer st.server.metrics.open.Dec()
	c.SetHeader("Content-Type", "text/event-stream")
	c.SetHeader("X-Accel-Buffering", "no")
	c.SetStatus(http.StatusOK)
	st.out = c.BodyWriter()
	st.control = http.NewResponseController(st.out.(http.ResponseWriter))
	if st.send(WatchEvent{Revision: st.watch.Revision, Change: "sync"}) == nil {
		st.loop(c.Context())
	}
}

func (st *stream) loop(ctx context.Context) {
	heart, quiet := time.NewTicker(beat), time.NewTimer(settle)
	defer heart.Stop()
	defer quiet.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case e, ok := <-st.watch.Events:
			if !ok {
				return // too slow, or the server stops: the client comes back
			}
			quiet.Reset(settle)
			if st.project == "" || e.Project == st.project || e.Project == "" {
				err = st.event(e)
			}
		case <-quiet.C:
			st.whole = max(st.whole, st.sent)
			err = st.comment("")
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

// alive checks that the credential still holds and sees the same projects; otherwise the client signs in again.
func (st *stream) alive(ctx context.Context) bool {
	r := requestFrom(ctx)
	p, err := st.server.cfg.Tenancy.Authenticate(ctx, r.secret, r.remote)
	if err != nil {
		return false
	}
	was, is := r.principal.Actor.Scope, p.Actor.Scope
	if was.All() != is.All() || len(was.Projects()) != len(is.Projects()) {
		return false
	}
	for _, project := range was.Projects() {
		if !is.Sees(project) {
			return false
		}
	}
	return true
}

// event sends a change. One transaction's events share a revision, so an id may only name a revision that was sent
// whole: it is written once the next one begins, or the stream is quiet. A client that comes back may see some again.
func (st *stream) event(e resource.Event) error {
	if e.Revision > st.sent {
		st.whole = max(st.whole, st.sent)
		st.sent = e.Revision
	}
	out := WatchEvent{Revision: e.Revision, Kind: e.Kind, ObjectID: e.ObjectID, Project: e.Project, Name: e.Name, Change: e.Change}
	if e.Object != nil {
		var err error
		if out.Object, err = encodeObject(nil, *e.Object); err != nil {
			return err
		}
	}
	return st.send(out)
}

func (st *stream) send(e WatchEvent) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return st.write(fmt.Sprintf("%sevent: %s\ndata: %s\n\n", st.id(), e.Change, data))
}

func (st *stream) id() string {
	if st.whole <= st.told {
		return ""
	}
	st.told = st.whole
	return "id: " + strconv.FormatInt(st.whole, 10) + "\n"
}

// comment writes a line that clients ignore, with the id if it has moved.
func (st *stream) comment(text string) error {
	id := st.id()
	if id == "" && text == "" {
		return nil
	}
	return st.write(": " + strings.TrimSpace("plaza "+text) + "\n" + id + "\n")
}

func (st *stream) write(text string) error {
	_ = st.control.SetWriteDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(st.out, text); err != nil {
		return err
	}
	return st.control.Flush()
}
