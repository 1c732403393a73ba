package tenancy

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"

	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	minPassword = 10   // characters
	maxPassword = 1024 // bytes
)

// params are argon2id's costs.
type params struct {
	memory uint32 // KiB
	time   uint32
	lanes  uint8
}

// defaultParams are OWASP's smaller recommendation: 19 MiB and two passes.
var defaultParams = params{memory: 19 * 1024, time: 2, lanes: 1}

const (
	saltBytes = 16
	keyBytes  = 32
)

// hasher makes and checks PHC strings, a bounded number at a time.
type hasher struct {
	params params
	slots  *semaphore.Weighted
}

func (h hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.slots.Acquire(ctx, 1); err != nil {
		return "", err
	}
	defer h.slots.Release(1)
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	key := h.params.derive(password, salt, keyBytes)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.params.memory, h.params.time, h.params.lanes,
		b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// verify tells whether the password matches, and whether the hash should be made anew with today's costs. An empty
// or unreadable hash costs as much time as a good one and never matches.
func (h hasher) verify(ctx context.Context, phc, password string) (ok, outdated bool, err error) {
	if err := h.slots.Acquire(ctx, 1); err != nil {
		return false, false, err
	}
	defer h.slots.Release(1)
	p, salt, key, err := parsePHC(phc)
	if err != nil {
		h.params.derive(password, make([]byte, saltBytes), keyBytes)
		return false, false, nil
	}
	ok = subtle.ConstantTimeCompare(p.derive(password, salt, len(key)), key) == 1
	return ok, p != h.params || len(key) != keyBytes, nil
}

func (p params) derive(password string, salt []byte, size int) []byte {
	return argon2.IDKey([]byte(password), salt, p.time, p.memory, p.lanes, uint32(size)) // #nosec G115 -- parsePHC bounds size
}

var errPHC = errors.New("not an argon2id PHC string")

// parsePHC reads $argon2id$v=19$m=KiB,t=passes,p=lanes$salt$key; it bounds the costs a stored hash can ask for.
func parsePHC(phc string) (p params, salt, key []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errPHC
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.lanes); n != 3 || err != nil {
		return p, nil, nil, errPHC
	}
	if p.memory < 8 || p.memory > 1<<20 || p.time < 1 || p.time > 16 || p.lanes < 1 {
		return p, nil, nil, errPHC
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(salt) < 8 || len(salt) > 64 {
		return p, nil, nil, errPHC
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) < 16 || len(key) > 64 {
		return p, nil, nil, errPHC
	}
	return p, salt, key, nil
}

func validatePassword(user, password string) error {
	switch n := len([]rune(password)); {
	case n < minPassword:
		return resource.Invalid("user", "password", nil, "must have at least %d characters", minPassword)
	case len(password) > maxPassword:
		return resource.Invalid("user", "password", nil, "must have at most %d bytes", maxPassword)
	case strings.EqualFold(password, user):
		return resource.Invalid("user", "password", nil, "must differ from the name")
	}
	return nil
}
