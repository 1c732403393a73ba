package tenancy

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func TestToken(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		member := s.login(t, "dailymart-member")
		end := s.clock.Now().Add(time.Hour)
		made, secret, err := s.CreateToken(t.Context(), member.Actor, NewToken{Name: "ci", ExpiresAt: &end})
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(secret, "plz_"+made.Hint[4:]))
		p, err := s.Authenticate(t.Context(), secret, "192.0.2.9")
		require.NoError(t, err)
		require.Equal(t, Principal{UserID: member.UserID, UserName: "dailymart-member", TokenID: made.ID, ExpiresAt: p.ExpiresAt,
			Actor: resource.Actor{ID: made.ID, Name: "dailymart-member/ci", Remote: "192.0.2.9", Scope: member.Actor.Scope}}, p)
		require.NoError(t, s.Authorize(t.Context(), p.Actor, "create", "server", s.id(t, own)))
		list, err := s.Tokens(t.Context(), member.UserID)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, s.clock.Now(), list[0].UsedAt.UTC())

		_, _, err = s.CreateToken(t.Context(), member.Actor, NewToken{Name: "ci"})
		requireReason(t, resource.ReasonAlreadyExists, err)
		s.clock.Advance(time.Hour)
		_, err = s.Authenticate(t.Context(), secret, "")
		requireReason(t, resource.ReasonUnauthenticated, err)

		after := s.notes(t, "create")
		last := after[len(after)-1]
		require.Equal(t, "dailymart-member/ci", last.ObjectName)
		require.NotContains(t, string(last.After), made.Hash)
	})
}

func TestTokenLimits(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, secret, err := s.CreateToken(t.Context(), s.admin, NewToken{Name: "narrow", Role: Reader, Node: "freshfoods/north"})
		require.NoError(t, err)
		p, err := s.Authenticate(t.Context(), secret, "")
		require.NoError(t, err)
		require.Len(t, p.Actor.Scope.Projects(), 2)
		require.NoError(t, s.Authorize(t.Context(), p.Actor, "get", "server", s.id(t, own)))
		requireReason(t, resource.ReasonForbidden, s.Authorize(t.Context(), p.Actor, "create", "server", s.id(t, own)))
		requireReason(t, resource.ReasonNotFound, s.Authorize(t.Context(), p.Actor, "get", "server", s.id(t, foreign)))
		requireReason(t, resource.ReasonForbidden, s.Authorize(t.Context(), p.Actor, "list", "host", ""))
		_, _, err = s.CreateToken(t.Context(), p.Actor, NewToken{Name: "wide"})
		requireReason(t, resource.ReasonForbidden, err)
		require.ErrorContains(t, err, "a token makes no tokens for its owner")
		_, _, err = s.CreateToken(t.Context(), p.Actor, NewToken{Name: "wide", User: AdminName})
		requireReason(t, resource.ReasonForbidden, err)

		_, _, err = s.CreateToken(t.Context(), s.login(t, "dailymart-member").Actor, NewToken{Name: "peek", Node: "freshfoods/south"})
		requireReason(t, resource.ReasonNotFound, err)
		_, _, err = s.CreateToken(t.Context(), s.login(t, "dailymart-member").Actor, NewToken{Name: "peek", User: AdminName})
		requireReason(t, resource.ReasonForbidden, err)
		made, _, err := s.CreateToken(t.Context(), s.admin, NewToken{Name: "ci", User: "dailymart-member"})
		require.NoError(t, err)
		require.Equal(t, s.login(t, "dailymart-member").UserID, made.UserID)
		past := s.clock.Now()
		for _, in := range []NewToken{{Name: ""}, {Name: "x", Role: "owner"}, {Name: "x", ExpiresAt: &past}} {
			_, _, err := s.CreateToken(t.Context(), s.admin, in)
			requireReason(t, resource.ReasonInvalid, err)
		}
		_, _, err = s.CreateToken(t.Context(), s.admin, NewToken{Name: "x", Node: "nowhere"})
		requireReason(t, resource.ReasonNotFound, err)
	})
}

func TestDeleteToken(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		member, reader := s.login(t, "dailymart-member").Actor, s.login(t, "dailymart-reader").Actor
		made, secret, err := s.CreateToken(t.Context(), member, NewToken{Name: "ci"})
		require.NoError(t, err)
		p, err := s.Authenticate(t.Context(), secret, "")
		require.NoError(t, err)
		requireReason(t, resource.ReasonNotFound, s.DeleteToken(t.Context(), reader, made.ID))
		requireReason(t, resource.ReasonNotFound, s.DeleteToken(t.Context(), reader, "x"))
		requireReason(t, resource.ReasonNotFound, s.DeleteToken(t.Context(), reader, absent))
		require.NoError(t, s.DeleteToken(t.Context(), p.Actor, made.ID), "a leaked token can be used to end itself")
		_, err = s.Authenticate(t.Context(), secret, "")
		requireReason(t, resource.ReasonUnauthenticated, err)
		requireReason(t, resource.ReasonForbidden, s.Authorize(t.Context(), p.Actor, "list", "flavor", ""))

		made, secret, err = s.CreateToken(t.Context(), member, NewToken{Name: "other"})
		require.NoError(t, err)
		_, err = s.SetDisabled(t.Context(), s.admin, "dailymart-member", true)
		require.NoError(t, err)
		_, err = s.Authenticate(t.Context(), secret, "")
		requireReason(t, resource.ReasonUnauthenticated, err)
		_, err = s.SetDisabled(t.Context(), s.admin, "dailymart-member", false)
		require.NoError(t, err)
		_, err = s.Authenticate(t.Context(), secret, "")
		require.NoError(t, err)
		require.NoError(t, s.DeleteToken(t.Context(), s.admin, made.ID))
	})
}

func TestSecretsHaveTheirForm(t *testing.T) {
	for range 1000 {
		prefix, ok := parseCredential(newSecret(tokenPrefix))
		require.True(t, ok)
		require.Equal(t, tokenPrefix, prefix)
	}
	require.Len(t, newPassword(), 20)
	first, second := newPassword(), newPassword()
	require.NotEqual(t, first, second)
}

func FuzzParseCredential(f *testing.F) {
	f.Add(newSecret(tokenPrefix))
	f.Add(newSecret(sessionPrefix))
	f.Add("plz_")
	f.Add("Bearer plz_\x00")
	s := New(storetest.Open(f, store.SQLite), nil)
	f.Fuzz(func(t *testing.T, text string) {
		prefix, ok := parseCredential(text)
		if ok && (len(text) != len(prefix)+secretChars || strings.ContainsAny(text, "'\"\\ \x00;%")) {
			t.Fatalf("%q passes as a credential", text)
		}
		if _, err := s.Authenticate(context.Background(), text, ""); resource.ReasonOf(err) != resource.ReasonUnauthenticated {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5")
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$$")
	f.Add("$2a$10$x")
	f.Fuzz(func(t *testing.T, text string) {
		p, salt, key, err := parsePHC(text)
		if err == nil && (p.memory > 1<<20 || p.time > 16 || p.lanes == 0 || len(salt) < 8 || len(key) < 16) {
			t.Fatalf("%q is read as %+v", text, p)
		}
	})
}

func BenchmarkHash(b *testing.B) {
	h := New(nil, nil).hasher
	for b.Loop() {
		if _, err := h.hash(b.Context(), password); err != nil {
			b.Fatal(err)
		}
	}
}
