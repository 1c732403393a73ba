package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// examples are of commands that tell nothing more of themselves than a line, by what follows plaza. For the verbs of all
// kinds KIND stands for the noun, and for an object's name where it is one.
var examples = map[string]string{ // #nosec G101 -- they name files with passwords
	"KIND list":       "plaza KIND list --all -o wide",
	"KIND get":        "plaza KIND get KIND-1 -o yaml",
	"KIND create":     "plaza KIND create -f KIND-1.yaml --wait",
	"KIND apply":      "plaza KIND apply -f KIND-1.yaml --wait",
	"KIND edit":       "plaza KIND edit KIND-1",
	"KIND delete":     "plaza KIND delete KIND-1 KIND-2 --wait --ignore-not-found",
	"KIND wait":       "plaza KIND wait KIND-1 --timeout 5m",
	"KIND history":    "plaza KIND history KIND-1 --limit 10",
	"KIND operations": "plaza KIND operations KIND-1 -o 'jq=.[] | select(.state == \"failed\")'",

	"access explain": "plaza access explain --as ann --verb create --kind server --project group/brand/shop",
	"apply":          "plaza apply -f shop.yaml --wait",

	"audit list":   "plaza audit list --limit 20 -o wide",
	"audit head":   "plaza audit head -o name",
	"audit export": "plaza audit export audit.jsonl",
	"audit verify": "plaza audit verify audit.jsonl --head \"$(cat head)\"",

	"binding list":   "plaza binding list --user ann",
	"binding create": "plaza binding create ann --role member --node group/brand/shop",
	"binding delete": "plaza binding list --user ann -o name | xargs plaza binding delete",

	"blueprint list": "plaza blueprint list -o wide",
	"bundle plan":    "plaza bundle plan shop --blueprint retail --size S --param domain=shop.example.net",
	"bundle apply":   "plaza bundle apply shop --blueprint retail --size S --yes",
	"bundle status":  "plaza bundle status shop",
	"bundle destroy": "plaza bundle destroy shop",

	"config changes":     "plaza config changes prices --limit 10",
	"config diff":        "plaza config diff prices 3 5",
	"config history":     "plaza config history prices",
	"config rollback":    "plaza config rollback prices 3 --comment 'the old prices'",
	"config show":        "plaza config show prices 3",
	"config subscribers": "plaza config subscribers prices -o 'jq=.[] | select(.lag > 0)'",

	"context delete": "plaza context delete old",
	"context list":   "plaza context list",
	"context set":    "plaza context set --project group/brand/shop",
	"context use":    "plaza context use shop",

	"dpath explain": "plaza dpath explain trade --rules rules.json",
	"dpath import":  "plaza dpath import rules.json",
	"dpath lanes":   "plaza dpath lanes retail",
	"dpath verify":  "plaza dpath verify --bundle retail --control --report evidence.html",

	"image upload":  "plaza image upload debian.qcow2 --name debian-shop --project group/brand/shop --wait",
	"image show":    "plaza image show debian-shop",
	"image share":   "plaza image share debian-shop --with group/brand",
	"image unshare": "plaza image unshare debian-shop --with group/brand",
	"image finish":  "plaza image finish debian-shop --sha256 \"$(sha256sum debian.qcow2 | cut -d' ' -f1)\"",

	"host enrol-token": "plaza host enrol-token --site north --ttl 2h",
	"ledger list":      "plaza ledger list --rack r7 -o csv",

	"login":  "plaza login --server https://plaza.example.net --user ann",
	"logout": "plaza logout --context shop",
	"whoami": "plaza whoami -o json",

	"node create": "plaza node create group/north/s-0042 --type store --title 'Store 42' -l city=harbin",
	"node delete": "plaza node delete group/north/s-0042 --cascade --wait",
	"node get":    "plaza node get group/north -o json",
	"node list":   "plaza node list --under group/north",
	"node move":   "plaza node move group/north/s-0042 group/south",
	"node update": "plaza node update group/north/s-0042 --suspend",

	"operation cancel": "plaza operation cancel 0198c5a2-5d5e-7c11-9a53-2f0c8f6f3a10",
	"operation get":    "plaza operation get 0198c5a2-5d5e-7c11-9a53-2f0c8f6f3a10 -o yaml",
	"operation list":   "plaza operation list --state failed",
	"operation retry":  "plaza operation retry 0198c5a2-5d5e-7c11-9a53-2f0c8f6f3a10",
	"operation wait":   "plaza operation wait 0198c5a2-5d5e-7c11-9a53-2f0c8f6f3a10 --timeout 5m",

	"overview": "plaza overview",

	"pool history": "plaza pool history east vcpus --since 168h",
	"pool list":    "plaza pool list -o wide",
	"pool show":    "plaza pool show all",

	"quota alarms":   "plaza quota alarms --node group",
	"quota check":    "plaza quota check",
	"quota holdings": "plaza quota holdings --node group/north --metric vcpus",
	"quota list":     "plaza quota list --node group/north",
	"quota set":      "plaza quota set vcpus 200 --node group/north --soft 160",
	"quota tree":     "plaza quota tree vcpus --node group --region east",
	"quota use":      "plaza quota use --node group --by brand",

	"role create": "plaza role create night-shift --node group/north --allow server=start,stop,reboot",
	"role delete": "plaza role delete night-shift --node group/north",
	"role get":    "plaza role get night-shift --node group/north",
	"role list":   "plaza role list --node group/north",
	"role update": "plaza role update night-shift --node group/north --allow server=start,stop",

	"schedule runs": "plaza schedule runs nightly -o 'jq=.[] | select(.state == \"failed\")'",

	"serverbackup restore": "plaza serverbackup restore night --as web-again --wait",

	"server console": "plaza server console server-1 --follow",
	"server stats":   "plaza server stats server-1 server-2",

	"topology networks": "plaza topology networks --project group/brand/shop",
	"topology show":     "plaza topology show --place north",

	"token create": "plaza token create ci --role member --node group/brand/shop --expires 720h",
	"token delete": "plaza token delete ci",
	"token list":   "plaza token list -o wide",

	"user create":   "plaza user create ann --email ann@example.net",
	"user delete":   "plaza user delete ann",
	"user disable":  "plaza user disable ann",
	"user enable":   "plaza user enable ann",
	"user get":      "plaza user get ann",
	"user list":     "plaza user list -o wide",
	"user password": "plaza user password --old-password-file old --password-file new",

	"version": "plaza version -o json",
}

