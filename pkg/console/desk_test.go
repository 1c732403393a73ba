package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/console"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		storetest.Stop()
		os.Exit(code)
	}))
}

const (
	password = "correct horse battery"
	shop     = "freshfoods/north/dailymart/shop"
	limit    = 30 * time.Second
)

// guests are the far ends of consoles, at which the test sits: what a real guest says is tested with real guests.
type guests struct {
	ends chan net.Conn
	fail atomic.Pointer[provider.Error]
}

func (g *guests) OpenConsole(_ context.Context, host, _ string, _ provider.ConsoleType) (io.ReadWriteCloser, error) {
	if err := g.fail.Load(); err != nil {
		return nil, err
	}
	near, far := net.Pipe()
	g.ends <- far
	return near, nil
}

// site is two plazads on one database, with a server in a project.
type site struct {
	db      *store.DB
	people  *tenancy.Service
	objects *resource.Store
	guests  *guests
	desks   [2]*console.Desk
	web     [2]*httptest.Server
	secrets map[string]string
	users   map[string]string
	server  string
}

func newSite(t *testing.T, db *store.DB, limits console.Limits) *site {
	t.Helper()
	s := &site{db: db, guests: &guests{ends: make(chan net.Conn, 100)}, secrets: map[string]string{}, users: map[string]string{}}
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{})
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	s.people = tenancy.New(db, nil)
	s.people.UseSealer(sealer)
	_, err = s.people.Bootstrap(t.Context())
	require.NoError(t, err)
	words := map[string]string{"dailymart-member": password, "dailymart-reader": password, "tealeaf-member": password}
	_, err = s.people.Seed(t.Context(), words)
	require.NoError(t, err)
	for name := range words {
		s.login(t, name)
	}
	quiet := slog.New(slog.DiscardHandler)
	s.objects = resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer, Authorizer: s.people, Tree: s.people, Log: quiet})
	s.people.Attach(s.objects)
	t.Cleanup(s.objects.Close)
	s.start(t, limits)
	return s
}

func (s *site) login(t *testing.T, name string) {
	t.Helper()
	session, secret, err := s.people.Login(t.Context(), tenancy.Credentials{Name: name, Password: password})
	require.NoError(t, err)
	s.secrets[name], s.users[name] = secret, session.UserID
}

// start runs two plazads, and makes a server.
func (s *site) start(t *testing.T, limits console.Limits) {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	for i := range s.desks {
		s.desks[i] = console.New(console.Config{DB: s.db, Objects: s.objects, Driver: s.guests, Limits: limits, Log: quiet})
		server, err := api.New(api.Config{Store: s.objects, Tenancy: s.people, Version: "test", Log: quiet, Routes: []api.Routes{api.ConsoleRoutes(s.desks[i])}})
		require.NoError(t, err)
		s.web[i] = httptest.NewUnstartedServer(nil)
		s.web[i].Config = server.HTTP()
		s.web[i].Start()
		t.Cleanup(s.web[i].Close)
		t.Cleanup(s.desks[i].Close)
	}
	s.server = s.insert(t, "web-"+resource.NewID(), `{"power":"running","host":"h1"}`)
}

// insert puts a server into the database as if a host had it.
func (s *site) insert(t *testing.T, name, status string) string {
	project, err := s.people.Node(t.Context(), shop)
	require.NoError(t, err)
	id := resource.NewID()
	_, err = s.db.Write.ExecContext(t.Context(), `INSERT INTO objects (id, kind, project, name, labels, spec, status, conditions, finalizers, phase, generation,
		observed_generation, version, revision, created_by, created_at, updated_at)
		VALUES (?, 'server', ?, ?, '{}', '{}', ?, '[]', '[]', 'Ready', 1, 1, 1, 1, 'test', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`, id, project.ID, name, status)
	require.NoError(t, err)
	return id
}

// ask asks a plazad for a ticket, and returns the status with the answer.
func (s *site) ask(t *testing.T, at int, who, server, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.web[at].URL+"/v1/servers/"+server+"/console", strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+s.secrets[who])
	req.Header.Set("Content-Type", "application/json")
	return answer(t, s.web[at].Client(), req)
}

