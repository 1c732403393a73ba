package lab

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

var taggedID = regexp.MustCompile(`plaza-id'?"?[=:] ?'?"?([0-9a-f-]{36})`)

// plazaIDs are the ids of Plaza that the rows of a stock client carry, wherever the client shows metadata and tags.
func plazaIDs(rows []map[string]any) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, row := range rows {
		if found := taggedID.FindStringSubmatch(fmt.Sprint(row["Properties"], row["Tags"])); found != nil {
			out[found[1]] = row
		}
	}
	return out
}

// agree compares what Plaza says is in the region with what the cloud's own command line client says.
func (s *site) agree(t *testing.T) {
	t.Helper()
	for _, k := range []struct {
		plural, list string
		same         func(o resource.Raw, row map[string]any) string
	}{
		{"servers", "server list --all-projects --long", sameServer},
		{"volumes", "volume list --all-projects --long", sameVolume},
		{"networks", "network list --long", func(resource.Raw, map[string]any) string { return "" }},
	} {
		theirs := plazaIDs(s.lab.openstack(t, k.list))
		var ours, known []string
		for _, o := range s.List(t, k.plural) {
			if rig.Status(o, "status.host") != s.region.ID {
				continue // a network without servers lives nowhere yet
			}
			ours = append(ours, o.ID)
			if row, there := theirs[o.ID]; there {
				require.Empty(t, k.same(o, row), "%s %s: %s; %v", k.plural, o.Name, o.Status, row)
			}
		}
		for id := range theirs {
			known = append(known, id)
		}
		sort.Strings(ours)
		sort.Strings(known)
		require.Equal(t, ours, known, "%s: Plaza and the cloud differ", k.plural)
		t.Logf("%d %s are the same for Plaza and for the cloud", len(ours), k.plural)
	}
}

func sameServer(o resource.Raw, row map[string]any) string {
	want := map[string]string{"running": "ACTIVE", "stopped": "SHUTOFF"}[rig.Status(o, "status.power")]
	if row["Status"] != want || row["Name"] != o.Name {
		return fmt.Sprintf("it is %v, not %s", row["Status"], want)
	}
	return ""
}

func sameVolume(o resource.Raw, row map[string]any) string {
	if fmt.Sprint(row["Size"]) != rig.Status(o, "status.sizeGiB") {
		return fmt.Sprintf("its size is %v", row["Size"])
	}
	return ""
}

// nothingLeft wants no trace of Plaza's in the cloud but the projects of its tenants and sizes of servers.
func (s *site) nothingLeft(t *testing.T) {
	t.Helper()
	for _, list := range []string{"server list --all-projects --long", "volume list --all-projects --long", "network list --long", "router list --long",
		"image list --long", "port list --long", "floating ip list --long", "security group list"} {
		var left []string
		for _, row := range s.lab.openstack(t, list) {
			if text := fmt.Sprint(row); taggedID.MatchString(text) {
				left = append(left, text)
			}
		}
		require.Empty(t, left, list)
	}
	require.False(t, slices.ContainsFunc(s.List(t, "servers"), func(resource.Raw) bool { return true }))
}
