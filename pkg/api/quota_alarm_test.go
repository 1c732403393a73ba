package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/resource"
)

// What is exceeded, and what the nightly count found wrong, is told to who may read it, and to scrapers.
func TestQuotaAlarms(t *testing.T) {
	r := newRig(t)
	at := "?node=" + shop
	r.call(t, "admin", "PUT", "/v1/quotas/boxes"+at, `{"hard":-1,"soft":0}`).is(200)
	r.call(t, "admin", "PUT", "/v1/quotas/boxes"+at+"&region=atlantis", `{"hard":1}`).refused(resource.ReasonInvalid)
	r.call(t, "admin", "PUT", "/v1/quotas/boxes"+at+"&region=atlantis", `{"hard":-1}`).is(200)
	r.newBox(t, "admin", shop, "own", 5)
	alarms := func(who string) (out api.QuotaAlarms) {
		r.call(t, who, "GET", "/v1/quotas/alarms"+at, nil).is(200).into(&out)
		return out
	}
	mine := alarms("dailymart-member")
	require.Len(t, mine.Items, 1)
	require.Equal(t, "boxes", mine.Items[0].Metric)
	require.Nil(t, mine.Recount)
	r.call(t, "tealeaf-member", "GET", "/v1/quotas/alarms"+at, nil).refused(resource.ReasonNotFound)
	metrics := func() string { return string(r.call(t, "cloud-operator", "GET", "/metrics", nil).is(200).body) }
	require.Contains(t, metrics(), "plaza_quota_exceeded 1")
	require.Contains(t, metrics(), "plaza_quota_differences -1")

	_, err := r.store.DB().Write.NewUpdate().Table("quota_usage").Set("reserved = reserved + 3").Where("metric = 'boxes'").Exec(t.Context())
	require.NoError(t, err)
	require.NoError(t, r.store.CheckQuota(t.Context()))
	require.Contains(t, metrics(), "plaza_quota_differences 1")
	require.EqualValues(t, 1, alarms("admin").Recount.Differences)
	require.Nil(t, alarms("dailymart-member").Recount, "who reads one project does not learn of others")
	r.call(t, "admin", "POST", "/v1/placement/explain", `{"project":"`+shop+`","spec":{"flavor":"s","image":"i","network":"n"}}`).refused(resource.ReasonNotFound)
}
