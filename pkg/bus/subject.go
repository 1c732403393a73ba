package bus

import (
	"fmt"
	"strings"
)

const (
	rpcPrefix  = "plaza.rpc."
	hostPrefix = "plaza.host."
)

// Permissions are the subjects a client may publish to and subscribe to; an empty list allows none.
type Permissions struct {
	Publish   []string
	Subscribe []string
}

// FullPermissions are those of the control plane itself.
func FullPermissions() Permissions {
	return Permissions{Publish: []string{">"}, Subscribe: []string{">"}}
}

// HostPermissions are those of the agent of one host.
func HostPermissions(host string) (Permissions, error) {
	if err := checkToken("host", host); err != nil {
		return Permissions{}, err
	}
	return Permissions{Publish: []string{hostPrefix + host + ".>"}, Subscribe: []string{rpcPrefix + host + ".>"}}, nil
}

// HostSubject is where the agent of host tells about topic; host "*" is every host's.
func HostSubject(host, topic string) string { return hostPrefix + host + "." + topic }

// HostOf returns the host a message below plaza.host. came from, "" for any other subject.
func HostOf(subject string) string {
	rest, ok := strings.CutPrefix(subject, hostPrefix)
	if !ok {
		return ""
	}
	host, _, _ := strings.Cut(rest, ".")
	return host
}

func rpcSubject(host, role string) string { return rpcPrefix + host + "." + role }

// checkToken refuses what would change the shape of a subject: an id with a wildcard would grant every host's subjects.
func checkToken(what, s string) error {
	if s == "" || strings.ContainsAny(s, ".*> \t\r\n") {
		return fmt.Errorf("%s %q cannot be part of a bus subject: it must be non-empty without dots, wildcards and spaces", what, s)
	}
	return nil
}