func answer(t *testing.T, c *http.Client, req *http.Request) (int, map[string]any) {
	t.Helper()
	resp, err := c.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	out := map[string]any{}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&out))
	return resp.StatusCode, out
}

func (s *site) ticket(t *testing.T, who string) string {
	t.Helper()
	status, got := s.ask(t, 0, who, s.server, `{"type":"serial"}`)
	require.Equal(t, 201, status, got)
	return got["path"].(string)
}

// dial redeems a ticket; a refusal is its status.
func (s *site) dial(t *testing.T, at int, who, path string, headers ...string) (*websocket.Conn, int) {
	t.Helper()
	header := http.Header{"Authorization": {"Bearer " + s.secrets[who]}}
	for i := 0; i < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	ws, resp, err := websocket.Dial(ctx, s.web[at].URL+path, &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		require.NotNil(t, resp, "%v", err)
		return nil, resp.StatusCode
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	return ws, resp.StatusCode
}

// open is a member's console and the guest at its far end.
func (s *site) open(t *testing.T) (*websocket.Conn, net.Conn) {
	t.Helper()
	ws, status := s.dial(t, 1, "dailymart-member", s.ticket(t, "dailymart-member"))
	require.Equal(t, http.StatusSwitchingProtocols, status)
	far := <-s.guests.ends
	t.Cleanup(func() { _ = far.Close() })
	return ws, far
}

// closed reads until the websocket is closed, and returns the code.
func closed(t *testing.T, ws *websocket.Conn) websocket.StatusCode {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for {
		if _, _, err := ws.Read(ctx); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

// notes are what the audit tells of consoles, oldest first.
func (s *site) notes(t *testing.T) (out []string) {
	t.Helper()
	var rows []resource.Audit
	require.NoError(t, s.db.Read.NewSelect().Model(&rows).Where("verb = 'console' AND object_id = ?", s.server).Order("id").Scan(t.Context()))
	for _, r := range rows {
		require.Equal(t, [2]string{"server", "member on freshfoods/north/dailymart"}, [2]string{r.Kind, r.Granted}, "%+v", r)
		out = append(out, r.Actor+": "+r.Note)
	}
	return out
}

func (s *site) rows(t *testing.T) int64 {
	t.Helper()
	n, err := s.db.Read.NewSelect().Table("consoles").Count(t.Context())
	require.NoError(t, err)
	return n
}

func TestATicketOpensAConsoleOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db, console.Limits{})
		path := s.ticket(t, "dailymart-member")
		_, status := s.dial(t, 0, "tealeaf-member", path)
		require.Equal(t, http.StatusNotFound, status, "another user's")
		_, status = s.dial(t, 0, "dailymart-member", path, "Origin", "https://elsewhere.example")
		require.Equal(t, http.StatusForbidden, status, "another site's page")
		plain, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.web[0].URL+path, nil)
		require.NoError(t, err)
		plain.Header.Set("Authorization", "Bearer "+s.secrets["dailymart-member"])
		status, _ = answer(t, s.web[0].Client(), plain)
		require.Equal(t, http.StatusBadRequest, status, "no websocket")
		plain.Header.Del("Authorization")
		status, _ = answer(t, s.web[0].Client(), plain)
		require.Equal(t, http.StatusUnauthorized, status, "a ticket alone opens nothing")

		ws, status := s.dial(t, 1, "dailymart-member", path, "Origin", s.web[1].URL)
		require.Equal(t, http.StatusSwitchingProtocols, status, "none of these used it up, and another plazad serves it")
		far := <-s.guests.ends
		_, err = far.Write([]byte("web login: "))
		require.NoError(t, err)
		_, said, err := ws.Read(t.Context())
		require.NoError(t, err)
		require.Equal(t, "web login: ", string(said))
		typed := bytes.Repeat([]byte("root\r"), 1000)
		require.NoError(t, ws.Write(t.Context(), websocket.MessageBinary, typed))
		got := make([]byte, len(typed))
		_, err = io.ReadFull(far, got)
		require.NoError(t, err)
		require.Equal(t, typed, got)
		_, status = s.dial(t, 0, "dailymart-member", path)
		require.Equal(t, http.StatusNotFound, status, "it was used")

		require.NoError(t, ws.Close(websocket.StatusNormalClosure, ""))
		_, err = far.Read(got)
		require.ErrorIs(t, err, io.EOF, "the guest's line is let go")
		require.Eventually(t, func() bool { return s.rows(t) == 0 }, limit, 10*time.Millisecond)
		notes := s.notes(t)
		require.Len(t, notes, 3)
		require.Equal(t, "dailymart-member: a ticket for the serial console", notes[0])
		require.Equal(t, "dailymart-member: opened the serial console", notes[1])
		require.Regexp(t, `^dailymart-member: left the serial console: its user left, after \d+s and 5000 bytes typed$`, notes[2])
		secret := path[strings.LastIndexByte(path, '/')+1:]
		require.NotContains(t, strings.Join(notes, ""), secret)
	})
}

