package openstack

import (
	"context"
	"log/slog"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/keyed"
)

// Settings of a Driver. Place, AuthURL, Username, Password and Project are needed.
type Settings struct {
	Place string // Plaza id of the region: the only place this driver answers for
	provider.RegionSettings
	// TenantDomain is the Keystone domain in which the projects of tenants are made; default: that of Project.
	TenantDomain string
	// MemberRole is what the driver's user is granted on the projects of tenants; default member.
	MemberRole string
	// StopGrace is how long a guest may take to heed the power button; it is written on images, in whole seconds, as Nova
	// takes it from there. Default 30 s.
	StopGrace time.Duration
	Contents  provider.Contents // of the images that Plaza keeps itself; nil: there are none
	Logger    *slog.Logger
}

// Driver is the provider.Region of one region of OpenStack.
type Driver struct {
	set   Settings
	log   *slog.Logger
	cloud *cloud
	ids   identities
	locks keyed.Mutex
	news  news

	tenants tenants
	fences  fences
	accels  accelerators
}

// Open prepares a driver. It asks the cloud nothing: a region may be down when Plaza starts.
func Open(_ context.Context, set Settings) (*Driver, error) {
	if set.Place == "" || set.AuthURL == "" || set.Username == "" || set.Password == "" || set.Project == "" {
		return nil, provider.Errorf(provider.ReasonInvalid, "give place, authURL, username, password and project", "the region's settings are not complete")
	}
	if set.UserDomain == "" {
		set.UserDomain = "Default"
	}
	if set.ProjectDomain == "" {
		set.ProjectDomain = "Default"
	}
	if set.TenantDomain == "" {
		set.TenantDomain = set.ProjectDomain
	}
	if set.MemberRole == "" {
		set.MemberRole = "member"
	}
	if set.StopGrace == 0 {
		set.StopGrace = 30 * time.Second
	}
	if set.Logger == nil {
		set.Logger = slog.New(slog.DiscardHandler)
	}
	c, err := newCloud(set)
	if err != nil {
		return nil, err
	}
	return &Driver{set: set, log: set.Logger, cloud: c}, nil
}

// Turned tells that the circuit of a service has opened or closed.
func (d *Driver) Turned() <-chan struct{} { return d.cloud.circuits.turned }

// Close leaves the cloud's connections. What runs in the region goes on.
func (d *Driver) Close() error {
	d.cloud.circuits.closeIdle()
	return nil
}

func (d *Driver) checkPlace(place string) error {
	if place != "" && place != d.set.Place {
		return provider.Errorf(provider.ReasonNotFound, "this driver serves "+d.set.Place, "place %q is not here", place)
	}
	return nil
}
