package ceph

import (
	"context"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/lifecycle"

	"github.com/plazacloud/plaza/pkg/provider"
)

// ruleID names the rule of a bucket's life cycle that Plaza keeps; the owner's own rules are left alone.
const ruleID = "plaza-expire"

// setVersioning turns versions on, or keeps no more of them: what was kept stays, as S3 has it.
func setVersioning(ctx context.Context, c *minio.Client, want provider.Bucket) error {
	have, err := c.GetBucketVersioning(ctx, want.Name)
	if err != nil {
		return mapped("read versioning", err)
	}
	if have.Enabled() == want.Versioning {
		return nil
	}
	status := minio.Suspended
	if want.Versioning {
		status = minio.Enabled
	}
	return mapped("set versioning", c.SetBucketVersioning(ctx, want.Name, minio.BucketVersioningConfiguration{Status: status}))
}

// setExpiry lets objects, and versions that are no longer the latest, be deleted after so many days.
func setExpiry(ctx context.Context, c *minio.Client, want provider.Bucket) error {
	have, err := expiry(ctx, c, want.Name)
	if err != nil || daysOf(have) == want.ExpireDays {
		return err
	}
	next := lifecycle.NewConfiguration()
	for _, r := range have.Rules {
		if r.ID != ruleID {
			next.Rules = append(next.Rules, r)
		}
	}
	if want.ExpireDays > 0 {
		next.Rules = append(next.Rules, lifecycle.Rule{ID: ruleID, Status: "Enabled",
			Expiration:                  lifecycle.Expiration{Days: lifecycle.ExpirationDays(want.ExpireDays)},
			NoncurrentVersionExpiration: lifecycle.NoncurrentVersionExpiration{NoncurrentDays: lifecycle.ExpirationDays(want.ExpireDays)}})
	}
	return mapped("set the life cycle", c.SetBucketLifecycle(ctx, want.Name, next)) // one without rules is removed
}

func expiry(ctx context.Context, c *minio.Client, bucket string) (*lifecycle.Configuration, error) {
	have, err := c.GetBucketLifecycle(ctx, bucket)
	if err != nil && codeOf(err) == "NoSuchLifecycleConfiguration" {
		return lifecycle.NewConfiguration(), nil
	}
	if err != nil {
		return lifecycle.NewConfiguration(), mapped("read the life cycle", err)
	}
	return have, nil
}

func daysOf(c *lifecycle.Configuration) int {
	for _, r := range c.Rules {
		if r.ID == ruleID {
			return int(r.Expiration.Days)
		}
	}
	return 0
}
