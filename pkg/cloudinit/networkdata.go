package cloudinit

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// networkData is OpenStack's network_data.json: links are cards, networks are the addresses on them.
type networkData struct {
	Links    []networkLink    `json:"links"`
	Networks []networkSubnet  `json:"networks"`
	Services []networkService `json:"services"`
}

type networkLink struct {
	ID   string `json:"id"`
	Type string `json:"type"` // what the hypervisor plugged: bridge, ovs, phy …; or vlan, bond
	MAC  string `json:"ethernet_mac_address"`
	MTU  int    `json:"mtu"` // null where DHCP says it
}

type networkSubnet struct {
	ID       string           `json:"id"`
	Type     string           `json:"type"`
	Link     string           `json:"link"`
	Address  string           `json:"ip_address"`
	Netmask  string           `json:"netmask"` // dotted, colons or a length; none when Address has its length
	Routes   []networkRoute   `json:"routes"`
	Services []networkService `json:"services"`
}

type networkRoute struct {
	Network string `json:"network"`
	Netmask string `json:"netmask"`
	Gateway string `json:"gateway"`
}

type networkService struct {
	Type    string `json:"type"`
	Address string `json:"address"`
}

// secondCard is the metric of the second network's default route: the first network's wins, as its order is Nova's.
const secondCard = 100

// ParseNetworkData reads OpenStack's network_data.json as network-config version 2: cards matched by MAC address, with the
// MTU of their network. A network that this image cannot have (VLANs, bonds, unknown types) is an error beside the rest.
func ParseNetworkData(data []byte) (*NetworkConfig, error) {
	var document networkData
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("network_data.json: %w", err)
	}
	if len(document.Links) == 0 {
		return nil, nil // a server without cards
	}
	config := &NetworkConfig{Version: 2, Ethernets: map[string]Ethernet{}}
	var failures []error
	for _, link := range document.Links {
		ethernet, err := link.ethernet()
		if err != nil {
			failures = append(failures, err)
			continue
		}
		config.Ethernets[link.ID] = ethernet
	}
	for i, subnet := range document.Networks {
		ethernet, ok := config.Ethernets[subnet.Link]
		if !ok {
			failures = append(failures, fmt.Errorf("network %s: there is no link %q", subnet.ID, subnet.Link))
			continue
		}
		fuller, err := subnet.onto(ethernet, i*secondCard)
		if err != nil {
			failures = append(failures, fmt.Errorf("network %s: %w", subnet.ID, err))
			continue
		}
		config.Ethernets[subnet.Link] = fuller
	}
	document.addResolvers(config)
	for i, failure := range failures {
		failures[i] = fmt.Errorf("network_data.json: %w", failure)
	}
	return config, errors.Join(failures...)
}

func (l networkLink) ethernet() (Ethernet, error) {
	switch {
	case l.ID == "":
		return Ethernet{}, errors.New("a link has no id")
	case l.Type == "vlan" || l.Type == "bond":
		return Ethernet{}, fmt.Errorf("link %s: this image has no %s interfaces", l.ID, l.Type)
	case l.MTU < 0:
		return Ethernet{}, fmt.Errorf("link %s: mtu %d", l.ID, l.MTU)
	}
	ethernet := Ethernet{Match: &Match{MACAddress: l.MAC}, MTU: l.MTU}
	if l.MAC == "" {
		return Ethernet{}, fmt.Errorf("link %s has no MAC address", l.ID)
	}
	if err := ethernet.validate(); err != nil {
		return Ethernet{}, fmt.Errorf("link %s: %w", l.ID, err)
	}
	return ethernet, nil
}

// onto adds the addresses and routes of the subnet; metric is that of its default routes.
func (s networkSubnet) onto(e Ethernet, metric int) (Ethernet, error) {
	switch s.Type {
	case "ipv4_dhcp", "dhcp4":
		e.DHCP4 = true
		return e, nil
	case "ipv6_dhcp", "dhcp6":
		e.DHCP6 = true
		return e, nil
	case "ipv6_slaac", "ipv6_dhcpv6-stateless":
		return e, nil // the kernel takes its address from the router's announcement
	case "ipv4", "ipv6", "ipv6_dhcpv6-stateful": // the last has a fixed address as well, which spares a DHCPv6 client
	default:
		return e, fmt.Errorf("type %q is not known", s.Type)
	}
	address, err := joinPrefix(s.Address, s.Netmask)
	if err != nil {
		return e, err
	}
	routes, err := s.routes(metric)
	if err != nil {
		return e, err
	}
	e.Addresses = append(e.Addresses[:len(e.Addresses):len(e.Addresses)], address.String())
	e.Routes = append(e.Routes[:len(e.Routes):len(e.Routes)], routes...)
	return e, e.validate()
}

func (s networkSubnet) routes(metric int) ([]Route, error) {
	var routes []Route
	for _, r := range s.Routes {
		to, err := joinPrefix(r.Network, r.Netmask)
		if err != nil {
			return nil, err
		}
		route := Route{To: to.Masked().String(), Via: r.Gateway}
		if to.Bits() == 0 {
			route.Metric = metric
		}
		routes = append(routes, route)
	}
	return routes, nil
}

// joinPrefix reads an address and its netmask, which is dotted, colons or a length, or a part of the address.
func joinPrefix(address, netmask string) (netip.Prefix, error) {
	if strings.Contains(address, "/") {
		return netip.ParsePrefix(address)
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}, err
	}
	bits, err := maskBits(netmask)
	if err != nil {
		return netip.Prefix{}, err
	}
	prefix := netip.PrefixFrom(ip.WithZone(""), bits)
	if !prefix.IsValid() {
		return netip.Prefix{}, fmt.Errorf("netmask %q does not fit address %s", netmask, address)
	}
	return prefix, nil
}

func maskBits(netmask string) (int, error) {
	if bits, err := strconv.Atoi(netmask); err == nil {
		return bits, nil
	}
	mask, err := netip.ParseAddr(netmask)
	if err != nil {
		return 0, fmt.Errorf("netmask %q is neither a mask nor a length", netmask)
	}
	bits, ended := 0, false
	for _, octet := range mask.AsSlice() {
		for bit := 7; bit >= 0; bit-- {
			one := octet>>bit&1 == 1
			if one && ended {
				return 0, fmt.Errorf("netmask %q has a hole", netmask)
			}
			if ended = !one; one {
				bits++
			}
		}
	}
	return bits, nil
}

// addResolvers gives each card the DNS servers of its networks, and those of no network to the first card; each server once.
func (d networkData) addResolvers(config *NetworkConfig) {
	seen := map[string]bool{}
	add := func(link string, services []networkService) {
		ethernet, ok := config.Ethernets[link]
		if !ok {
			return
		}
		for _, service := range services {
			address, err := netip.ParseAddr(service.Address)
			if service.Type != "dns" || err != nil || seen[address.String()] {
				continue
			}
			seen[address.String()] = true
			ethernet.Nameservers.Addresses = append(ethernet.Nameservers.Addresses, address.String())
		}
		config.Ethernets[link] = ethernet
	}
	for _, subnet := range d.Networks {
		add(subnet.Link, subnet.Services)
	}
	add(d.Links[0].ID, d.Services)
}
