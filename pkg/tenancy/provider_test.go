package tenancy

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// corp adds an OIDC provider with roles by group.
func (s *site) corp(t testing.TB, groups ...GroupRole) IdentityProvider {
	t.Helper()
	p, err := s.CreateIdentityProvider(t.Context(), s.admin, corp(groups...))
	require.NoError(t, err)
	return p
}

func corp(groups ...GroupRole) NewIdentityProvider {
	return NewIdentityProvider{Name: "corp", Provision: true, Secret: "client's secret", Groups: groups,
		OIDC: &OIDCSettings{Issuer: "https://id.example.net", ClientID: "plaza", RedirectURL: "https://plaza.example.net" + callback}}
}

func (s *site) granted(t testing.TB, name string) string {
	t.Helper()
	list, err := s.Bindings(t.Context(), BindingFilter{User: name})
	require.NoError(t, err)
	var out []string
	for _, b := range list {
		out = append(out, string(b.Role)+" "+b.NodeName)
	}
	return strings.Join(out, ", ")
}

func TestRolesFollowGroups(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		p := s.corp(t, GroupRole{Group: "tills", Role: Member, Node: brand}, GroupRole{Group: "tills", Role: Reader, Node: "freshfoods/south"},
			GroupRole{Group: "audit", Role: Reader, Node: "freshfoods"}, GroupRole{Group: "also", Role: Reader, Node: "freshfoods"})
		enter := func(groups ...string) string {
			t.Helper()
			u, err := s.Admit(t.Context(), p, Identity{Subject: "1", Name: "Ann.Lee@Example.net", Email: "ann@example.net", Groups: groups}, "192.0.2.1")
			require.NoError(t, err)
			require.Equal(t, "ann.lee", u.Name)
			return s.granted(t, "ann.lee")
		}
		require.Empty(t, enter())
		require.Empty(t, enter("no such group", "'; DROP TABLE users; --"))
		require.Equal(t, "member "+brand+", reader freshfoods/south", enter("tills"))
		require.Equal(t, "reader freshfoods", enter("audit", "also"))
		_, err := s.Bind(t.Context(), s.admin, "ann.lee", Reader, "freshfoods")
		require.NoError(t, err)
		require.Equal(t, "reader freshfoods", enter(), "what was bound here stays")
		made := s.notes(t, "create")
		require.Equal(t, "identity provider corp", made[len(made)-1].Granted)
		_, err = s.Admit(t.Context(), p, Identity{Subject: "2", Name: "ann.lee"}, "")
		requireReason(t, resource.ReasonAlreadyExists, err) // another person by her name
		_, err = s.Admit(t.Context(), p, Identity{Subject: "3", Name: AdminName, Groups: []string{"tills"}}, "")
		requireReason(t, resource.ReasonAlreadyExists, err)
		_, err = s.Admit(t.Context(), p, Identity{Subject: "", Name: "x"}, "")
		requireReason(t, resource.ReasonForbidden, err)
		_, err = s.Admit(t.Context(), p, Identity{Subject: "4", Name: "茶叶"}, "")
		requireReason(t, resource.ReasonInvalid, err)
	})
}

// TestSomebodyComesTwiceAtOnce for the first time, and is made once with each role once.
func TestSomebodyComesTwiceAtOnce(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		p := s.corp(t, GroupRole{Group: "tills", Role: Member, Node: brand})
		var wg sync.WaitGroup
		users, errs := make([]User, 5), make([]error, 5)
		for i := range users {
			wg.Go(func() {
				users[i], errs[i] = s.Admit(t.Context(), p, Identity{Subject: "1", Name: "ann", Groups: []string{"tills"}}, "")
			})
		}
		wg.Wait()
		for i := range users {
			require.NoError(t, errs[i])
			require.Equal(t, users[0].ID, users[i].ID)
		}
		require.Equal(t, "member "+brand, s.granted(t, "ann"))
	})
}

