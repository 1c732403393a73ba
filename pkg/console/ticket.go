package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// verb is what the audit calls it, and what a role must allow.
const verb = "console"

// Ticket is a ticket for a console; once it is used, the console that is open.
type Ticket struct {
	bun.BaseModel `bun:"table:consoles"`

	ID         string `bun:",pk"`
	Hash       string // of the secret
	Subject    string // the user or token that alone may use it
	UserID     string
	ServerID   string
	ServerName string
	Project    string
	Type       provider.ConsoleType
	CreatedAt  time.Time
	OpenedAt   *time.Time
	ExpiresAt  time.Time // of the ticket; of an open console, unless it is looked at before
}

// Who asks for a ticket: Actor.ID is the user's or the token's.
type Who struct {
	resource.Actor
	UserID string
}

// Issue gives a ticket for a console of a running server to who, who must have been authorised. secret is kept nowhere.
func (d *Desk) Issue(ctx context.Context, who Who, server resource.Raw, console provider.ConsoleType) (t Ticket, secret string, err error) {
	if power := resource.Lookup(server, "status.power"); len(power) == 0 || power[0] != string(provider.PowerRunning) {
		return t, "", resource.Problemf(resource.ReasonConflict, "server", "start it with: plaza server start "+server.Name, "server %s does not run", server.Name)
	}
	secret = rand.Text()
	t = Ticket{ID: resource.NewID(), Hash: digest(secret), Subject: who.ID, UserID: who.UserID, ServerID: server.ID, ServerName: server.Name, Project: server.Project,
		Type: console, CreatedAt: now()}
	t.ExpiresAt = t.CreatedAt.Add(d.Limits.Ticket)
	err = d.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := d.room(ctx, tx, t); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&t).Exec(ctx); err != nil {
			return err
		}
		return audit(ctx, tx, who.Actor, t, "a ticket for the %s console", t.Type)
	})
	return t, secret, err
}

// room refuses a ticket when too many consoles are open or about to be.
func (d *Desk) room(ctx context.Context, tx bun.Tx, t Ticket) error {
	if d.DB.Dialect == store.Postgres { // two that count at a time would both find room
		if _, err := tx.ExecContext(ctx, "LOCK TABLE consoles IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return err
		}
	}
	if _, err := tx.NewDelete().Model((*Ticket)(nil)).Where("expires_at <= ?", t.CreatedAt).Exec(ctx); err != nil {
		return err
	}
	for _, bound := range []struct {
		most       int64
		where      string
		is         any
		whose, fix string
	}{
		{int64(d.Limits.PerUser), "user_id = ?", t.UserID, "you have", "close one of yours"},
		{int64(d.Limits.PerServer), "server_id = ?", t.ServerID, "server " + t.ServerName + " has", "wait until one is closed"},
		{int64(d.Limits.All), "id <> ?", t.ID, "there are", "try again later"},
	} {
		n, err := tx.NewSelect().Model((*Ticket)(nil)).Where(bound.where, bound.is).Count(ctx)
		if err != nil {
			return err
		}
		if n >= bound.most {
			return resource.Problemf(resource.ReasonConflict, "server", bound.fix, "%s %d consoles open, or asked for within the last minute", bound.whose, n)
		}
	}
	return nil
}

// Redeem uses a ticket up, if admit lets who, whom it tells by what, open its console: who has it open from now on, and
// serves or leaves it. A ticket that is unknown, used, over, or another's answers NotFound, in the same words.
func (d *Desk) Redeem(ctx context.Context, who *Who, secret string, admit func(context.Context, *resource.Actor, Ticket) error) (Ticket, error) {
	var t Ticket
	err := d.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		at := now()
		r, err := tx.NewUpdate().Model((*Ticket)(nil)).Set("opened_at = ?, expires_at = ?", at, at.Add(d.Limits.Lease)).
			Where("hash = ? AND subject = ? AND opened_at IS NULL AND expires_at > ?", digest(secret), who.ID, at).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return first(err, resource.Problemf(resource.ReasonNotFound, "console", "ask for a new one", "this ticket is unknown, was used, is over, or another user's"))
		}
		if err := tx.NewSelect().Model(&t).Where("hash = ?", digest(secret)).Scan(ctx); err != nil {
			return err
		}
		if err := admit(ctx, &who.Actor, t); err != nil { // it may have ended within the minute
			return err
		}
		return audit(ctx, tx, who.Actor, t, "opened the %s console", t.Type)
	})
	return t, err
}

// keep says that a console is open still; gone tells that it no longer counts as open.
func (d *Desk) keep(ctx context.Context, t Ticket) (gone bool, err error) {
	r, err := d.DB.Write.NewUpdate().Model((*Ticket)(nil)).Set("expires_at = ?", now().Add(d.Limits.Lease)).Where("id = ?", t.ID).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return err == nil && n == 0, err
}

// Leave says that a console is open no more.
func (d *Desk) Leave(ctx context.Context, who Who, t Ticket, why string) error {
	return d.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*Ticket)(nil)).Where("id = ?", t.ID).Exec(ctx); err != nil {
			return err
		}
		return audit(ctx, tx, who.Actor, t, "left the %s console: %s", t.Type, why)
	})
}

func audit(ctx context.Context, tx bun.Tx, actor resource.Actor, t Ticket, format string, args ...any) error {
	row := resource.Audit{ID: resource.NewID(), At: now(), Actor: actor.Name, Remote: actor.Remote, Granted: actor.Granted, Verb: verb, Kind: "server",
		ObjectID: t.ServerID, ObjectName: t.ServerName, Project: t.Project, Note: fmt.Sprintf(format, args...)}
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return err
}

func first(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// digest is what the database keeps of a secret; its 130 random bits need no slow hash.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
