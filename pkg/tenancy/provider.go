package tenancy

import (
	"context"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// ProviderType is how an identity provider is asked.
type ProviderType string

const (
	OIDC ProviderType = "oidc" // the browser is sent there
	LDAP ProviderType = "ldap" // names and passwords are checked there
)

// IdentityProvider knows users whose passwords are not kept here. It belongs to the whole installation.
type IdentityProvider struct {
	bun.BaseModel `bun:"table:identity_providers" json:"-"`

	ID        string        `bun:",pk" json:"id" format:"uuid"`
	Name      string        `json:"name"`
	Type      ProviderType  `json:"type" enum:"oidc,ldap"`
	Title     string        `json:"title,omitempty"`
	Disabled  bool          `json:"disabled" doc:"Lets nobody in; sessions go on"`
	Provision bool          `json:"provision" doc:"Makes the account of whoever comes for the first time"`
	Domains   []string      `json:"domains" nullable:"false" doc:"Lets in only those with a verified e-mail address in one of them; empty: everybody"`
	OIDC      *OIDCSettings `json:"oidc,omitempty"`
	LDAP      *LDAPSettings `json:"ldap,omitempty"`
	Groups    []GroupRole   `bun:"-" json:"groups" nullable:"false" doc:"Roles by group, renewed at each login"`
	Sealed    []byte        `json:"-"`
	CreatedAt time.Time     `json:"createdAt"`
	UpdatedAt time.Time     `json:"updatedAt"`
}

// GroupRole gives the members of a provider's group a role on a node.
type GroupRole struct {
	bun.BaseModel `bun:"table:identity_groups" json:"-"`

	ProviderID string `bun:",pk" json:"-"`
	Group      string `bun:"group_name,pk" json:"group" minLength:"1" maxLength:"255"`
	Role       Role   `bun:",pk" json:"role" minLength:"1" maxLength:"63" doc:"Built in, or the name of a custom role"`
	NodeID     string `bun:",pk" json:"-"`
	Node       string `bun:",scanonly" json:"node" doc:"Id or full name; empty for the root"`
}

// OIDCSettings are those of OpenID Connect's authorization code flow with PKCE.
type OIDCSettings struct {
	Issuer      string   `json:"issuer" minLength:"1" maxLength:"512" doc:"https://; http:// of this machine only"`
	ClientID    string   `json:"clientId" minLength:"1" maxLength:"255"`
	RedirectURL string   `json:"redirectUrl" minLength:"1" maxLength:"512" doc:"This installation's https://HOST/v1/login/oidc/callback, as the provider knows it"`
	Scopes      []string `json:"scopes,omitempty" maxItems:"20" doc:"openid, profile and email without any"`
	NameClaim   string   `json:"nameClaim,omitempty" maxLength:"63" doc:"preferred_username without it"`
	GroupsClaim string   `json:"groupsClaim,omitempty" maxLength:"63" doc:"groups without it"`
	CA          string   `json:"ca,omitempty" maxLength:"65536" doc:"Authorities of its certificate, in PEM; the system's without it"`
}

// LDAPSettings are those of a search for the entry, a bind as it, and a search for its groups.
type LDAPSettings struct {
	URL              string `json:"url" minLength:"1" maxLength:"512" doc:"ldaps://HOST or ldap://HOST, the latter with startTls or of this machine only"`
	StartTLS         bool   `json:"startTls,omitempty"`
	CA               string `json:"ca,omitempty" maxLength:"65536" doc:"Authorities of its certificate, in PEM; the system's without it"`
	BindDN           string `json:"bindDn,omitempty" maxLength:"512" doc:"Who searches, with the provider's secret as password; anonymous without it"`
	BaseDN           string `json:"baseDn" minLength:"1" maxLength:"512"`
	Filter           string `json:"filter,omitempty" maxLength:"512" doc:"Finds the entry of {name}; (uid={name}) without it"`
	SubjectAttribute string `json:"subjectAttribute,omitempty" maxLength:"63" doc:"Never changes and is never given to another; entryUUID without it"`
	NameAttribute    string `json:"nameAttribute,omitempty" maxLength:"63" doc:"uid without it"`
	EmailAttribute   string `json:"emailAttribute,omitempty" maxLength:"63" doc:"mail without it"`
	GroupBaseDN      string `json:"groupBaseDn,omitempty" maxLength:"512" doc:"baseDn without it"`
	GroupFilter      string `json:"groupFilter,omitempty" maxLength:"512" doc:"Finds the groups of {dn}, or of {name}; (member={dn}) without it"`
	GroupAttribute   string `json:"groupAttribute,omitempty" maxLength:"63" doc:"What a group is called by; cn without it"`
}

// NewIdentityProvider is what CreateIdentityProvider and UpdateIdentityProvider take: as a whole, but for the secret, which
// an update may leave out.
type NewIdentityProvider struct {
	Name      string        `json:"name" minLength:"1" maxLength:"63" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"`
	Title     string        `json:"title,omitempty" maxLength:"128"`
	Disabled  bool          `json:"disabled,omitempty"`
	Provision bool          `json:"provision,omitempty" doc:"Makes the account of whoever comes for the first time"`
	Domains   []string      `json:"domains,omitempty" maxItems:"50" doc:"Lets in only those with a verified e-mail address in one of them"`
	OIDC      *OIDCSettings `json:"oidc,omitempty" doc:"Either this"`
	LDAP      *LDAPSettings `json:"ldap,omitempty" doc:"or this"`
	Groups    []GroupRole   `json:"groups,omitempty" maxItems:"1000" doc:"Roles by group, renewed at each login"`
	Secret    string        `json:"secret,omitempty" maxLength:"1024" doc:"The client's secret, or the password of bindDn; kept sealed and never shown"`
}

// CreateIdentityProvider adds a provider.
func (s *Service) CreateIdentityProvider(ctx context.Context, actor resource.Actor, in NewIdentityProvider) (IdentityProvider, error) {
	if err := resource.Admit(ctx, s, &actor, "create", "identityprovider", ""); err != nil {
		return IdentityProvider{}, err
	}
	p := IdentityProvider{ID: resource.NewID(), CreatedAt: s.time()}
	if err := s.fillProvider(ctx, &p, in); err != nil {
		return p, err
	}
	return p, s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&p).Exec(ctx); err != nil {
			return providerError(err, p.Name)
		}
		return s.saveGroups(ctx, tx, actor, p, entry{verb: "create", after: p})
	})
}

