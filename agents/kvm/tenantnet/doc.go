// Package tenantnet carries tenant networks on one host: for each network a bridge without any address in the root
// namespace, and a network namespace that owns the gateway address, DHCP, DNS and egress. Two networks may use the
// same CIDR on one host: their namespaces keep the addresses apart, conntrack zones their connections.
//
// Security rules are stateful. Frames between two ports of a bridge are filtered twice: table bridge plt<nic> pins MAC
// and source address (no spoofing), table ip plt<nic> admits established flows and the wanted rules. The second one
// sees bridged packets through br_netfilter, switched on for Plaza's own bridges, because bridge-family connection
// tracking (nf_conntrack_bridge) is absent from many kernels. Without br_netfilter a filtered card is refused: fail closed.
package tenantnet
