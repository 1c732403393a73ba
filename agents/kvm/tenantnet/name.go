package tenantnet

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Names of links stay below the kernel's 15 characters.
const (
	bridgePrefix  = "plz"
	gatewayPrefix = "plg"
	uplinkPrefix  = "plu"
	tapPrefix     = "plt"

	gatewayLink = "gw0" // inside the namespace
	uplinkLink  = "up0"
)

// ShortID returns eight hex digits of id's random tail: the head of a UUIDv7 is a clock and would collide.
func ShortID(id string) string {
	if len(id) < 32 {
		sum := sha256.Sum256([]byte(id))
		return hex.EncodeToString(sum[:4])
	}
	return id[24:32]
}

// BridgeName is the bridge of network id in the root namespace.
func BridgeName(id string) string { return bridgePrefix + ShortID(id) }

// NamespaceName is the network namespace of network id.
func NamespaceName(id string) string { return "plz-" + ShortID(id) }

// TapName is the tap of the card mac of a server: stable, so that rules can be written before the tap exists.
func TapName(server, mac string) string {
	sum := sha256.Sum256([]byte(server + "/" + strings.ToLower(mac)))
	return tapPrefix + hex.EncodeToString(sum[:5])
}

func checkID(id string) error {
	if u, err := uuid.Parse(id); err != nil || u.String() != id {
		return provider.Errorf(provider.ReasonInvalid, "ids are lower-case UUIDs", "network id %q is not a UUID", id)
	}
	return nil
}