func TestWhoGetsNoTicket(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.SQLite), console.Limits{})
	s.insert(t, "off", `{"power":"stopped","host":"h1"}`)
	s.insert(t, "new", `{}`)
	for _, c := range []struct {
		who, server, body string
		status            int
		reason            resource.Reason
	}{
		{"dailymart-reader", s.server, `{"type":"vnc"}`, 403, resource.ReasonForbidden},
		{"tealeaf-member", s.server, `{"type":"vnc"}`, 404, resource.ReasonNotFound},
		{"dailymart-member", "none", `{"type":"vnc"}`, 404, resource.ReasonNotFound},
		{"dailymart-member", "off", `{"type":"vnc"}`, 409, resource.ReasonConflict},
		{"dailymart-member", "new", `{"type":"vnc"}`, 409, resource.ReasonConflict},
		{"dailymart-member", s.server, `{"type":"spice"}`, 422, resource.ReasonInvalid},
		{"", s.server, `{"type":"vnc"}`, 401, resource.ReasonUnauthenticated},
	} {
		status, got := s.ask(t, 0, c.who, c.server, c.body)
		require.Equal(t, c.status, status, "%+v: %v", c, got)
		require.EqualValues(t, c.reason, got["reason"], "%+v", c)
	}
	require.Zero(t, s.rows(t))
	require.Empty(t, s.notes(t))
}

// Tickets and open consoles are bounded together, also when many ask two plazads at a time; and a ticket is used by one.
func TestTicketsAreBoundedAndUsedByOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db, console.Limits{Ticket: time.Minute, Idle: time.Hour, Total: time.Hour, Check: time.Second, Lease: time.Minute, PerUser: 4, PerServer: 10, All: 100})
		o, err := s.objects.View(resource.Everything).Get(t.Context(), "server", "", s.server)
		require.NoError(t, err)
		who := console.Who{Actor: resource.Actor{ID: s.users["dailymart-member"], Name: "dailymart-member", Granted: "member on freshfoods/north/dailymart"}, UserID: s.users["dailymart-member"]}
		var mu sync.Mutex
		var secrets []string
		together(16, func(i int) {
			_, secret, err := s.desks[i%2].Issue(t.Context(), who, o, provider.ConsoleSerial)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				secrets = append(secrets, secret)
			} else if resource.ReasonOf(err) != resource.ReasonConflict {
				t.Error(err)
			}
		})
		require.Len(t, secrets, 4)
		used := 0
		together(16, func(i int) {
			own := who
			_, err := s.desks[i%2].Redeem(t.Context(), &own, secrets[0], anybody)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				used++
			} else if resource.ReasonOf(err) != resource.ReasonNotFound {
				t.Error(err)
			}
		})
		require.Equal(t, 1, used)
		_, err = s.db.Write.ExecContext(t.Context(), "UPDATE consoles SET expires_at = ?", time.Now().UTC().Add(-time.Second))
		require.NoError(t, err)
		_, err = s.desks[0].Redeem(t.Context(), &who, secrets[1], anybody)
		require.Equal(t, resource.ReasonNotFound, resource.ReasonOf(err), "its minute is over")
		_, _, err = s.desks[0].Issue(t.Context(), who, o, provider.ConsoleVNC)
		require.NoError(t, err, "what is over makes room")
	})
}