// TestTheLastAdministratorStays though the provider takes the group away.
func TestTheLastAdministratorStays(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		p := s.corp(t, GroupRole{Group: "admins", Role: Admin, Node: "/"})
		ann := Identity{Subject: "1", Name: "ann", Groups: []string{"admins"}}
		_, err := s.Admit(t.Context(), p, ann, "")
		require.NoError(t, err)
		require.NoError(t, s.DeleteUser(t.Context(), s.admin, AdminName))
		ann.Groups = nil
		_, err = s.Admit(t.Context(), p, ann, "")
		requireReason(t, resource.ReasonConflict, err)
		require.Equal(t, "admin ", s.granted(t, "ann"))
	})
}

func TestAttempt(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		p := s.corp(t)
		begin := func(port int) Errand {
			t.Helper()
			e, err := s.BeginAttempt(t.Context(), NewAttempt{Provider: "corp", Browser: "mine", Port: port, Challenge: Challenge("v")})
			require.NoError(t, err)
			require.Equal(t, "client's secret", e.Secret)
			return e
		}
		resume := func(state, browser string) (Attempt, error) {
			a, _, err := s.ResumeAttempt(t.Context(), state, browser)
			return a, err
		}
		e := begin(0)
		_, err := resume(e.State, "theirs")
		requireReason(t, resource.ReasonUnauthenticated, err)
		a, err := resume(e.State, "mine")
		require.NoError(t, err, "that another browser tried takes nothing away")
		require.Equal(t, e.Nonce, a.Nonce)
		_, err = resume(e.State, "mine")
		requireReason(t, resource.ReasonUnauthenticated, err)
		e = begin(0)
		s.clock.Advance(attemptFor)
		_, err = resume(e.State, "mine")
		requireReason(t, resource.ReasonUnauthenticated, err)

		u, err := s.Admit(t.Context(), p, Identity{Subject: "1", Name: "ann"}, "")
		require.NoError(t, err)
		a, err = resume(begin(5000).State, "mine")
		require.NoError(t, err)
		ticket, err := s.Ticket(t.Context(), a, u)
		require.NoError(t, err)
		_, err = resume(ticket, "")
		requireReason(t, resource.ReasonUnauthenticated, err)
		redeem := func(ticket, verifier string) error {
			_, _, err := s.Redeem(t.Context(), ticket, verifier, "192.0.2.1", "")
			return err
		}
		requireReason(t, resource.ReasonUnauthenticated, redeem(ticket, "w"))
		require.NoError(t, redeem(ticket, "v"))
		requireReason(t, resource.ReasonUnauthenticated, redeem(ticket, "v"))
		require.Equal(t, "by corp", s.notes(t, "login")[1].Note)
		ticket, err = s.Ticket(t.Context(), a, u)
		require.NoError(t, err)
		s.clock.Advance(ticketFor)
		requireReason(t, resource.ReasonUnauthenticated, redeem(ticket, "v"))

		in := corp()
		in.Disabled = true
		_, err = s.UpdateIdentityProvider(t.Context(), s.admin, "corp", in)
		require.NoError(t, err)
		_, err = s.BeginAttempt(t.Context(), NewAttempt{Provider: "corp"})
		requireReason(t, resource.ReasonNotFound, err)
	})
}

