package ceph

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/minio/minio-go/v7"

	"github.com/plazacloud/plaza/pkg/provider"
)

// maxKey is the longest key, in bytes.
const maxKey = 1024

// bucket speaks S3 in the name of a bucket's owner.
func (d *Driver) bucket(ctx context.Context, place, id string) (c *minio.Client, name string, err error) {
	g, err := d.gateway(place)
	if err != nil {
		return nil, "", err
	}
	key, name, err := g.owner(ctx, id)
	if err != nil {
		return nil, "", err
	}
	c, err = g.s3(key, within(ctx, g.http.Transport))
	return c, name, err
}

// at is bucket, for one S3 object in it.
func (d *Driver) at(ctx context.Context, place, id, key string) (c *minio.Client, name string, err error) {
	if key == "" || len(key) > maxKey || !utf8.ValidString(key) {
		return nil, "", provider.Errorf(provider.ReasonInvalid, fmt.Sprintf("1 to %d bytes of UTF-8", maxKey), "%q can not be the key of an S3 object", key)
	}
	return d.bucket(ctx, place, id)
}

// roundTrip is a function that implements http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// within lets a context end requests that were not given one, as those of minio.Core.
func within(ctx context.Context, real http.RoundTripper) http.RoundTripper {
	return roundTrip(func(req *http.Request) (*http.Response, error) { return real.RoundTrip(req.WithContext(ctx)) })
}

// ListContent implements provider.BucketContents.
func (d *Driver) ListContent(ctx context.Context, place, id string, ask provider.BucketQuery) (provider.BucketPage, error) {
	c, name, err := d.bucket(ctx, place, id)
	if err != nil {
		return provider.BucketPage{}, err
	}
	delimiter := "/"
	if ask.All {
		delimiter = ""
	}
	has, err := minio.Core{Client: c}.ListObjectsV2(name, ask.Prefix, "", ask.After, delimiter, ask.Limit)
	if err != nil {
		return provider.BucketPage{}, mapped("list the bucket", err)
	}
	page := provider.BucketPage{Items: make([]provider.BucketItem, 0, len(has.Contents)+len(has.CommonPrefixes))}
	for _, o := range has.Contents {
		page.Items = append(page.Items, provider.BucketItem{Key: o.Key, Bytes: o.Size, ModifiedAt: o.LastModified.UTC(), ETag: strings.Trim(o.ETag, `"`)})
	}
	for _, f := range has.CommonPrefixes {
		page.Items = append(page.Items, provider.BucketItem{Key: f.Prefix, Folder: true})
	}
	slices.SortFunc(page.Items, func(a, b provider.BucketItem) int { return strings.Compare(a.Key, b.Key) })
	if has.IsTruncated {
		page.Next = has.NextContinuationToken
	}
	return page, nil
}

// PutContent implements provider.BucketContents with one request, as the body comes once.
func (d *Driver) PutContent(ctx context.Context, place, id string, put provider.BucketPut, body io.Reader) error {
	c, name, err := d.at(ctx, place, id, put.Key)
	if err != nil {
		return err
	}
	_, err = c.PutObject(ctx, name, put.Key, body, put.Bytes, minio.PutObjectOptions{ContentType: cmp.Or(put.Type, "application/octet-stream"), DisableMultipart: true})
	return mapped("write "+put.Key, err)
}

// DeleteContent implements provider.BucketContents.
func (d *Driver) DeleteContent(ctx context.Context, place, id, key string) error {
	c, name, err := d.at(ctx, place, id, key)
	if err != nil {
		return err
	}
	return mapped("delete "+key, c.RemoveObject(ctx, name, key, minio.RemoveObjectOptions{}))
}

// LinkContent implements provider.BucketContents; the gateway is not asked whether there is such an S3 object.
func (d *Driver) LinkContent(ctx context.Context, place, id string, want provider.BucketLink) (string, error) {
	c, name, err := d.at(ctx, place, id, want.Key)
	if err != nil {
		return "", err
	}
	if want.Write {
		u, err := c.PresignedPutObject(ctx, name, want.Key, want.Life)
		return text(u), mapped("sign the link", err)
	}
	ask := url.Values{}
	if want.Save {
		ask.Set("response-content-disposition", fmt.Sprintf("attachment; filename*=UTF-8''%s", url.PathEscape(path.Base(want.Key))))
	}
	u, err := c.PresignedGetObject(ctx, name, want.Key, want.Life, ask)
	return text(u), mapped("sign the link", err)
}

func text(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.String()
}

var _ provider.BucketContents = (*Driver)(nil)