// UpdateIdentityProvider replaces what a provider (id or name) is. Its secret stays when none is given, unless it would go
// to another server.
func (s *Service) UpdateIdentityProvider(ctx context.Context, actor resource.Actor, idOrName string, in NewIdentityProvider) (IdentityProvider, error) {
	if err := resource.Admit(ctx, s, &actor, "update", "identityprovider", ""); err != nil {
		return IdentityProvider{}, err
	}
	before, err := s.IdentityProvider(ctx, idOrName)
	if err != nil {
		return before, err
	}
	p := before
	if err := s.fillProvider(ctx, &p, in); err != nil {
		return p, err
	}
	switch {
	case p.Type != before.Type:
		return p, resource.Invalid("identityprovider", string(p.Type), nil, "can not replace %s; make another provider", before.Type)
	case in.Secret == "" && before.Sealed != nil && p.server() != before.server():
		return p, resource.Invalid("identityprovider", "secret", nil, "must be given anew, as it goes to another server")
	}
	return p, s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := row[IdentityProvider](ctx, s.lock(tx.NewSelect().Where("id = ?", p.ID))); err != nil {
			return noProvider(idOrName)
		}
		if _, err := tx.NewUpdate().Model(&p).ExcludeColumn("created_at").WherePK().Exec(ctx); err != nil {
			return providerError(err, p.Name)
		}
		if _, err := tx.NewDelete().Model((*GroupRole)(nil)).Where("provider_id = ?", p.ID).Exec(ctx); err != nil {
			return err
		}
		return s.saveGroups(ctx, tx, actor, p, entry{verb: "update", before: before, after: p})
	})
}

func (s *Service) saveGroups(ctx context.Context, tx bun.Tx, actor resource.Actor, p IdentityProvider, e entry) error {
	for i, g := range p.Groups {
		n, err := s.node(ctx, tx, g.NodeID)
		if err == nil {
			_, err = s.roleID(ctx, tx, g.Role, n)
		}
		if resource.ReasonOf(err) == resource.ReasonInvalid {
			return resource.Invalid("identityprovider", fmt.Sprintf("groups[%d].role", i), g.Role, "is no role there; see: plaza role list")
		}
		if err != nil {
			return err
		}
	}
	if len(p.Groups) > 0 {
		if _, err := tx.NewInsert().Model(&p.Groups).Exec(ctx); err != nil {
			return err
		}
	}
	e.kind, e.id, e.name = "identityprovider", p.ID, p.Name
	return s.audit(ctx, tx, actor, e)
}

func providerError(err error, name string) error {
	if _, dup := store.UniqueViolation(err); dup {
		return resource.Problemf(resource.ReasonAlreadyExists, "identityprovider", "choose another name", "there is already an identity provider %q: %w", name, err)
	}
	return err
}

