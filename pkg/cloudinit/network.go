package cloudinit

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// NetworkConfig is cloud-init's network-config version 2, ethernets only.
type NetworkConfig struct {
	Version   int                 `yaml:"version"` // 2
	Ethernets map[string]Ethernet `yaml:"ethernets,omitempty"`
}

// Ethernet is one interface. Without a match the key is the interface's name.
type Ethernet struct {
	Match       *Match      `yaml:"match,omitempty"`
	SetName     string      `yaml:"set-name,omitempty"`
	DHCP4       bool        `yaml:"dhcp4,omitempty"`
	DHCP6       bool        `yaml:"dhcp6,omitempty"`
	Addresses   []string    `yaml:"addresses,omitempty"` // with prefix length
	Gateway4    string      `yaml:"gateway4,omitempty"`
	Gateway6    string      `yaml:"gateway6,omitempty"`
	Routes      []Route     `yaml:"routes,omitempty"`
	Nameservers Nameservers `yaml:"nameservers,omitempty"`
	MTU         int         `yaml:"mtu,omitempty"`
	Optional    bool        `yaml:"optional,omitempty"`
}

// Match finds an interface by its MAC address or its name.
type Match struct {
	MACAddress string `yaml:"macaddress,omitempty"`
	Name       string `yaml:"name,omitempty"`
}

// Route is a static route; To is a prefix or "default".
type Route struct {
	To     string `yaml:"to"`
	Via    string `yaml:"via,omitempty"`
	Metric int    `yaml:"metric,omitempty"`
}

// Nameservers is a resolver configuration.
type Nameservers struct {
	Addresses []string `yaml:"addresses,omitempty"`
	Search    []string `yaml:"search,omitempty"`
}

// Validate names the first interface that could not be configured.
func (n *NetworkConfig) Validate() error {
	if n.Version != 2 {
		return fmt.Errorf("network-config: version %d is not supported, only 2 is", n.Version)
	}
	for name, ethernet := range n.Ethernets {
		if err := ethernet.validate(); err != nil {
			return fmt.Errorf("network-config: ethernets.%s: %w", name, err)
		}
	}
	return nil
}

func (e Ethernet) validate() error {
	if e.Match != nil && e.Match.MACAddress != "" {
		if _, err := net.ParseMAC(e.Match.MACAddress); err != nil {
			return fmt.Errorf("match.macaddress %q is not a MAC address", e.Match.MACAddress)
		}
	}
	for _, address := range e.Addresses {
		if _, err := netip.ParsePrefix(address); err != nil {
			return fmt.Errorf("address %q needs a prefix length, such as 10.0.0.5/24", address)
		}
	}
	for _, route := range e.AllRoutes() {
		if _, err := route.Prefix(); err != nil {
			return err
		}
		if _, err := netip.ParseAddr(route.Via); err != nil {
			return fmt.Errorf("route to %s: via %q is not an address", route.To, route.Via)
		}
	}
	for _, server := range e.Nameservers.Addresses {
		if _, err := netip.ParseAddr(server); err != nil {
			return fmt.Errorf("nameserver %q is not an address", server)
		}
	}
	return nil
}

// AllRoutes is Routes with gateway4 and gateway6 spelt out as default routes.
func (e Ethernet) AllRoutes() []Route {
	routes := append([]Route(nil), e.Routes...)
	for to, via := range map[string]string{"0.0.0.0/0": e.Gateway4, "::/0": e.Gateway6} {
		if via != "" {
			routes = append(routes, Route{To: to, Via: via})
		}
	}
	return routes
}

// Prefix is the destination; "default" takes the family of Via.
func (r Route) Prefix() (netip.Prefix, error) {
	switch {
	case r.To == "default" && strings.Contains(r.Via, ":"):
		return netip.MustParsePrefix("::/0"), nil
	case r.To == "default":
		return netip.MustParsePrefix("0.0.0.0/0"), nil
	}
	prefix, err := netip.ParsePrefix(r.To)
	if err != nil {
		return prefix, fmt.Errorf("route to %q: neither a prefix nor \"default\"", r.To)
	}
	return prefix.Masked(), nil
}
