package ceph

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ceph/go-ceph/rgw/admin"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	// gatewayLimit bounds one request; purging a large bucket is one, and is taken up again by the next try.
	gatewayLimit = 5 * time.Minute
	dialLimit    = 5 * time.Second

	// region is what requests are signed for; the gateway takes any.
	region = "us-east-1"
)

// gateway is the RADOS gateway of a cluster: its admin interface, and S3 in the name of a bucket's owner.
type gateway struct {
	settings provider.StorageSettings
	at       *url.URL
	http     *http.Client
	admin    *admin.API
}

// gateway returns that of a cluster, made anew when its settings have changed.
func (d *Driver) gateway(place string) (*gateway, error) {
	s, err := d.settings(place)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if g := d.gateways[place]; g != nil {
		if g.same(s) {
			return g, nil
		}
		g.http.CloseIdleConnections()
		delete(d.gateways, place)
	}
	g, err := newGateway(s)
	if err != nil {
		return nil, err
	}
	d.gateways[place] = g
	return g, nil
}

func (g *gateway) same(s provider.StorageSettings) bool {
	return g.settings.Endpoint == s.Endpoint && g.settings.AccessKey == s.AccessKey && g.settings.SecretKey == s.SecretKey && g.settings.CACert == s.CACert
}

func newGateway(s provider.StorageSettings) (*gateway, error) {
	if s.Endpoint == "" {
		return nil, provider.Errorf(provider.ReasonInvalid, "set endpoint, accessKey and secretKey of the cluster", "the cluster keeps no buckets: it names no RADOS gateway")
	}
	at, err := url.Parse(s.Endpoint)
	if err != nil || at.Host == "" || (at.Scheme != "http" && at.Scheme != "https") {
		return nil, provider.Errorf(provider.ReasonInvalid, "http://host:port or https://host:port", "%q is not the address of a RADOS gateway", s.Endpoint)
	}
	transport := &http.Transport{DialContext: (&net.Dialer{Timeout: dialLimit}).DialContext, TLSHandshakeTimeout: dialLimit, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute}
	if s.CACert != "" {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(s.CACert)) {
			return nil, provider.Errorf(provider.ReasonInvalid, "PEM", "the authority of the RADOS gateway is no certificate")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	client := &http.Client{Transport: transport, Timeout: gatewayLimit}
	api, err := admin.New(at.Scheme+"://"+at.Host, s.AccessKey, s.SecretKey, client)
	if err != nil {
		return nil, provider.Errorf(provider.ReasonInvalid, "set accessKey and secretKey of the cluster", "the RADOS gateway can not be asked: %w", err)
	}
	return &gateway{settings: s, at: at, http: client, admin: api}, nil
}

// s3 speaks as the holder of a key.
func (g *gateway) s3(key admin.UserKeySpec, through http.RoundTripper) (*minio.Client, error) {
	c, err := minio.New(g.at.Host, &minio.Options{Creds: credentials.NewStaticV4(key.AccessKey, key.SecretKey, ""), Secure: g.at.Scheme == "https",
		Region: region, BucketLookup: minio.BucketLookupPath, Transport: through, MaxRetries: 1})
	if err != nil {
		return nil, provider.Errorf(provider.ReasonInternal, "", "speaking S3: %w", err)
	}
	return c, nil
}

// codes of S3 and of the admin interface, which share most of them.
var codes = map[string]provider.Reason{
	"NoSuchUser": provider.ReasonNotFound, "NoSuchBucket": provider.ReasonNotFound, "NoSuchKey": provider.ReasonNotFound,
	"BucketAlreadyExists": provider.ReasonConflict, "BucketNotEmpty": provider.ReasonConflict, "UserAlreadyExists": provider.ReasonConflict,
	"KeyExists": provider.ReasonConflict, "EntityTooLarge": provider.ReasonInvalid, "KeyTooLongError": provider.ReasonInvalid,
	"IncompleteBody": provider.ReasonInvalid, "TooManyBuckets": provider.ReasonConflict, "OperationAborted": provider.ReasonConflict,
	"InvalidArgument": provider.ReasonInvalid, "InvalidBucketName": provider.ReasonInvalid, "InvalidLocationConstraint": provider.ReasonInvalid,
	"QuotaExceeded": provider.ReasonNoSpace, "AccessDenied": provider.ReasonUnavailable, "InvalidAccessKeyId": provider.ReasonUnavailable,
	"SignatureDoesNotMatch": provider.ReasonUnavailable, "SlowDown": provider.ReasonUnavailable, "ServiceUnavailable": provider.ReasonUnavailable,
}

// mapped turns an error of the gateway into the reason the control plane acts on.
func mapped(what string, err error) error {
	if err == nil {
		return nil
	}
	if e := (*provider.Error)(nil); errors.As(err, &e) {
		return err
	}
	reason, hint := provider.ReasonInternal, ""
	var timeout net.Error
	switch code := codeOf(err); {
	case codes[code] != "":
		reason = codes[code]
		if code == "AccessDenied" || code == "InvalidAccessKeyId" || code == "SignatureDoesNotMatch" {
			hint = "check the cluster's accessKey and secretKey, and that their user has the capabilities users=*;buckets=*"
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &timeout) && timeout.Timeout():
		reason, hint = provider.ReasonTimeout, "the call is safe to repeat"
	case unreached(err), strings.HasPrefix(err.Error(), "failed to unmarshal radosgw http response"): // a proxy before it may have answered

		reason, hint = provider.ReasonUnavailable, "check that the RADOS gateway runs and that the cluster's endpoint is right"
	}
	return provider.Errorf(reason, hint, "%s: %w", what, err)
}

// codeOf is the code the gateway gave; the admin interface keeps its own in the first word of its errors.
func codeOf(err error) string {
	var s3 minio.ErrorResponse
	if errors.As(err, &s3) {
		return s3.Code
	}
	code, _, _ := strings.Cut(err.Error(), " ")
	return code
}

func unreached(err error) bool {
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	return errors.As(err, &op) || errors.As(err, &cert)
}
