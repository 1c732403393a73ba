package ceph

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ceph/go-ceph/rgw/admin"
	"github.com/minio/minio-go/v7"

	"github.com/plazacloud/plaza/pkg/provider"
)

// prefix begins the names of users; a bucket has one of its own, which may make no other.
const prefix = "plaza-"

const gib = 1 << 30

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

func userOf(id string) string { return prefix + id }

// EnsureBucket makes the user, then the bucket in its name, and sets what is wanted of it.
func (d *Driver) EnsureBucket(ctx context.Context, place string, want provider.Bucket) (provider.BucketState, error) {
	if !bucketName.MatchString(want.Name) {
		return provider.BucketState{}, provider.Errorf(provider.ReasonInvalid, "3 to 63 lower-case letters, digits and dashes", "%q can not be the name of a bucket", want.Name)
	}
	if want.QuotaGiB < 0 || want.Objects < 0 || want.ExpireDays < 0 || want.ID == "" {
		return provider.BucketState{}, provider.Errorf(provider.ReasonInvalid, "", "a bucket has an id, and no negative quota or expiry")
	}
	g, err := d.gateway(place)
	if err != nil {
		return provider.BucketState{}, err
	}
	owner, err := g.ensureUser(ctx, want)
	if err != nil {
		return provider.BucketState{}, err
	}
	if err := g.ensureOwn(ctx, owner, want); err != nil {
		return provider.BucketState{}, err
	}
	if err := g.setQuota(ctx, want); err != nil {
		return provider.BucketState{}, err
	}
	c, err := g.s3(owner.Keys[0], g.http.Transport)
	if err != nil {
		return provider.BucketState{}, err
	}
	if err := setVersioning(ctx, c, want); err != nil {
		return provider.BucketState{}, err
	}
	if err := setExpiry(ctx, c, want); err != nil {
		return provider.BucketState{}, err
	}
	return g.read(ctx, want.ID)
}

// ensureUser makes the owner and replaces a key that is withdrawn: the new one comes first, so that a try that is cut
// short leaves the owner with one at least.
func (g *gateway) ensureUser(ctx context.Context, want provider.Bucket) (admin.User, error) {
	name, one := want.Project+"/"+want.Name, 1
	u, err := g.admin.GetUser(ctx, admin.User{ID: userOf(want.ID)})
	switch {
	case errors.Is(err, admin.ErrNoSuchUser):
		u, err = g.admin.CreateUser(ctx, admin.User{ID: userOf(want.ID), DisplayName: name, MaxBuckets: &one, DefaultPlacement: want.Placement})
	case err == nil && (u.DisplayName != name || want.Placement != "" && u.DefaultPlacement != want.Placement):
		u, err = g.admin.ModifyUser(ctx, admin.User{ID: userOf(want.ID), DisplayName: name, DefaultPlacement: want.Placement})
	}
	if err != nil {
		return u, mapped("ensure the bucket's user", err)
	}
	withdrawn := func(k admin.UserKeySpec) bool { return want.RetiredKey != "" && k.AccessKey == want.RetiredKey }
	if len(u.Keys) == 0 || !slices.ContainsFunc(u.Keys, func(k admin.UserKeySpec) bool { return !withdrawn(k) }) {
		generate := true
		keys, err := g.admin.CreateKey(ctx, admin.UserKeySpec{UID: u.ID, KeyType: "s3", GenerateKey: &generate})
		if err != nil {
			return u, mapped("make a key", err)
		}
		u.Keys = *keys
	}
	if slices.ContainsFunc(u.Keys, withdrawn) {
		if err := g.admin.RemoveKey(ctx, admin.UserKeySpec{UID: u.ID, AccessKey: want.RetiredKey, KeyType: "s3"}); err != nil && !errors.Is(err, admin.ErrInvalidAccessKey) {
			return u, mapped("withdraw a key", err)
		}
	}
	u.Keys = slices.DeleteFunc(u.Keys, withdrawn)
	return u, nil
}

// ensureOwn makes the bucket unless its user has it already.
func (g *gateway) ensureOwn(ctx context.Context, owner admin.User, want provider.Bucket) error {
	have, err := g.admin.ListUsersBuckets(ctx, owner.ID)
	if err != nil {
		return mapped("list the user's buckets", err)
	}
	if len(have) > 0 {
		if have[0] != want.Name {
			return provider.Errorf(provider.ReasonConflict, "make another bucket and copy the objects", "a bucket keeps its name: this one is %s", have[0])
		}
		return nil
	}
	c, err := g.s3(owner.Keys[0], g.http.Transport)
	if err != nil {
		return err
	}
	err = c.MakeBucket(ctx, want.Name, minio.MakeBucketOptions{})
	if minio.ToErrorResponse(err).Code == "BucketAlreadyExists" {
		return provider.Errorf(provider.ReasonConflict, "choose another name", "the name %s is taken in this cluster", want.Name)
	}
	return mapped("make the bucket", err)
}

