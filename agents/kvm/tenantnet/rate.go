package tenantnet

import (
	"text/template"

	"github.com/plazacloud/plaza/pkg/provider"
)

// rateTable is apart from the rules of a card: an open card is bounded, too.
func rateTable(tap string) string { return tap + "-rate" }

// rateOf is the ruleset that bounds what passes a card; without a bound it takes an earlier one away. A bucket holds what
// passes in a second, so that a pause is made up for and TCP finds the bound instead of stalling at it. It goes by the
// tap's name, as the other rules do: neither restart nor migration loses it, which a queue on the link itself would be.
func rateOf(tap string, nic provider.Interface) string {
	if nic.BitsPerSecond <= 0 {
		return fresh("bridge", rateTable(tap))
	}
	return render(rateTemplate, "bridge", rateTable(tap), struct {
		Tap   string
		Bytes int64
	}{tap, max(nic.BitsPerSecond/8, 1)})
}

// rateTemplate comes after the frame rules, which drop what no bound should count.
var rateTemplate = template.Must(template.New("rate").Parse(`table bridge {{.Tap}}-rate {
	chain from {
		type filter hook prerouting priority -190; policy accept;
		iifname "{{.Tap}}" limit rate over {{.Bytes}} bytes/second drop
	}
	chain to {
		type filter hook forward priority -190; policy accept;
		oifname "{{.Tap}}" limit rate over {{.Bytes}} bytes/second drop
	}
}
`))
