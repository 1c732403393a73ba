package tenantnet

import (
	"strings"
	"text/template"

	"github.com/plazacloud/plaza/pkg/provider"
)

// keptApart are ranges that a tenant never reaches by NAT: other tenants' uplinks, and link-local services of the host
// (a cloud's metadata server above all).
const keptApart = "{ 198.18.0.0/15, 169.254.0.0/16, 127.0.0.0/8 }"

type rulesetData struct {
	Bridge, Uplink, CIDR, KeptApart string
	UplinkCIDR                      string
	Zone                            int
	NAT, Up                         bool
	Floating                        []provider.Floating
	Joined                          []string // CIDRs that a router leads to
}

var rootTemplate = template.Must(template.New("root").Parse(`table inet {{.Bridge}} {
	chain zone {
		type filter hook prerouting priority raw; policy accept;
		iifname "{{.Bridge}}" ct zone set {{.Zone}}
	}
	chain input {
		type filter hook input priority filter - 10; policy accept;
		iifname "{{.Bridge}}" drop
{{- if .Up}}
		iifname "{{.Uplink}}" ct state established,related accept
		iifname "{{.Uplink}}" drop
{{- end}}
	}
	chain forward {
		type filter hook forward priority filter - 10; policy accept;
		iifname "{{.Bridge}}" oifname != "{{.Bridge}}" drop
		iifname != "{{.Bridge}}" oifname "{{.Bridge}}" drop
{{- if .Up}}
{{- if .Floating}}
		iifname "{{.Uplink}}" ct state established,related accept
{{- range .Floating}}
		oifname "{{$.Uplink}}" ip daddr {{.Address}} accept
{{- end}}
{{- end}}
		iifname "{{.Uplink}}" ip daddr {{.KeptApart}} drop
		oifname "{{.Uplink}}" ct state != { established, related } drop
{{- end}}
	}
{{- if .NAT}}
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr {{.UplinkCIDR}} oifname != { "{{.Uplink}}", "{{.Bridge}}" } masquerade
	}
{{- end}}
}
`))

var innerTemplate = template.Must(template.New("inner").Parse(`table inet plaza {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname "lo" accept
		ct state established,related accept
		iifname "gw0" udp dport { 53, 67 } accept
		iifname "gw0" tcp dport 53 accept
		iifname "gw0" icmp type echo-request accept
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
{{- if .Up}}
		ct state established,related accept
{{- end}}
{{- range .Joined}}
		iifname "gw0" oifname "rt0" ip saddr {{$.CIDR}} ip daddr {{.}} accept
		iifname "rt0" oifname "gw0" ip saddr {{.}} ip daddr {{$.CIDR}} accept
{{- end}}
{{- if .Floating}}
		ct status dnat oifname "gw0" accept
{{- range .Floating}}
		iifname "gw0" oifname "up0" ip saddr {{.Inside}} ip daddr != {{$.KeptApart}} accept
{{- end}}
{{- end}}
{{- if .NAT}}
		iifname "gw0" oifname "up0" ip saddr {{.CIDR}} ip daddr != {{.KeptApart}} accept
{{- end}}
	}
{{- if .Floating}}
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
{{- range .Floating}}
		ip daddr {{.Address}} dnat ip to {{.Inside}}
{{- end}}
	}
{{- end}}
{{- if .Up}}
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
{{- if .Floating}}
		oifname "gw0" ip saddr {{.CIDR}} ct status dnat masquerade
{{- range .Floating}}
		oifname "up0" ip saddr {{.Inside}} snat ip to {{.Address}}
{{- end}}
{{- end}}
{{- if .NAT}}
		oifname "up0" masquerade
{{- end}}
	}
{{- end}}
}
`))

func render(t *template.Template, family, table string, data any) string {
	var b strings.Builder
	b.WriteString(fresh(family, table))
	if err := t.Execute(&b, data); err != nil {
		panic(err) // the templates are constants and their data are plain fields
	}
	return b.String()
}
