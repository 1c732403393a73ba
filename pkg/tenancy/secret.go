package tenancy

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"strings"
)

const (
	tokenPrefix      = "plz_"
	sessionPrefix    = "pls_"
	invitationPrefix = "pli_"
	secretChars      = 43 // 32 bytes in base 62
	base62           = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// newSecret returns prefix and 32 random bytes in base 62.
func newSecret(prefix string) string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	text := new(big.Int).SetBytes(b).Text(62)
	return prefix + strings.Repeat("0", secretChars-len(text)) + text
}

// newPassword returns a password of 119 random bits.
func newPassword() string { return newSecret("")[secretChars-20:] }

// parseCredential tells whether text has the form of a token or a session id, and which; it saves the database the
// question about what can not be one.
func parseCredential(text string) (prefix string, ok bool) {
	for _, prefix := range []string{tokenPrefix, sessionPrefix} {
		rest, found := strings.CutPrefix(text, prefix)
		if found && len(rest) == secretChars && strings.Trim(rest, base62) == "" {
			return prefix, true
		}
	}
	return "", false
}

// digest is what the database keeps of a secret; 256 random bits need no slow hash.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
