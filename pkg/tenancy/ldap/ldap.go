// Package ldap lets users sign in by a directory: a search for the entry, a bind as it, and a search for its groups.
package ldap

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

const (
	// patience is how long a directory may take for one answer.
	patience = 5 * time.Second
	// maxGroups bounds how many groups of one user are read.
	maxGroups = 1000
)

// Directory implements tenancy.Directory. The zero value is ready.
type Directory struct{}

var _ tenancy.Directory = Directory{}

// Check refuses filters and names that are none.
func (Directory) Check(s tenancy.LDAPSettings) error {
	for path, filter := range map[string]string{"filter": filterOf(s, "name"), "groupFilter": groupFilterOf(s, "cn=dn", "name")} {
		if _, err := ldap.CompileFilter(filter); err != nil {
			return resource.Invalid("identityprovider", "ldap."+path, nil, "is no filter: %s", err)
		}
	}
	for path, dn := range map[string]string{"bindDn": s.BindDN, "baseDn": s.BaseDN, "groupBaseDn": s.GroupBaseDN} {
		if _, err := ldap.ParseDN(dn); err != nil {
			return resource.Invalid("identityprovider", "ldap."+path, dn, "is no distinguished name: %s", err)
		}
	}
	return nil
}

// What is typed in may not widen a filter.
func filterOf(s tenancy.LDAPSettings, name string) string {
	return strings.ReplaceAll(cmp.Or(s.Filter, "(uid={name})"), "{name}", ldap.EscapeFilter(name))
}

func groupFilterOf(s tenancy.LDAPSettings, dn, name string) string {
	return strings.NewReplacer("{dn}", ldap.EscapeFilter(dn), "{name}", ldap.EscapeFilter(name)).Replace(cmp.Or(s.GroupFilter, "(member={dn})"))
}

// Identify implements tenancy.Directory.
func (Directory) Identify(ctx context.Context, s tenancy.LDAPSettings, secret, name, password string) (tenancy.Identity, error) {
	if password == "" { // a bind without a password succeeds as nobody
		return tenancy.Identity{}, unknown()
	}
	conn, err := dial(ctx, s)
	if err != nil {
		return tenancy.Identity{}, err
	}
	defer conn.Close() //nolint:errcheck // all was asked
	if err := bindSearcher(conn, s, secret); err != nil {
		return tenancy.Identity{}, err
	}
	entry, err := find(conn, s, name)
	if err != nil {
		return tenancy.Identity{}, err
	}
	if err := conn.Bind(entry.DN, password); err != nil {
		if ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultUnwillingToPerform,
			ldap.LDAPResultConstraintViolation, ldap.LDAPResultInsufficientAccessRights) {
			return tenancy.Identity{}, unknown()
		}
		return tenancy.Identity{}, err
	}
	if err := bindSearcher(conn, s, secret); err != nil { // users may not see their groups
		return tenancy.Identity{}, err
	}
	groups, err := groupsOf(conn, s, entry)
	if err != nil {
		return tenancy.Identity{}, err
	}
	return tenancy.Identity{Subject: subject(entry, s), Name: entry.GetAttributeValue(nameAttribute(s)),
		Email: entry.GetAttributeValue(cmp.Or(s.EmailAttribute, "mail")), Verified: true, Groups: groups}, nil
}

func nameAttribute(s tenancy.LDAPSettings) string    { return cmp.Or(s.NameAttribute, "uid") }
func subjectAttribute(s tenancy.LDAPSettings) string { return cmp.Or(s.SubjectAttribute, "entryUUID") }

func unknown() error {
	return resource.Problemf(resource.ReasonUnauthenticated, "user", "", "the directory knows no such name and password")
}

func dial(ctx context.Context, s tenancy.LDAPSettings) (*ldap.Conn, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Hostname()}
	if s.CA != "" {
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM([]byte(s.CA)) // they were checked when they were set
	}
	timeout := patience
	if until, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(until))
	}
	conn, err := ldap.DialURL(s.URL, ldap.DialWithDialer(&net.Dialer{Timeout: timeout}), ldap.DialWithTLSConfig(config))
	if err != nil {
		return nil, err
	}
	conn.SetTimeout(timeout)
	if u.Scheme == "ldap" && s.StartTLS {
		if err := conn.StartTLS(config); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

func bindSearcher(conn *ldap.Conn, s tenancy.LDAPSettings, secret string) error {
	var err error
	if s.BindDN == "" {
		err = conn.UnauthenticatedBind("")
	} else {
		err = conn.Bind(s.BindDN, secret)
	}
	if err != nil {
		return fmt.Errorf("bind as %q to search: %w", s.BindDN, err)
	}
	return nil
}

// find returns the one entry of a name; a name of several is nobody's.
func find(conn *ldap.Conn, s tenancy.LDAPSettings, name string) (*ldap.Entry, error) {
	attributes := []string{subjectAttribute(s), nameAttribute(s), cmp.Or(s.EmailAttribute, "mail")}
	found, err := conn.Search(ldap.NewSearchRequest(s.BaseDN, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 2, int(patience.Seconds()), false,
		filterOf(s, name), attributes, nil))
	if ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) {
		return nil, unknown()
	}
	if err != nil {
		return nil, fmt.Errorf("search for a user: %w", err)
	}
	if len(found.Entries) != 1 {
		return nil, unknown()
	}
	return found.Entries[0], nil
}

// subject is what an entry is known by for good; Active Directory's is bytes.
func subject(e *ldap.Entry, s tenancy.LDAPSettings) string {
	raw := e.GetRawAttributeValue(subjectAttribute(s))
	if strings.EqualFold(subjectAttribute(s), "objectGUID") || !utf8.Valid(raw) {
		return hex.EncodeToString(raw)
	}
	return string(raw)
}

func groupsOf(conn *ldap.Conn, s tenancy.LDAPSettings, e *ldap.Entry) ([]string, error) {
	attribute := cmp.Or(s.GroupAttribute, "cn")
	found, err := conn.Search(ldap.NewSearchRequest(cmp.Or(s.GroupBaseDN, s.BaseDN), ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, maxGroups, int(patience.Seconds()), false,
		groupFilterOf(s, e.DN, e.GetAttributeValue(nameAttribute(s))), []string{attribute}, nil))
	if err != nil {
		return nil, fmt.Errorf("search for groups: %w", err)
	}
	var out []string
	for _, g := range found.Entries {
		if name := g.GetAttributeValue(attribute); name != "" {
			out = append(out, name)
		}
	}
	return out, nil
}
