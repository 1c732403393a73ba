package drift

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Declared is an object as Plaza has it. Want holds what it should be like: zero values are not compared, and other
// objects are named by their Plaza ids.
type Declared struct {
	Kind, ID, Name, Project string
	Places                  []string // where it is; none while it has not been placed
	Anywhere                bool     // copies of it may be in any place, and are no surprise
	Settled                 bool     // nothing is under way: only then can it be missing or changed
	Adopted                 bool     // what it was attached to when it was found is not Plaza's
	UpdatedAt               time.Time
	Want                    provider.Facts
}

type key struct{ kind, id string }

// comparison is one run of Compare.
type comparison struct {
	place    string
	look     provider.Discovery
	declared map[key]Declared
	plaza    map[key]string // Plaza id by kind and backend's id
	matched  map[key]bool
	out      []Difference
}

// Compare tells how what was found in a place differs from what is declared. declared holds every object of the kinds
// that were read, wherever it is, and was read after the look: what is found then has its object already.
func Compare(place string, declared []Declared, look provider.Discovery) []Difference {
	c := comparison{place: place, look: look, declared: map[key]Declared{}, plaza: map[key]string{}, matched: map[key]bool{}}
	for _, d := range declared {
		c.declared[key{d.Kind, d.ID}] = d
	}
	found := slices.Clone(look.Found)
	// Of two with the same id the older one is real: the other came of a crash, or of someone's copy.
	slices.SortStableFunc(found, func(a, b provider.Found) int {
		if n := a.Created.Compare(b.Created); n != 0 {
			return n
		}
		return strings.Compare(a.Backend, b.Backend)
	})
	for _, f := range found {
		if f.PlazaID != "" {
			c.plaza[key{f.Kind, f.Backend}] = f.PlazaID
		}
	}
	for _, f := range found {
		if look.Read[f.Kind] {
			c.judge(f)
		}
	}
	for _, d := range declared {
		if look.Read[d.Kind] && !c.matched[key{d.Kind, d.ID}] && slices.Contains(d.Places, place) && c.settled(d) {
			c.add(Difference{Type: Missing, Kind: d.Kind, Object: d.ID, Name: d.Name, Project: d.Project, Detail: "it is not there any more"})
		}
	}
	return c.out
}

func (c *comparison) add(d Difference) {
	d.Place = c.place
	c.out = append(c.out, d)
}

// settled tells whether the object stood still since before the look: else what was seen proves nothing.
func (c *comparison) settled(d Declared) bool {
	return d.Settled && d.UpdatedAt.Before(c.look.StartedAt)
}

func (c *comparison) judge(f provider.Found) {
	k := key{f.Kind, f.PlazaID}
	d, known := c.declared[k]
	found := Difference{Kind: f.Kind, Object: f.PlazaID, Name: f.Name, Project: d.Project, Backend: f.Backend, Found: f}
	switch {
	case f.PlazaID == "" && f.External:
	case f.PlazaID == "":
		found.Type, found.Detail = Extra, "Plaza did not make it"
		c.add(found)
	case !known:
		found.Type, found.Detail = Zombie, "there is no "+f.Kind+" with the id that it carries"
		c.add(found)
	case c.matched[k]:
		found.Type, found.Twin, found.Detail = Zombie, true, "an older one carries the same id"
		c.add(found)
	case slices.Contains(d.Places, c.place):
		c.matched[k] = true
		if fields := c.differing(d, f); len(fields) > 0 && c.settled(d) {
			found.Type, found.Name, found.Fields, found.Detail = Changed, d.Name, fields, sentence(fields)
			c.add(found)
		}
	case d.Anywhere || !c.settled(d):
		c.matched[k] = true
	default:
		found.Type, found.Detail = Zombie, "its "+f.Kind+" is in another place"
		c.add(found)
	}
}

func sentence(fields []Field) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = fmt.Sprintf("%s is %s, not %s", f.Name, orNone(f.Observed), orNone(f.Declared))
	}
	return strings.Join(parts, "; ")
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// differing lists what of a found object is not as declared.
func (c *comparison) differing(d Declared, f provider.Found) []Field {
	var out []Field
	text := func(name, declared, observed string) {
		if declared != "" && observed != "" && declared != observed {
			out = append(out, Field{name, declared, observed})
		}
	}
	number := func(name string, declared, observed int) {
		if declared != 0 && observed != 0 {
			text(name, strconv.Itoa(declared), strconv.Itoa(observed))
		}
	}
	if f.Power != provider.PowerUnknown {
		text("power", string(d.Want.Power), string(f.Power))
	}
	number("vcpus", d.Want.VCPUs, f.VCPUs)
	number("memoryMiB", d.Want.MemoryMiB, f.MemoryMiB)
	number("sizeGiB", d.Want.SizeGiB, f.SizeGiB)
	text("cidr", d.Want.CIDR, f.CIDR)
	text("gateway", d.Want.Gateway, f.Gateway)
	text("bridge", d.Want.Bridge, f.Bridge)
	for _, card := range d.Want.Cards {
		if len(f.Cards) > 0 && !slices.ContainsFunc(f.Cards, func(is provider.Card) bool { return same(card, is) }) {
			out = append(out, Field{"address", cards([]provider.Card{card}), cards(f.Cards)})
		}
	}
	if d.Kind == "server" && c.look.Read["volume"] {
		has := c.ours("volume", f.Volumes, true)
		if d.Adopted { // others may have attached more before
			has = slices.DeleteFunc(has, func(v string) bool { return !slices.Contains(d.Want.Volumes, v) })
		}
		sets(&out, "volumes", d.Want.Volumes, has)
	}
	if d.Kind == "router" && c.look.Read["network"] {
		sets(&out, "networks", d.Want.Networks, c.ours("network", f.Networks, false))
	}
	if d.Kind == "volume" && c.look.Read["server"] {
		sets(&out, "attachedTo", d.Want.AttachedTo, c.ours("server", f.AttachedTo, d.Adopted))
	}
	return out
}

// ours turns backend's ids into Plaza's. What is not Plaza's is told as such, or left out.
func (c *comparison) ours(kind string, backends []string, omit bool) []string {
	var out []string
	for _, b := range backends {
		if id := c.plaza[key{kind, b}]; id != "" {
			out = append(out, id)
		} else if !omit {
			out = append(out, b+" (not of Plaza)")
		}
	}
	return out
}

func sets(out *[]Field, name string, declared, observed []string) {
	a, b := slices.Sorted(slices.Values(declared)), slices.Sorted(slices.Values(observed))
	if !slices.Equal(a, b) {
		*out = append(*out, Field{name, strings.Join(a, ","), strings.Join(b, ",")})
	}
}

// same compares what is known of both: not every backend tells the addresses.
func same(want, is provider.Card) bool {
	return (want.MAC == "" || is.MAC == "" || strings.EqualFold(want.MAC, is.MAC)) && (want.Address == "" || is.Address == "" || want.Address == is.Address)
}

func cards(list []provider.Card) string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = strings.TrimSpace(strings.ToLower(c.MAC) + " " + c.Address)
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}