func (g *gateway) setQuota(ctx context.Context, want provider.Bucket) error {
	b, err := g.admin.GetBucketInfo(ctx, admin.Bucket{Bucket: want.Name})
	if err != nil {
		return mapped("read the bucket", err)
	}
	kib, objects := -1, int64(-1) // none
	if want.QuotaGiB > 0 {
		kib = int(want.QuotaGiB) << 20
	}
	if want.Objects > 0 {
		objects = want.Objects
	}
	on := want.QuotaGiB > 0 || want.Objects > 0
	q := b.BucketQuota
	if value(q.Enabled) == on && (!on || max(value(q.MaxSize), 0) == want.QuotaGiB*gib && max(value(q.MaxObjects), 0) == want.Objects) {
		return nil
	}
	// Ceph 16 knows the size in KiB alone, and takes one that is missing for zero.
	return mapped("set the quota", g.admin.SetIndividualBucketQuota(ctx, admin.QuotaSpec{UID: userOf(want.ID), Bucket: want.Name,
		Enabled: &on, MaxSizeKb: &kib, MaxObjects: &objects}))
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// GetBucket reports one bucket with the key to it.
func (d *Driver) GetBucket(ctx context.Context, place, id string) (provider.BucketState, error) {
	g, err := d.gateway(place)
	if err != nil {
		return provider.BucketState{}, err
	}
	return g.read(ctx, id)
}

// owner finds the key to a bucket, and the name that S3 clients call it.
func (g *gateway) owner(ctx context.Context, id string) (admin.UserKeySpec, string, error) {
	u, err := g.admin.GetUser(ctx, admin.User{ID: userOf(id)})
	if err != nil {
		return admin.UserKeySpec{}, "", mapped("read the bucket's user", err)
	}
	have, err := g.admin.ListUsersBuckets(ctx, u.ID)
	if err != nil {
		return admin.UserKeySpec{}, "", mapped("list the user's buckets", err)
	}
	if len(have) == 0 || len(u.Keys) == 0 {
		return admin.UserKeySpec{}, "", provider.Errorf(provider.ReasonNotFound, "", "there is no bucket %s", id)
	}
	return u.Keys[0], have[0], nil
}

func (g *gateway) read(ctx context.Context, id string) (provider.BucketState, error) {
	key, name, err := g.owner(ctx, id)
	if err != nil {
		return provider.BucketState{}, err
	}
	b, err := g.admin.GetBucketInfo(ctx, admin.Bucket{Bucket: name})
	if err != nil {
		return provider.BucketState{}, mapped("read the bucket", err)
	}
	st := g.state(b)
	st.Key, st.Secret = key.AccessKey, key.SecretKey
	c, err := g.s3(key, g.http.Transport)
	if err != nil {
		return st, err
	}
	versions, err := c.GetBucketVersioning(ctx, b.Bucket)
	if err != nil {
		return st, mapped("read versioning", err)
	}
	st.Versioning = versions.Enabled()
	rules, err := expiry(ctx, c, b.Bucket)
	st.ExpireDays = daysOf(rules)
	return st, err
}

// state is what the admin interface tells of a bucket.
func (g *gateway) state(b admin.Bucket) provider.BucketState {
	st := provider.BucketState{ID: strings.TrimPrefix(b.Owner, prefix), Name: b.Bucket, Endpoint: g.at.Scheme + "://" + g.at.Host, User: b.Owner,
		Bytes: int64(value(b.Usage.RgwMain.Size)), Objects: int64(value(b.Usage.RgwMain.NumObjects)), ObservedAt: time.Now().UTC()} //nolint:gosec // fit
	if value(b.BucketQuota.Enabled) {
		st.QuotaGiB = max(value(b.BucketQuota.MaxSize), 0) / gib
	}
	return st
}

// ListBuckets returns the buckets of users that Plaza made, without keys, versioning and expiry: one request tells all.
func (d *Driver) ListBuckets(ctx context.Context, place string) ([]provider.BucketState, error) {
	g, err := d.gateway(place)
	if err != nil {
		return nil, err
	}
	all, err := g.admin.ListBucketsWithStat(ctx)
	if err != nil {
		return nil, mapped("list buckets", err)
	}
	out := []provider.BucketState{}
	for _, b := range all {
		if strings.HasPrefix(b.Owner, prefix) {
			out = append(out, g.state(b))
		}
	}
	return out, nil
}

// DeleteBucket removes the bucket and then its user.
func (d *Driver) DeleteBucket(ctx context.Context, place, id string, purge bool) error {
	g, err := d.gateway(place)
	if err != nil {
		return err
	}
	have, err := g.admin.ListUsersBuckets(ctx, userOf(id))
	if errors.Is(err, admin.ErrNoSuchUser) {
		return nil
	}
	if err != nil {
		return mapped("list the user's buckets", err)
	}
	for _, name := range have {
		err := g.admin.RemoveBucket(ctx, admin.Bucket{Bucket: name, PurgeObject: &purge})
		if errors.Is(err, admin.ErrBucketNotEmpty) {
			return provider.Errorf(provider.ReasonConflict, "delete its objects and their versions first, or let it be purged", "bucket %s holds objects", name)
		}
		if err != nil && !errors.Is(err, admin.ErrNoSuchBucket) {
			return mapped("delete the bucket", err)
		}
	}
	err = g.admin.RemoveUser(ctx, admin.User{ID: userOf(id)})
	if errors.Is(err, admin.ErrNoSuchUser) {
		return nil
	}
	return mapped("delete the bucket's user", err)
}
