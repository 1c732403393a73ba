package ldap_test

import (
	"os"
	"slices"
	"testing"
	"time"

	directories "github.com/go-ldap/ldap/v3"
	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
	"github.com/plazacloud/plaza/pkg/tenancy/ldap"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		storetest.Stop()
		os.Exit(code)
	}))
}

func TestIdentify(t *testing.T) {
	d := startSlapd(t)
	safe, plain, upgraded := d.settings(), d.settings(), d.settings()
	plain.URL, plain.CA = "ldap://"+d.plain, ""
	upgraded.URL, upgraded.StartTLS = "ldap://"+d.plain, true
	for name, s := range map[string]tenancy.LDAPSettings{"ldaps": safe, "on this machine": plain, "StartTLS": upgraded} {
		t.Run(name, func(t *testing.T) {
			id, err := ldap.Directory{}.Identify(t.Context(), s, searchers, "ann.lee", pass)
			require.NoError(t, err)
			slices.Sort(id.Groups)
			require.Regexp(t, `^[0-9a-f-]{36}$`, id.Subject)
			id.Subject = ""
			require.Equal(t, tenancy.Identity{Name: "Ann.Lee", Email: "ann@example.net", Verified: true, Groups: []string{"auditors", "tills"}}, id)
		})
	}
	// Names are names, whatever stands in them; nobody is let in without a password, or by a name of two.
	for _, c := range [][2]string{{"bob", "wrong"}, {"bob", ""}, {"nobody", pass}, {"*", pass}, {"b*", pass}, {"bob)(uid=*", pass}, {"*)(objectClass=*", pass},
		{"bob\x00", pass}, {`\2a`, pass}, {"twin", pass}, {"", pass}} {
		_, err := ldap.Directory{}.Identify(t.Context(), safe, searchers, c[0], c[1])
		require.Equal(t, resource.ReasonUnauthenticated, resource.ReasonOf(err), "%q: %v", c, err)
	}
	byName := safe
	byName.Filter, byName.GroupFilter = "(&(objectClass=inetOrgPerson)(cn={name}))", "(&(objectClass=groupOfNames)(member={dn}))"
	id, err := ldap.Directory{}.Identify(t.Context(), byName, searchers, "Bob (the builder)*", pass)
	require.NoError(t, err)
	require.Equal(t, []string{"auditors"}, id.Groups)
	// What is wrong with the settings is not said of the user.
	mistrusted := safe
	mistrusted.CA = ""
	for _, s := range []tenancy.LDAPSettings{mistrusted, {URL: "ldaps://127.0.0.1:1", BaseDN: "dc=x"}} {
		_, err = ldap.Directory{}.Identify(t.Context(), s, searchers, "bob", pass)
		require.Equal(t, resource.ReasonInternal, resource.ReasonOf(err), "%v", err)
	}
	_, err = ldap.Directory{}.Identify(t.Context(), safe, "wrong", "bob", pass)
	require.ErrorContains(t, err, "to search")
	require.Equal(t, resource.ReasonInternal, resource.ReasonOf(err))
}

func TestCheck(t *testing.T) {
	good := tenancy.LDAPSettings{BaseDN: "dc=x"}
	require.NoError(t, ldap.Directory{}.Check(good))
	for _, s := range []tenancy.LDAPSettings{{BaseDN: "x"}, {BaseDN: "dc=x", Filter: "(uid={name}"}, {BaseDN: "dc=x", GroupFilter: "member"}, {BaseDN: "dc=x", BindDN: "plaza"}} {
		require.Equal(t, resource.ReasonInvalid, resource.ReasonOf(ldap.Directory{}.Check(s)), "%+v", s)
	}
}

const shop = "freshfoods/north/dailymart/shop"