// illustrate gives every command below root its example. It is done when one is asked for help, not at each start.
func illustrate(root *cobra.Command) {
	for path, text := range examples {
		cmd, rest, err := root.Find(strings.Fields(path))
		if err == nil && len(rest) == 0 && cmd.Example == "" {
			cmd.Example = "  " + text
		}
	}
	for i := range client.Nouns {
		n := &client.Nouns[i]
		cmd, _, err := root.Find([]string{n.Name})
		if err != nil {
			continue
		}
		for _, verb := range cmd.Commands() {
			if verb.Example == "" && examples["KIND "+verb.Name()] != "" {
				verb.Example = "  " + strings.ReplaceAll(examples["KIND "+verb.Name()], "KIND", n.Name)
			}
		}
		for _, act := range n.Actions {
			if verb, _, err := cmd.Find([]string{act.Name}); err == nil && verb.Example == "" {
				verb.Example = "  plaza " + strings.Join(append([]string{n.Name, act.Name, n.Name + "-1"}, needs(act.Input)...), " ")
			}
		}
	}
}

// needs are the flags that an action can not do without.
func needs(input []client.Property) []string {
	var out []string
	for _, p := range input {
		if p.Required {
			out = append(out, "--"+flagOf([]string{p.Name}), like(p))
		}
	}
	return out
}

// like is a value that a property could have.
func like(p client.Property) string {
	switch {
	case len(p.Enum) > 0:
		return p.Enum[0]
	case p.Type == "integer" || p.Type == "number":
		return "1"
	case p.Type == "array" && p.Items == "object":
		var members []string
		for _, f := range p.Properties {
			if f.Required {
				members = append(members, f.Name+"="+like(f))
			}
		}
		return strings.Join(members, ",")
	case p.Type == "object":
		return "key=value"
	}
	return strings.ToUpper(p.Name)
}