// DeleteIdentityProvider removes a provider of no users.
func (s *Service) DeleteIdentityProvider(ctx context.Context, actor resource.Actor, idOrName string) error {
	if err := resource.Admit(ctx, s, &actor, "delete", "identityprovider", ""); err != nil {
		return err
	}
	p, err := s.IdentityProvider(ctx, idOrName)
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := row[IdentityProvider](ctx, s.lock(tx.NewSelect().Where("id = ?", p.ID))); err != nil {
			return noProvider(idOrName)
		}
		users, err := rows[User](ctx, tx.NewSelect().Where("provider_id = ?", p.ID).OrderExpr("name").Limit(20))
		if err != nil {
			return err
		}
		if len(users) > 0 {
			out := resource.Problemf(resource.ReasonInUse, "identityprovider", "delete its users first, or disable it", "users sign in by %s", p.Name)
			for _, u := range users {
				out.Candidates = append(out.Candidates, resource.Candidate{Name: "user " + u.Name, Reason: string(resource.ReasonInUse), Detail: "has no other way in"})
			}
			return out
		}
		if _, err := tx.NewDelete().Model(&p).WherePK().Exec(ctx); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, entry{verb: "delete", kind: "identityprovider", id: p.ID, name: p.Name, before: p})
	})
}

// IdentityProvider finds a provider by id or name. It does not authorise.
func (s *Service) IdentityProvider(ctx context.Context, idOrName string) (IdentityProvider, error) {
	if !textual(idOrName) || idOrName == "" {
		return IdentityProvider{}, noProvider(idOrName)
	}
	q := s.db.Read.NewSelect().Where("name = ?", idOrName)
	if id, err := uuid.Parse(idOrName); err == nil {
		q = s.db.Read.NewSelect().Where("id = ?", id.String())
	}
	p, err := row[IdentityProvider](ctx, q)
	if errors.Is(err, sql.ErrNoRows) {
		return p, noProvider(idOrName)
	}
	if err != nil {
		return p, err
	}
	one := []IdentityProvider{p}
	err = s.withGroups(ctx, one)
	return one[0], err
}

func noProvider(idOrName string) error {
	return resource.Problemf(resource.ReasonNotFound, "identityprovider", "see: plaza identity-provider list", "there is no identity provider %q", idOrName)
}

// IdentityProviders returns all of a type, or of both, by name. It does not authorise.
func (s *Service) IdentityProviders(ctx context.Context, t ProviderType) ([]IdentityProvider, error) {
	q := s.db.Read.NewSelect().OrderExpr("name")
	if t != "" {
		q = q.Where("type = ?", t)
	}
	out, err := rows[IdentityProvider](ctx, q)
	if err != nil {
		return nil, err
	}
	return out, s.withGroups(ctx, out)
}

func (s *Service) withGroups(ctx context.Context, providers []IdentityProvider) error {
	groups, err := rows[GroupRole](ctx, s.db.Read.NewSelect().ModelTableExpr("identity_groups AS g").Join("JOIN nodes AS n ON n.id = g.node_id").
		ColumnExpr("g.*, n.full_name AS node").OrderExpr("g.group_name, n.full_name, g.role"))
	of := map[string][]GroupRole{}
	for _, g := range groups {
		of[g.ProviderID] = append(of[g.ProviderID], g)
	}
	for i := range providers {
		p := &providers[i]
		p.Groups = append([]GroupRole{}, of[p.ID]...)
	}
	return err
}

// holdProvider keeps a provider, "" being none, from being removed before the transaction ends.
func (s *Service) holdProvider(ctx context.Context, tx bun.Tx, id string) error {
	if id == "" {
		return nil
	}
	_, err := row[IdentityProvider](ctx, s.share(tx.NewSelect().Where("id = ?", id)))
	if errors.Is(err, sql.ErrNoRows) {
		return noProvider(id)
	}
	return err
}