func TestIdentityProvider(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		for _, who := range []string{member, "cloud-operator", "dailymart-reader"} {
			_, err := s.CreateIdentityProvider(t.Context(), s.login(t, who).Actor, corp())
			requireReason(t, resource.ReasonForbidden, err)
		}
		for path, change := range map[string]func(*NewIdentityProvider){
			"name":             func(in *NewIdentityProvider) { in.Name = "Corp" },
			"oidc":             func(in *NewIdentityProvider) { in.OIDC = nil },
			"oidc.issuer":      func(in *NewIdentityProvider) { in.OIDC.Issuer = "http://id.example.net" },
			"oidc.redirectUrl": func(in *NewIdentityProvider) { in.OIDC.RedirectURL = "https://plaza.example.net/" },
			"oidc.clientId":    func(in *NewIdentityProvider) { in.OIDC.ClientID = "a b" },
			"oidc.ca":          func(in *NewIdentityProvider) { in.OIDC.CA = "nonsense" },
			"domains":          func(in *NewIdentityProvider) { in.Domains = []string{"@example.net"} },
			"ldap.url": func(in *NewIdentityProvider) {
				in.OIDC, in.LDAP = nil, &LDAPSettings{URL: "ldap://ldap.example.net", BaseDN: "dc=x"}
			},
			"ldap.filter": func(in *NewIdentityProvider) {
				in.OIDC, in.LDAP = nil, &LDAPSettings{URL: "ldaps://x", BaseDN: "dc=x", Filter: "(uid=admin)"}
			},
			"groups[0].role":  func(in *NewIdentityProvider) { in.Groups = []GroupRole{{Group: "g", Role: Subscriber}} },
			"groups[0].node":  func(in *NewIdentityProvider) { in.Groups = []GroupRole{{Group: "g", Role: Reader, Node: "nowhere"}} },
			"groups[0].group": func(in *NewIdentityProvider) { in.Groups = []GroupRole{{Role: Reader}} },
		} {
			in := corp()
			change(&in)
			_, err := s.CreateIdentityProvider(t.Context(), s.admin, in)
			requireReason(t, resource.ReasonInvalid, err)
			require.Equal(t, path, problem(t, err).Fields[0].Path)
		}
		s.corp(t, GroupRole{Group: "g", Role: Reader, Node: brand}, GroupRole{Group: "g", Role: Reader, Node: brand})
		_, err := s.CreateIdentityProvider(t.Context(), s.admin, corp())
		requireReason(t, resource.ReasonAlreadyExists, err)
		got, err := s.IdentityProvider(t.Context(), "corp")
		require.NoError(t, err)
		require.Len(t, got.Groups, 1)
		require.Equal(t, brand, got.Groups[0].Node)
		in := corp()
		in.Secret, in.OIDC.Issuer = "", "https://elsewhere.example.net"
		_, err = s.UpdateIdentityProvider(t.Context(), s.admin, "corp", in)
		requireReason(t, resource.ReasonInvalid, err)
		in = corp()
		in.Secret, in.Title = "", "Corporate"
		_, err = s.UpdateIdentityProvider(t.Context(), s.admin, "corp", in)
		require.NoError(t, err)
		got, err = s.IdentityProvider(t.Context(), got.ID)
		require.NoError(t, err)
		require.Empty(t, got.Groups)
		secret, err := s.secretOf(got)
		require.NoError(t, err)
		require.Equal(t, "client's secret", secret)
		require.NoError(t, s.DeleteIdentityProvider(t.Context(), s.admin, "corp"))
		requireReason(t, resource.ReasonNotFound, s.DeleteIdentityProvider(t.Context(), s.admin, "corp"))
	})
}

// TestNothingOfIdentityIsKeptInTheClear, neither in tables nor in the audit.
func TestNothingOfIdentityIsKeptInTheClear(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.SQLite))
	key, recovery := s.enrolled(t, member)
	_, invitation, err := s.Invite(t.Context(), s.admin, NewInvitation{Role: Reader, Node: brand})
	require.NoError(t, err)
	s.corp(t)
	e, err := s.BeginAttempt(t.Context(), NewAttempt{Provider: "corp", Browser: "what the cookie holds"})
	require.NoError(t, err)
	hidden := []string{key, invitation, e.State, "client's secret", "what the cookie holds", recovery[0], strings.ReplaceAll(recovery[0], "-", "")}
	var tables []string
	require.NoError(t, s.db.Read.NewSelect().Table("sqlite_master").Column("name").Where("type = 'table'").Scan(t.Context(), &tables))
	require.Contains(t, tables, "second_factors")
	for _, table := range tables {
		var dump []map[string]any
		require.NoError(t, s.db.Read.NewSelect().Table(table).Scan(context.Background(), &dump))
		for _, row := range dump {
			for column, v := range row {
				text, _ := v.(string)
				if raw, ok := v.([]byte); ok {
					text = string(raw)
				}
				for _, h := range hidden {
					require.NotContains(t, text, h, "%s.%s", table, column)
				}
			}
		}
	}
}
