package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/plazacloud/plaza/pkg/console"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// consolePath is where tickets become consoles.
const consolePath = "/v1/consoles/"

// ConsoleTicket opens a console once.
type ConsoleTicket struct {
	Path      string               `json:"path" doc:"A GET of it by whoever asked, within the time, becomes a websocket of binary messages"`
	Type      provider.ConsoleType `json:"type" enum:"serial,vnc"`
	ExpiresAt time.Time            `json:"expiresAt"`
}

type openConsoleInput struct {
	ObjectInput
	Body struct {
		Type provider.ConsoleType `json:"type" enum:"serial,vnc" doc:"The serial line as bytes, or the screen as RFB (RFC 6143)"`
	} `nameHint:"ConsoleOrder"`
}

// ConsoleRoutes let users work at the consoles of servers.
func ConsoleRoutes(desk *console.Desk) Routes {
	return func(api huma.API, s *Server) {
		op := huma.Operation{Method: http.MethodPost, Path: "/v1/servers/{id}/console", OperationID: "openConsoleServer", Tags: []string{"servers"}, MaxBodyBytes: 16 << 10,
			DefaultStatus: http.StatusCreated, Summary: "Ask for a ticket that opens a console of a running server",
			Description: "The ticket is good once, for a minute, and for whoever asked. The console's websocket is closed with 1000 when its user left, 1001 when the server of " +
				"the API stops, and with why else: 4000 the console ended, 4001 nothing was typed for 30 minutes, 4002 it was open for 8 hours, 4003 the session or the " +
				"permission ended, 4004 the server is gone, 4005 it could not be opened or broke."}
		huma.Register(api, op, func(ctx context.Context, in *openConsoleInput) (*Body[ConsoleTicket], error) {
			o, _, err := s.placed(ctx, in.ObjectInput)
			if err != nil {
				return nil, err
			}
			who := consoleUser(ctx)
			if err := resource.Admit(ctx, s.cfg.Tenancy, &who.Actor, "console", "server", o.Project); err != nil {
				return nil, err
			}
			t, secret, err := desk.Issue(ctx, who, o, in.Body.Type)
			return body(ConsoleTicket{consolePath + secret, t.Type, t.ExpiresAt}, err)
		})
		s.raw(consolePath+":ticket", false, func(c *gin.Context) {
			if err := s.console(c, desk); err != nil {
				writeProblem(c.Request.Context(), c.Writer, err)
			}
		})
	}
}

func consoleUser(ctx context.Context) console.Who {
	return console.Who{Actor: resource.ActorFrom(ctx), UserID: PrincipalFrom(ctx).UserID}
}

// console turns the request into a websocket and serves it to its end; an error says why it did not.
func (s *Server) console(c *gin.Context, desk *console.Desk) error {
	ctx := c.Request.Context()
	if err := checkUpgrade(c.Request); err != nil {
		return err
	}
	who := consoleUser(ctx)
	t, err := desk.Redeem(ctx, &who, c.Param("ticket"), func(ctx context.Context, actor *resource.Actor, t console.Ticket) error {
		return resource.Admit(ctx, s.cfg.Tenancy, actor, "console", "server", t.Project)
	})
	if err != nil {
		return err
	}
	_, host, err := s.placed(ctx, ObjectInput{ID: t.ServerID, Project: t.Project})
	if err != nil {
		return errors.Join(err, desk.Leave(ctx, who, t, "it was not begun"))
	}
	ws, err := websocket.Accept(c.Writer, c.Request, &websocket.AcceptOptions{Subprotocols: []string{"binary"}, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		s.log.Debug("a websocket was not accepted", "error", errors.Join(err, desk.Leave(ctx, who, t, "it was not begun")))
		return nil // it was answered
	}
	desk.Serve(ctx, who, t, host, ws, func(ctx context.Context) error { return s.stillMay(ctx, "console", "server", t.Project) })
	return nil
}

// stillMay authorises whoever sent a request that is being served for long, by the credential as it is now.
func (s *Server) stillMay(ctx context.Context, verb, kind, project string) error {
	r := requestFrom(ctx)
	p, err := s.cfg.Tenancy.Authenticate(ctx, r.secret, r.remote)
	if err != nil {
		return err
	}
	return s.cfg.Tenancy.Authorize(ctx, p.Actor, verb, kind, project)
}

// checkUpgrade refuses what is no websocket, before it costs a ticket, and pages of other sites.
func checkUpgrade(r *http.Request) error {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return resource.Problemf(ReasonMalformed, "console", "connect with a websocket client", "this is the address of a websocket")
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil // no browser
	}
	if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
		return resource.Problemf(resource.ReasonForbidden, "console", "open it from the portal itself", "a page of %s may open no console here", origin)
	}
	return nil
}
