// Package host knows the hosts: how one enrols, whether it is alive, and what changed on it behind Plaza's back.
package host

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nkeys"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	tokenPrefix = "plzh_"
	tokenLife   = time.Hour
	answerTime  = 3 * time.Second // the bus and drivers wait for answers about hosts
)

// EnrolToken lets one host enrol, once, within an hour.
type EnrolToken struct {
	bun.BaseModel `bun:"table:enrol_tokens" json:"-"`

	ID        string     `bun:",pk" json:"id"`
	Hash      string     `json:"-"`
	Site      string     `json:"site"`
	Name      string     `json:"name,omitempty"`
	CreatedBy string     `json:"createdBy"`
	CreatedAt time.Time  `json:"createdAt"`
	ExpiresAt time.Time  `json:"expiresAt"`
	UsedBy    string     `json:"usedBy,omitempty"`
	UsedAt    *time.Time `json:"usedAt,omitempty"`
}

// Registry enrols hosts and tells the bus who they are.
type Registry struct {
	objects *resource.Store
	busURL  func() string
	busCA   func() []byte

	mu    sync.Mutex
	known map[string]string // key → host id, as the database last said
}

// NewRegistry returns a registry; busURL and busCA tell agents where the bus is.
func NewRegistry(objects *resource.Store, busURL func() string, busCA func() []byte) *Registry {
	return &Registry{objects: objects, busURL: busURL, busCA: busCA, known: map[string]string{}}
}

// CreateToken makes a token for a host of a site, named name if that is given; its secret is shown this once.
func (g *Registry) CreateToken(ctx context.Context, actor resource.Actor, site, name string, life time.Duration) (t EnrolToken, secret string, err error) {
	if !siteName.MatchString(site) {
		return t, "", resource.Invalid("host", "site", site, "1 to 63 lower-case letters, digits and dashes")
	}
	if life == 0 {
		life = tokenLife
	}
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return t, "", err
	}
	secret = tokenPrefix + base64.RawURLEncoding.EncodeToString(random)
	now := time.Now().UTC()
	t = EnrolToken{ID: resource.NewID(), Hash: digest(secret), Site: site, Name: name, CreatedBy: actor.Name, CreatedAt: now, ExpiresAt: now.Add(life)}
	_, err = g.objects.DB().Write.NewInsert().Model(&t).Exec(ctx)
	return t, secret, err
}

var siteName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Enrol gives a host its id. The same token with the same key answers the same again, as the first answer may have been lost.
func (g *Registry) Enrol(ctx context.Context, in kvm.EnrolRequest) (kvm.EnrolResponse, error) {
	if !nkeys.IsValidPublicUserKey(in.PublicKey) {
		return kvm.EnrolResponse{}, resource.Invalid("host", "publicKey", in.PublicKey, "is not a public nkey of a user")
	}
	token, err := g.redeem(ctx, in.Token, in.PublicKey)
	if err != nil {
		return kvm.EnrolResponse{}, err
	}
	o, err := g.byKey(ctx, in.PublicKey)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		if time.Now().After(token.ExpiresAt) {
			return kvm.EnrolResponse{}, refusedToken() // the host was deleted: its old token does not bring it back
		}
		o, err = g.create(ctx, token, in)
	}
	if err != nil {
		return kvm.EnrolResponse{}, err
	}
	return kvm.EnrolResponse{HostID: o.ID, BusURL: g.busURL(), BusCA: string(g.busCA()), Time: time.Now().UTC()}, nil
}

func (g *Registry) redeem(ctx context.Context, secret, key string) (EnrolToken, error) {
	var t EnrolToken
	refused := refusedToken()
	err := g.objects.DB().Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		err := tx.NewSelect().Model(&t).Where("hash = ?", digest(secret)).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return refused
		}
		if err != nil {
			return err
		}
		if t.UsedBy == key {
			return nil // whether it may still make a host, the caller finds out
		}
		now := time.Now().UTC()
		if t.UsedBy != "" || now.After(t.ExpiresAt) {
			return refused
		}
		res, err := tx.NewUpdate().Model(&t).Set("used_by = ?", key).Set("used_at = ?", now).WherePK().Where("used_by = ''").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, refused)
		}
		return nil
	})
	return t, err
}

func refusedToken() *resource.Problem {
	return resource.Problemf(resource.ReasonUnauthenticated, "host", "make a new one with: plaza host enrol-token", "the enrolment token is unknown, expired, or was used by another host")
}

func (g *Registry) create(ctx context.Context, token EnrolToken, in kvm.EnrolRequest) (resource.Raw, error) {
	spec, err := json.Marshal(kinds.HostSpec{Site: token.Site, Schedulable: true, Roles: in.Roles, PublicKey: in.PublicKey})
	if err != nil {
		return resource.Raw{}, err
	}
	name := hostName(cmp.Or(token.Name, in.Name))
	a, err := g.objects.Apply(ctx, resource.Request{Kind: "host", Name: name, Spec: spec, Mode: resource.CreateOnly, Actor: resource.System("enrolment"), Verb: "enrol"})
	if resource.ReasonOf(err) == resource.ReasonAlreadyExists {
		return resource.Raw{}, resource.Problemf(resource.ReasonAlreadyExists, "host", "delete the old host first, or enrol under another --name", "a host named %s is enrolled with another key", name)
	}
	return a.Object, err
}

var unnameable = regexp.MustCompile(`[^a-z0-9.-]+`)

func hostName(suggested string) string {
	name := strings.Trim(unnameable.ReplaceAllString(strings.ToLower(suggested), "-"), "-.")
	if name == "" {
		return "host"
	}
	return strings.Trim(name[:min(len(name), 63)], "-.")
}

// Authorize tells the bus what the holder of a key may do. The bus asks again and again about those it has let in; while
// the database does not answer, what it said last holds, so that its outage cuts no host off.
func (g *Registry) Authorize(key string) (bus.Permissions, bool) {
	id, ok := g.hostOf(key)
	if !ok {
		return bus.Permissions{}, false
	}
	p, err := bus.HostPermissions(id)
	return p, err == nil
}

func (g *Registry) hostOf(key string) (id string, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	o, err := g.byKey(ctx, key)
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case err == nil && o.DeletingAt == nil:
		g.known[key] = o.ID
	case err == nil, resource.ReasonOf(err) == resource.ReasonNotFound:
		delete(g.known, key)
	}
	id, ok = g.known[key]
	return id, ok
}

// Enrolled tells whether there is a host by this id; when the database does not answer, there may be.
func (g *Registry) Enrolled(id string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	_, err := g.objects.View(resource.Everything).Get(ctx, "host", "", id)
	return resource.ReasonOf(err) != resource.ReasonNotFound
}

func (g *Registry) byKey(ctx context.Context, key string) (resource.Raw, error) {
	page, err := g.objects.View(resource.Everything).List(ctx, resource.Query{Kind: "host", Fields: map[string]string{"spec.publicKey": key}, Limit: 1})
	if err != nil {
		return resource.Raw{}, fmt.Errorf("find host by key: %w", err)
	}
	if len(page.Items) == 0 {
		return resource.Raw{}, resource.Problemf(resource.ReasonNotFound, "host", "", "no host has this key")
	}
	return page.Items[0], nil
}