// fillProvider checks in and takes it over.
func (s *Service) fillProvider(ctx context.Context, p *IdentityProvider, in NewIdentityProvider) error {
	if err := s.sealed(); err != nil {
		return err
	}
	if err := problemOf(resource.Problem{Reason: resource.ReasonInvalid, Kind: "identityprovider", Detail: "the identity provider is not valid", Fields: in.fields()}); err != nil {
		return err
	}
	p.Name, p.Title, p.Disabled, p.Provision, p.OIDC, p.LDAP, p.UpdatedAt = in.Name, in.Title, in.Disabled, in.Provision, in.OIDC, in.LDAP, s.time()
	p.Domains, p.Type = []string{}, OIDC
	for _, d := range in.Domains {
		p.Domains = append(p.Domains, strings.ToLower(d))
	}
	if in.LDAP != nil {
		p.Type = LDAP
		if s.directory == nil {
			return resource.Problemf(resource.ReasonUnavailable, "identityprovider", "", "there is nothing here that speaks LDAP")
		}
		if err := s.directory.Check(*in.LDAP); err != nil {
			return err
		}
	}
	if in.Secret != "" {
		sealed, err := s.sealer.Seal(p.ID, []byte(in.Secret))
		if err != nil {
			return err
		}
		p.Sealed = sealed
	}
	return s.fillGroups(ctx, p, in.Groups)
}

func (s *Service) fillGroups(ctx context.Context, p *IdentityProvider, groups []GroupRole) error {
	p.Groups = []GroupRole{}
	for i, g := range groups {
		at := fmt.Sprintf("groups[%d].", i)
		if g.Group == "" || len(g.Group) > 255 || !textual(g.Group) {
			return resource.Invalid("identityprovider", at+"group", nil, "must be one line of 1 to 255 bytes")
		}
		n, err := s.Node(ctx, g.Node)
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			return resource.Invalid("identityprovider", at+"node", printable(g.Node, 255), "is no node")
		}
		if err != nil {
			return err
		}
		g.ProviderID, g.NodeID, g.Node = p.ID, n.ID, n.FullName
		if !slices.ContainsFunc(p.Groups, func(o GroupRole) bool { return o.Group == g.Group && o.Role == g.Role && o.NodeID == g.NodeID }) {
			p.Groups = append(p.Groups, g)
		}
	}
	return nil
}

var (
	domain  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)
	oneWord = regexp.MustCompile(`^[!-~]{1,255}$`)
)

// callback is where a provider sends browsers back to.
const callback = "/v1/login/oidc/callback"

func (in NewIdentityProvider) fields() []resource.Field {
	out := slices.Concat(nameFields(in.Name), titleFields(in.Title))
	add := func(bad bool, path, message string) {
		if bad {
			out = append(out, resource.Field{Path: path, Message: message})
		}
	}
	add((in.OIDC == nil) == (in.LDAP == nil), "oidc", "either this or ldap must be given")
	add(slices.ContainsFunc(in.Domains, func(d string) bool { return !domain.MatchString(d) }), "domains", "must be names such as example.net")
	if o := in.OIDC; o != nil {
		add(!guarded(o.Issuer), "oidc.issuer", "must be an https:// address; http:// is for this machine only")
		add(!guarded(o.RedirectURL) || !strings.HasSuffix(o.RedirectURL, callback), "oidc.redirectUrl", "must be this installation's https:// address and end in "+callback)
		add(!oneWord.MatchString(o.ClientID), "oidc.clientId", "must be one word")
		for _, word := range slices.Concat(o.Scopes, []string{o.NameClaim, o.GroupsClaim}) {
			add(word != "" && !oneWord.MatchString(word), "oidc.scopes", "scopes and claims must be words")
		}
		add(badAuthorities(o.CA), "oidc.ca", "is no certificate in PEM")
	}
	if l := in.LDAP; l != nil {
		u, err := url.Parse(l.URL)
		ok := err == nil && u.Host != "" && (u.Scheme == "ldaps" || u.Scheme == "ldap" && (l.StartTLS || loopback(u.Hostname())))
		add(!ok, "ldap.url", "must be ldaps://HOST, or ldap://HOST with startTls; without it for this machine only")
		add(!strings.Contains(l.Filter, "{name}") && l.Filter != "", "ldap.filter", "must contain {name}")
		add(badAuthorities(l.CA), "ldap.ca", "is no certificate in PEM")
	}
	return out
}

func badAuthorities(pem string) bool {
	return pem != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(pem))
}

// guarded tells whether what is sent to an address can not be read on the way.
func guarded(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()))
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// server is who sees the secret.
func (p IdentityProvider) server() string {
	if p.LDAP != nil {
		return fmt.Sprint(p.LDAP.URL, p.LDAP.StartTLS, p.LDAP.CA)
	}
	return p.OIDC.Issuer + p.OIDC.CA
}

// secretOf opens a provider's secret.
func (s *Service) secretOf(p IdentityProvider) (string, error) {
	if p.Sealed == nil {
		return "", nil
	}
	if err := s.sealed(); err != nil {
		return "", err
	}
	plain, err := s.sealer.Open(p.ID, p.Sealed)
	return string(plain), err
}
