package lab

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
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

// list asks the cloud's own command line client for what is in the project, which only this test uses.
func (s *site) list(t *testing.T, noun, more string) []map[string]any {
	t.Helper()
	return s.lab.openstack(t, s.listing(noun, more))
}

func (s *site) listing(noun, more string) string {
	return noun + " list --project plaza-" + s.project + " " + more
}

// agree compares what Plaza says is in the region with what the cloud's own command line client says.
func (s *site) agree(t *testing.T) {
	t.Helper()
	rows := s.lab.openstackEach(t, s.listing("server", "--all-projects --long"), s.listing("volume", "--long"), s.listing("network", "--long"))
	for i, k := range []struct {
		plural string
		same   func(o resource.Raw, row map[string]any) string
	}{
		{"servers", sameServer},
		{"volumes", sameVolume},
		{"networks", func(resource.Raw, map[string]any) string { return "" }},
	} {
		theirs := plazaIDs(rows[i])
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
	nouns := []string{"server", "volume", "volume snapshot", "network", "router", "port", "floating ip"}
	var lists []string
	for _, noun := range nouns {
		lists = append(lists, s.listing(noun, map[string]string{"server": "--all-projects"}[noun]))
	}
	rows := s.lab.openstackEach(t, append(lists, s.listing("security group", ""), "image list --long")...)
	for i, noun := range nouns {
		require.Empty(t, rows[i], noun)
	}
	for _, g := range rows[len(nouns)] {
		require.Equal(t, "default", g["Name"], "Neutron makes that one itself")
	}
	for _, image := range rows[len(nouns)+1] {
		text := fmt.Sprint(image)
		require.False(t, slices.ContainsFunc(s.images, func(id string) bool { return strings.Contains(text, id) }), text)
	}
	require.Empty(t, s.List(t, "servers"))
}
