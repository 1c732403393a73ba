package openstack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/utils"

	"github.com/plazacloud/plaza/pkg/provider"
)

// service is one API of a cloud, by its official type.
type service string

const (
	identity  service = "identity"
	compute   service = "compute"
	network   service = "network"
	volume    service = "block-storage"
	image     service = "image"
	placement service = "placement"
	baremetal service = "baremetal"
)

// An api says how a service is asked: path of its version, and the newest microversion this package was written for.
type api struct {
	path         string
	microversion string
}

var apis = map[service]api{
	identity:  {path: "v3/"},
	compute:   {path: "v2.1/", microversion: "2.93"},
	network:   {path: "v2.0/"},
	volume:    {path: "v3/", microversion: "3.70"},
	image:     {path: "v2/"},
	placement: {microversion: "1.39"},
	baremetal: {path: "v1/", microversion: "1.82"},
}

const (
	dialTimeout   = 5 * time.Second
	answerTimeout = 90 * time.Second // Nova's attach waits for an answer of the compute node, up to a minute
)

// cloud reaches the services of a region: one login for each Keystone project, one circuit for each service.
type cloud struct {
	set      Settings
	circuits *circuits
	reads    *shared

	mu       sync.Mutex
	sessions map[string]*session
	versions map[service]string // microversion that was agreed on
}

// session is the login to one Keystone project; it is made by its first use.
type session struct {
	mu       sync.Mutex
	provider *gophercloud.ProviderClient
	catalog  *tokens.ServiceCatalog
	project  string // Keystone's id of the project
	user     string // and of the driver's user
}

func newCloud(set Settings) (*cloud, error) {
	if u, err := url.Parse(set.AuthURL); err != nil || u.Host == "" {
		return nil, provider.Errorf(provider.ReasonInvalid, "such as https://cloud.example:5000/v3", "authURL %q is no URL", set.AuthURL)
	}
	transport := &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext, TLSHandshakeTimeout: dialTimeout,
		ResponseHeaderTimeout: answerTimeout, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute,
	}
	if set.CACert != "" {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(set.CACert)) {
			return nil, provider.Errorf(provider.ReasonInvalid, "give PEM", "caCert holds no certificate")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	c := &cloud{set: set, circuits: newCircuits(transport), sessions: map[string]*session{}, versions: map[service]string{}}
	c.reads = newShared(c.circuits)
	c.circuits.add(identity, set.AuthURL)
	return c, nil
}

// client returns a client of a service, scoped to a Keystone project by its id; "" is the driver's own project, whose
// client sees all projects.
func (c *cloud) client(ctx context.Context, s service, project string) (*gophercloud.ServiceClient, error) {
	login, err := c.login(ctx, project)
	if err != nil {
		return nil, err
	}
	endpoint, err := c.endpoint(login, s)
	if err != nil {
		return nil, err
	}
	client := &gophercloud.ServiceClient{ProviderClient: login.provider, Endpoint: versioned(endpoint, apis[s].path), Type: string(s)}
	client.Microversion, err = c.microversion(ctx, client, s)
	return client, err
}

// login returns the open session of a Keystone project.
func (c *cloud) login(ctx context.Context, project string) (*session, error) {
	c.mu.Lock()
	login := c.sessions[project]
	if login == nil {
		login = &session{}
		c.sessions[project] = login
	}
	c.mu.Unlock()
	return login, login.open(ctx, c, project)
}

// at returns the client asking with another microversion, for what newer ones have dropped.
func at(c *gophercloud.ServiceClient, microversion string) *gophercloud.ServiceClient {
	other := *c
	other.Microversion = microversion
	return &other
}

// read gets a document that gophercloud has no function for.
func read(ctx context.Context, c *gophercloud.ServiceClient, url string, into any) error {
	_, err := c.Get(ctx, url, into, nil) //nolint:bodyclose // gophercloud closes what it decodes
	return err
}

