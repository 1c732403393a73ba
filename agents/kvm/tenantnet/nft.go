package tenantnet

import (
	"bytes"
	"context"
	"os/exec"
	"strings"

	"github.com/plazacloud/plaza/agents/kvm/bound"
	"github.com/plazacloud/plaza/pkg/provider"
)

// load replaces what a ruleset names in one kernel transaction: all of it or nothing.
func loadRules(ctx context.Context, rules string) error {
	cmd := exec.CommandContext(ctx, "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(rules)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := bound.Run(cmd); err != nil {
		return provider.Errorf(provider.ReasonInternal, "nftables must be installed and the agent needs CAP_NET_ADMIN",
			"nft refused the rules: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return nil
}

// fresh is the idiom that empties a table whether it exists or not.
func fresh(family, table string) string {
	return "add table " + family + " " + table + "\ndelete table " + family + " " + table + "\n"
}