// TestSignIn goes all the way from a name and a password to roles, with each database.
func TestSignIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := startSlapd(t)
		people := tenancy.New(db, nil)
		sealer, err := resource.NewSealer(make([]byte, 32))
		require.NoError(t, err)
		people.UseSealer(sealer)
		people.UseDirectory(ldap.Directory{})
		_, err = people.Bootstrap(t.Context())
		require.NoError(t, err)
		_, err = people.Seed(t.Context(), map[string]string{"cloud-operator": pass})
		require.NoError(t, err)
		admin := resource.System("test")
		settings := d.settings()
		in := tenancy.NewIdentityProvider{Name: "office", LDAP: &settings, Secret: searchers, Provision: true, Groups: []tenancy.GroupRole{{Group: "tills", Role: tenancy.Member, Node: shop}}}
		p, err := people.CreateIdentityProvider(t.Context(), admin, in)
		require.NoError(t, err)
		require.NotContains(t, string(p.Sealed), searchers)

		login := func(name, password, code string) (tenancy.Principal, error) {
			_, secret, err := people.Login(t.Context(), tenancy.Credentials{Name: name, Password: password, Code: code})
			if err != nil {
				return tenancy.Principal{}, err
			}
			return people.Authenticate(t.Context(), secret, "")
		}
		refused := func(reason resource.Reason, name, password string) {
			t.Helper()
			_, err := login(name, password, "")
			require.Equal(t, reason, resource.ReasonOf(err), "%s: %v", name, err)
		}
		refused(resource.ReasonUnauthenticated, "ann.lee", "wrong")
		refused(resource.ReasonUnauthenticated, "nobody", pass)
		ann, err := login("Ann.Lee", pass, "")
		require.NoError(t, err)
		require.Equal(t, "ann.lee", ann.UserName)
		require.Len(t, ann.Actor.Scope.Projects(), 1)
		again, err := login("ann.lee", pass, "")
		require.NoError(t, err)
		require.Equal(t, ann.UserID, again.UserID)

		// A group that is left takes its role along; what was bound here stays.
		_, err = people.Bind(t.Context(), admin, "ann.lee", tenancy.Reader, "freshfoods/south/tealeaf")
		require.NoError(t, err)
		d.leave(t, "tills")
		again, err = login("ann.lee", pass, "")
		require.NoError(t, err)
		require.False(t, again.Actor.Scope.Sees(ann.Actor.Scope.Projects()[0]))
		require.Len(t, again.Actor.Scope.Projects(), 1)

		// Failures are counted here too, and a second factor stands before the directory's password.
		key, err := people.EnrolFactor(t.Context(), again, pass)
		require.NoError(t, err)
		code, err := totp.GenerateCode(key.Secret, time.Now())
		require.NoError(t, err)
		recovery, err := people.ConfirmFactor(t.Context(), again, code)
		require.NoError(t, err)
		refused(tenancy.ReasonSecondFactor, "ann.lee", pass)
		_, err = login("ann.lee", pass, recovery[0])
		require.NoError(t, err)
		for range 5 {
			refused(resource.ReasonUnauthenticated, "ann.lee", "wrong")
		}
		refused(resource.ReasonUnauthenticated, "ann.lee", pass)

		// Another entry by the name of somebody here is not that somebody.
		_, err = people.CreateUser(t.Context(), admin, tenancy.NewUser{Name: "bob", Password: "another good one"})
		require.NoError(t, err)
		refused(resource.ReasonUnauthenticated, "bob", pass)
		refused(resource.ReasonAlreadyExists, "BOB", pass)

		d.stop()
		refused(resource.ReasonUnavailable, "nobody", pass)
		_, err = login("cloud-operator", pass, "")
		require.NoError(t, err, "who is known here needs no directory")
		in.Disabled, in.Secret = true, ""
		p, err = people.UpdateIdentityProvider(t.Context(), admin, "office", in)
		require.NoError(t, err)
		require.NotNil(t, p.Sealed)
		refused(resource.ReasonUnauthenticated, "nobody", pass)
		other := settings
		other.URL, in.LDAP = "ldaps://elsewhere.example.net", &other
		_, err = people.UpdateIdentityProvider(t.Context(), admin, "office", in)
		require.ErrorContains(t, err, "must be given anew")
	})
}

// leave takes Ann out of a group.
func (d *directory) leave(t *testing.T, group string) {
	conn, err := directories.DialURL("ldap://" + d.plain)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Bind("cn=admin,dc=example,dc=net", pass))
	change := directories.NewModifyRequest("cn="+group+",dc=example,dc=net", nil)
	change.Replace("member", []string{"cn=nobody,dc=example,dc=net"})
	require.NoError(t, conn.Modify(change))
}
