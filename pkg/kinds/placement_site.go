package kinds

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

// SiteSpec tells where a site or region is; its name is that of the site of hosts, or of the region.
type SiteSpec struct {
	City      string   `json:"city,omitempty" maxLength:"100" doc:"As placement policies name it"`
	Latitude  *float64 `json:"latitude,omitempty" minimum:"-90" maximum:"90" doc:"Degrees, north is positive"`
	Longitude *float64 `json:"longitude,omitempty" minimum:"-180" maximum:"180" doc:"Degrees, east is positive"`
}

// SiteStatus is empty: a site is only looked at.
type SiteStatus struct{}

// Site is where hosts or a region are.
type Site = resource.Object[SiteSpec, SiteStatus]

func siteKind() resource.Kind[SiteSpec, SiteStatus] {
	return resource.Kind[SiteSpec, SiteStatus]{
		Name: "site", Plural: "sites", Doc: "Where the hosts of a site, or a region of the same name, are.", Scoping: resource.Global,
		Columns: []resource.Column{{Header: "CITY", Path: "spec.city"}, {Header: "LATITUDE", Path: "spec.latitude"}, {Header: "LONGITUDE", Path: "spec.longitude"}},
		Indexed: []string{"spec.city"},
		Validate: func(_ context.Context, _ *resource.Admission, _, o *Site) error {
			if o.Spec.City == "" && o.Spec.Latitude == nil {
				return resource.Invalid("site", "spec.city", nil, "give its city, its coordinates, or both")
			}
			return coordinates("site", "spec", o.Spec.Latitude, o.Spec.Longitude)
		},
	}
}

// coordinates refuses half a place, and one that is not on earth.
func coordinates(kind, path string, latitude, longitude *float64) error {
	switch {
	case (latitude == nil) != (longitude == nil):
		return resource.Invalid(kind, path, nil, "has a latitude and a longitude, or neither")
	case latitude != nil && (*latitude < -90 || *latitude > 90 || *longitude < -180 || *longitude > 180):
		return resource.Invalid(kind, path, nil, "latitudes are -90 to 90 degrees, longitudes -180 to 180")
	}
	return nil
}

func position(city string, latitude, longitude *float64) *pool.Position {
	p := &pool.Position{City: city}
	if latitude != nil && longitude != nil {
		p.Latitude, p.Longitude, p.Known = *latitude, *longitude, true
	}
	return p
}

// positions are those of all sites, by name.
func positions(ctx context.Context, r resource.Reader) (map[string]*pool.Position, error) {
	out := map[string]*pool.Position{}
	err := resource.All(ctx, r, resource.Query{Kind: "site", Limit: 500}, func(raw resource.Raw) error {
		s, err := resource.As[SiteSpec, SiteStatus](raw)
		out[raw.Name] = position(s.Spec.City, s.Spec.Latitude, s.Spec.Longitude)
		return err
	})
	return out, err
}

// siteOf tells the site, region or storage cluster that an object is in: where its status has placed it, or else where
// its spec wants it. Kinds that are never anywhere are not looked at.
func siteOf(reg *resource.Registry) resource.Locator {
	return func(ctx context.Context, r resource.Reader, o resource.Raw) (string, error) {
		def, err := reg.Kind(o.Kind)
		if err != nil || !slices.Contains(def.Indexed, "status.host") && !slices.Contains(def.Indexed, "status.cluster") {
			return "", err
		}
		for _, part := range []json.RawMessage{o.Status, o.Spec} {
			var at struct{ Host, Cluster string }
			if len(part) == 0 || json.Unmarshal(part, &at) != nil {
				continue
			}
			if at.Cluster != "" {
				return nameOf(ctx, r, at.Cluster, "cluster")
			}
			if at.Host != "" {
				return nameOf(ctx, r, at.Host, "host", "region")
			}
		}
		return "", nil
	}
}

// nameOf is the site of a host, or the name of another place, by its id or name; "" for what is gone.
func nameOf(ctx context.Context, r resource.Reader, place string, kinds ...string) (string, error) {
	for _, kind := range kinds {
		raw, err := r.Get(ctx, kind, "", place)
		switch {
		case resource.ReasonOf(err) == resource.ReasonNotFound:
			continue
		case err != nil:
			return "", err
		case kind != "host":
			return raw.Name, nil
		}
		h, err := resource.As[HostSpec, HostStatus](raw)
		return h.Spec.Site, err
	}
	return "", nil
}

// Sites lists the names of everything that objects can be in: sites of hosts, regions and storage clusters.
func Sites(ctx context.Context, r resource.Reader) ([]string, error) {
	names := map[string]bool{}
	for _, kind := range []string{"host", "region", "cluster"} {
		err := resource.All(ctx, r, resource.Query{Kind: kind, Limit: 500}, func(raw resource.Raw) error {
			name := raw.Name
			if kind == "host" {
				h, err := resource.As[HostSpec, HostStatus](raw)
				if err != nil {
					return err
				}
				name = h.Spec.Site
			}
			names[name] = true
			return nil
		})
		if err != nil && resource.ReasonOf(err) != resource.ReasonNotFound { // an installation without the kind
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}