func anybody(context.Context, *resource.Actor, console.Ticket) error { return nil }

func together(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(i) })
	}
	all.Wait()
}

// A console ends with whatever gave it, and says so.
func TestConsolesEnd(t *testing.T) {
	quick := console.Limits{Ticket: time.Minute, Idle: time.Hour, Total: time.Hour, Check: 50 * time.Millisecond, Lease: time.Minute, PerUser: 10, PerServer: 10, All: 10}
	admin := resource.System("test")
	s := newSite(t, storetest.Open(t, store.SQLite), quick)
	t.Run("it can not be opened", func(t *testing.T) {
		s.guests.fail.Store(provider.Errorf(provider.ReasonUnavailable, "", "the agent of host h1 does not answer"))
		ws, status := s.dial(t, 0, "dailymart-member", s.ticket(t, "dailymart-member"))
		require.Equal(t, http.StatusSwitchingProtocols, status)
		_, _, err := ws.Read(t.Context())
		var why websocket.CloseError
		require.ErrorAs(t, err, &why)
		require.Equal(t, console.StatusFailed, why.Code)
		require.Equal(t, "the agent of host h1 does not answer", why.Reason)
		s.guests.fail.Store(nil)
	})
	for _, c := range []struct {
		name   string
		limits func(*console.Limits)
		do     func(t *testing.T, s *site, far net.Conn)
		code   websocket.StatusCode
	}{
		{"the guest stops", nil, func(_ *testing.T, _ *site, far net.Conn) { _ = far.Close() }, console.StatusEnded},
		{"idle", func(l *console.Limits) { l.Idle = 200 * time.Millisecond }, nil, console.StatusIdle},
		{"too long", func(l *console.Limits) { l.Total = 200 * time.Millisecond }, nil, console.StatusTooLong},
		{"plazad stops", nil, func(_ *testing.T, s *site, _ net.Conn) { s.desks[1].Close() }, websocket.StatusGoingAway},
		{"the server goes", nil, func(t *testing.T, s *site, _ net.Conn) {
			_, err := s.db.Write.ExecContext(t.Context(), "DELETE FROM objects WHERE id = ?", s.server)
			require.NoError(t, err)
		}, console.StatusGone},
		{"the server moves", nil, func(t *testing.T, s *site, _ net.Conn) {
			_, err := s.db.Write.ExecContext(t.Context(), `UPDATE objects SET status = '{"power":"running","host":"h2"}' WHERE id = ?`, s.server)
			require.NoError(t, err)
		}, console.StatusGone},
		{"the session ends", nil, func(t *testing.T, s *site, _ net.Conn) {
			sessions, err := s.people.Sessions(t.Context(), s.users["dailymart-member"])
			require.NoError(t, err)
			require.NoError(t, s.people.RevokeSession(t.Context(), admin, sessions[0].ID))
			s.login(t, "dailymart-member") // for the next
		}, console.StatusRefused},
		{"the permission ends", nil, func(t *testing.T, s *site, _ net.Conn) {
			held, err := s.people.Bindings(t.Context(), tenancy.BindingFilter{})
			require.NoError(t, err)
			for _, b := range held {
				if b.UserID == s.users["dailymart-member"] {
					require.NoError(t, s.people.Unbind(t.Context(), admin, b.ID))
				}
			}
		}, console.StatusRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			limits := quick
			if c.limits != nil {
				c.limits(&limits)
			}
			s.start(t, limits)
			ws, far := s.open(t)
			if c.do != nil {
				c.do(t, s, far)
			}
			require.Equal(t, c.code, closed(t, ws))
			require.Eventually(t, func() bool { return s.rows(t) == 0 }, limit, 10*time.Millisecond)
			notes := s.notes(t)
			require.Contains(t, notes[len(notes)-1], "left the serial console")
		})
	}
}