func (s *session) open(ctx context.Context, c *cloud, project string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.provider != nil {
		return nil
	}
	p, err := openstack.NewClient(c.set.AuthURL)
	if err != nil {
		return provider.Errorf(provider.ReasonInvalid, "", "authURL: %w", err)
	}
	p.HTTPClient = http.Client{Transport: c.reads}
	p.UserAgent.Prepend("plaza")
	scope := &gophercloud.AuthScope{ProjectID: project}
	if project == "" {
		scope = &gophercloud.AuthScope{ProjectName: c.set.Project, DomainName: c.set.ProjectDomain}
	}
	login := &gophercloud.AuthOptions{
		IdentityEndpoint: c.set.AuthURL, Username: c.set.Username, Password: c.set.Password, DomainName: c.set.UserDomain, Scope: scope, AllowReauth: true,
	}
	if err := openstack.AuthenticateV3(ctx, p, login, gophercloud.EndpointOpts{}); err != nil {
		return mapped("log in as "+c.set.Username, err)
	}
	result, ok := p.GetAuthResult().(tokens.CreateResult)
	if !ok {
		return provider.Errorf(provider.ReasonInternal, "", "log in: no token in %T", p.GetAuthResult())
	}
	catalog, err := result.ExtractServiceCatalog()
	if err != nil {
		return mapped("read the catalogue", err)
	}
	own, err := result.ExtractProject()
	if err != nil || own == nil {
		return provider.Errorf(provider.ReasonInternal, "", "log in: the token has no project: %w", err)
	}
	self, err := result.ExtractUser()
	if err != nil || self == nil {
		return provider.Errorf(provider.ReasonInternal, "", "log in: the token has no user: %w", err)
	}
	s.provider, s.catalog, s.project, s.user = p, catalog, own.ID, self.ID
	return nil
}

// endpoint finds the service in the catalogue, and tells its circuit where it is.
func (c *cloud) endpoint(login *session, s service) (string, error) {
	opts := gophercloud.EndpointOpts{Region: c.set.Region, Availability: gophercloud.AvailabilityPublic}
	if c.set.Interface != "" {
		opts.Availability = gophercloud.Availability(c.set.Interface)
	}
	opts.ApplyDefaults(string(s))
	found, err := openstack.V3EndpointURL(login.catalog, opts) //nolint:staticcheck // its successor asks the service without a context
	if err != nil {
		return "", provider.Errorf(provider.ReasonUnavailable, "is it installed there, and are region and interface right?",
			"the catalogue of the region has no %s service with a %s endpoint", s, opts.Availability)
	}
	c.circuits.add(s, found)
	return found, nil
}

// has tells whether the catalogue names the service.
func (c *cloud) has(ctx context.Context, s service) (bool, error) {
	login, err := c.login(ctx, "")
	if err != nil {
		return false, err
	}
	_, err = c.endpoint(login, s)
	return err == nil, nil
}

var versionInPath = regexp.MustCompile(`/v\d[\d.]*(/|$)`)

// versioned appends the version's path to an endpoint that names none.
func versioned(endpoint, path string) string {
	if u, err := url.Parse(endpoint); err == nil && versionInPath.MatchString(u.Path) {
		return gophercloud.NormalizeURL(endpoint)
	}
	return gophercloud.NormalizeURL(endpoint) + path
}

// microversion agrees with a service on the newest microversion that both know; "" for services without any.
func (c *cloud) microversion(ctx context.Context, client *gophercloud.ServiceClient, s service) (string, error) {
	ours := apis[s].microversion
	if ours == "" {
		return "", nil
	}
	c.mu.Lock()
	known := c.versions[s]
	c.mu.Unlock()
	if known != "" {
		return known, nil
	}
	base, err := utils.BaseEndpoint(client.Endpoint)
	if err != nil {
		return "", provider.Errorf(provider.ReasonInternal, "", "%s endpoint: %w", s, err)
	}
	theirs, err := utils.GetServiceVersions(ctx, client.ProviderClient, gophercloud.NormalizeURL(base), true)
	if err != nil {
		return "", mapped(fmt.Sprintf("ask %s for its versions", s), err)
	}
	agreed := ""
	for _, v := range theirs {
		if v.MaxMajor > 0 {
			agreed = newestOfBoth(ours, v.MaxMajor, v.MaxMinor)
		}
	}
	if agreed == "" {
		return "", provider.Errorf(provider.ReasonUnavailable, "", "%s at %s has no microversions", s, base)
	}
	c.mu.Lock()
	c.versions[s] = agreed
	c.mu.Unlock()
	return agreed, nil
}

// newestOfBoth is the smaller one of our microversion and the server's newest.
func newestOfBoth(ours string, major, minor int) string {
	var m, n int
	if _, err := fmt.Sscanf(ours, "%d.%d", &m, &n); err == nil && (major > m || major == m && minor > n) {
		return ours
	}
	return fmt.Sprintf("%d.%d", major, minor)
}

// base is an endpoint without its version, which is where its circuit begins.
func base(endpoint string) string {
	b, err := utils.BaseEndpoint(endpoint)
	if err != nil {
		b = endpoint
	}
	return strings.TrimSuffix(b, "/") + "/"
}
