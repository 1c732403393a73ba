package api_test

import (
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

func TestSecondFactorOverHTTP(t *testing.T) {
	r := newRig(t)
	const who = "dailymart-member"
	code := func(secret string, later time.Duration) string {
		code, err := totp.GenerateCode(secret, time.Now().Add(later))
		require.NoError(t, err)
		return code
	}
	login := func(code string) answer {
		return r.call(t, "", "POST", "/v1/login", map[string]string{"name": who, "password": password, "code": code})
	}
	var key tenancy.Enrolment
	r.call(t, who, "POST", "/v1/me/totp", `{"password":"`+password+`"}`).is(201).into(&key)
	var recovery api.RecoveryCodes
	r.call(t, who, "POST", "/v1/me/totp/confirm", `{"code":"`+code(key.Secret, 0)+`"}`).is(200).into(&recovery)
	login("").refused(tenancy.ReasonSecondFactor)
	login("000000").refused(resource.ReasonUnauthenticated)
	login(recovery.Codes[0]).is(200)
	login(code(key.Secret, 30*time.Second)).is(200)
	var status tenancy.FactorStatus
	r.call(t, who, "GET", "/v1/me/totp", nil).is(200).into(&status)
	require.EqualValues(t, 9, status.RecoveryCodes)
	r.call(t, who, "POST", "/v1/me/totp/remove", `{"code":"`+recovery.Codes[0]+`"}`).refused(resource.ReasonInvalid)
	r.call(t, "dailymart-reader", "DELETE", "/v1/users/"+who+"/totp", nil).refused(resource.ReasonForbidden)
	r.call(t, "admin", "DELETE", "/v1/users/"+who+"/totp", nil).is(204)
	login("").is(200)
	for _, hidden := range []string{key.Secret, recovery.Codes[0]} {
		require.NotContains(t, r.log.String(), hidden)
	}
}

// TestSecondFactorIsDemanded: until there is one a session is of no other use; tokens are not asked.
func TestSecondFactorIsDemanded(t *testing.T) {
	r := newRig(t)
	const who = "dailymart-member"
	var made api.CreatedToken
	r.call(t, who, "POST", "/v1/tokens", `{"name":"ci"}`).is(201).into(&made)
	r.secrets["ci"] = made.Secret
	r.tenancy.DemandFactor()
	var login api.Login
	r.call(t, "", "POST", "/v1/login", map[string]string{"name": who, "password": password}).is(200).into(&login)
	r.secrets["new"] = login.Token
	r.call(t, "new", "GET", "/v1/boxes", nil).refused(resource.ReasonForbidden)
	r.call(t, "new", "POST", "/v1/tokens", `{"name":"around"}`).refused(resource.ReasonForbidden)
	r.call(t, "new", "GET", "/v1/me", nil).is(200)
	r.call(t, "ci", "GET", "/v1/boxes", nil).is(200)
	var key tenancy.Enrolment
	r.call(t, "new", "POST", "/v1/me/totp", `{"password":"`+password+`"}`).is(201).into(&key)
	r.call(t, "new", "GET", "/v1/boxes", nil).refused(resource.ReasonForbidden)
	code, err := totp.GenerateCode(key.Secret, time.Now())
	require.NoError(t, err)
	r.call(t, "new", "POST", "/v1/me/totp/confirm", `{"code":"`+code+`"}`).is(200)
	r.call(t, "new", "GET", "/v1/boxes", nil).is(200)
	r.call(t, "new", "POST", "/v1/logout", nil).is(204)
}

func TestInvitationOverHTTP(t *testing.T) {
	r := newRig(t)
	var made api.CreatedInvitation
	in := map[string]string{"email": "kim@example.net", "role": "member", "node": shop}
	r.call(t, "dailymart-member", "POST", "/v1/invitations", in).refused(resource.ReasonForbidden)
	r.call(t, "tealeaf-member", "POST", "/v1/invitations", in).refused(resource.ReasonNotFound)
	r.call(t, "admin", "POST", "/v1/invitations", in).is(201).into(&made)
	r.call(t, "admin", "GET", "/v1/invitations?node=freshfoods&below=true", nil).is(200)
	r.call(t, "dailymart-member", "GET", "/v1/invitations?node="+shop, nil).refused(resource.ReasonForbidden)
	r.call(t, "tealeaf-member", "GET", "/v1/invitations?node="+shop, nil).refused(resource.ReasonNotFound)
	require.NotContains(t, string(r.call(t, "admin", "GET", "/v1/invitations", nil).is(200).body), made.Token)
	accept := map[string]string{"token": made.Token, "name": "kim", "password": password}
	r.call(t, "", "POST", "/v1/invitations/accept", accept).is(201)
	r.call(t, "", "POST", "/v1/invitations/accept", accept).refused(resource.ReasonNotFound)
	var login api.Login
	r.call(t, "", "POST", "/v1/login", `{"name":"kim","password":"`+password+`"}`).is(200).into(&login)
	r.secrets["kim"] = login.Token
	r.newBox(t, "kim", shop, "b1", 5)
	r.call(t, "admin", "POST", "/v1/invitations", in).is(201).into(&made)
	r.call(t, "kim", "DELETE", "/v1/invitations/"+made.Invitation.ID, nil).refused(resource.ReasonForbidden)
	r.call(t, "admin", "DELETE", "/v1/invitations/"+made.Invitation.ID, nil).is(204)
	accept["token"] = made.Token
	r.call(t, "", "POST", "/v1/invitations/accept", accept).refused(resource.ReasonNotFound)
	require.NotContains(t, r.log.String(), made.Token)
}
