package bus

import (
	"encoding/base64"
	"sync"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// authority decides who may connect; NATS asks it at each connect, so an enrolment needs no reload.
type authority struct {
	ask func(publicNKey string) (Permissions, bool)

	mu  sync.Mutex
	own map[string]bool // keys of in-process connections
}

var _ server.Authentication = (*authority)(nil)

func (a *authority) admit(publicNKey string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.own[publicNKey] = true
}

func (a *authority) permissions(publicNKey string) (Permissions, bool) {
	a.mu.Lock()
	own := a.own[publicNKey]
	a.mu.Unlock()
	if own {
		return FullPermissions(), true
	}
	return a.ask(publicNKey)
}

// Check verifies that the client holds the nkey it names and gives it its permissions.
func (a *authority) Check(c server.ClientAuthentication) bool {
	opts := c.GetOpts()
	if !nkeys.IsValidPublicUserKey(opts.Nkey) || !signed(opts.Nkey, opts.Sig, c.GetNonce()) {
		return false
	}
	allowed, ok := a.permissions(opts.Nkey)
	if !ok {
		return false
	}
	c.RegisterUser(&server.User{Username: opts.Nkey, Permissions: &server.Permissions{
		Publish: only(allowed.Publish), Subscribe: only(allowed.Subscribe)}})
	return true
}

func signed(publicNKey, signature string, nonce []byte) bool {
	sig, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	key, err := nkeys.FromPublicKey(publicNKey)
	return err == nil && len(nonce) > 0 && key.Verify(nonce, sig) == nil
}

// only allows the listed subjects. NATS takes an empty list for "everything", so nothing must be said as a denial.
func only(subjects []string) *server.SubjectPermission {
	if len(subjects) == 0 {
		return &server.SubjectPermission{Deny: []string{">"}}
	}
	return &server.SubjectPermission{Allow: subjects}
}
