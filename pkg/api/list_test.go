package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

// listed is a page of boxes, whole or cut.
type listed struct {
	Items []map[string]any
	Next  string
	Count *resource.Total
}

func (l listed) names() (out []string) {
	for _, o := range l.Items {
		out = append(out, o["name"].(string))
	}
	return out
}

func TestListsAreFilteredSortedCutAndCounted(t *testing.T) {
	r := newRig(t)
	for i := range 5 {
		r.call(t, "admin", "POST", "/v1/boxes?wait=20s", map[string]any{"project": shop, "name": fmt.Sprint([]string{"web-", "db-"}[i%2], i),
			"labels": map[string]string{"team": []string{"Night Shift", "day"}[i%2]}, "spec": map[string]any{"size": 10 - i, "closed": i == 3, "secret": "hush"}}).is(201)
	}
	r.newBox(t, "admin", teashop, "web-of-others", 50)
	list := func(who, key, value string, more ...string) (out listed) {
		r.call(t, who, "GET", "/v1/boxes?"+key+"="+url.QueryEscape(value)+strings.Join(more, ""), nil).is(200).into(&out)
		return out
	}
	for _, c := range []struct {
		key, value string
		want       []string
	}{
		{"filter", "spec.size >= 8", []string{"web-0", "db-1", "web-2"}},
		{"filter", "name prefix web-", []string{"web-0", "web-2", "web-4"}},
		{"filter", "spec.size in 10,6,99", []string{"web-0", "web-4"}},
		{"filter", "spec.closed=true", []string{"db-3"}},
		{"filter", "spec.closed!=true", []string{"web-0", "db-1", "web-2", "web-4"}},
		{"filter", "labels.team=day", []string{"db-1", "db-3"}},
		{"filter", "status.size<7", []string{"web-4"}},
		{"filter", "createdAt<2020-01-01", nil},
		{"filter", "project=" + r.project[teashop], nil},
		{"search", "NIGHT 4", []string{"web-4"}},
		{"search", "-", []string{"web-0", "db-1", "web-2", "db-3", "web-4"}},
		{"sort", "-name", []string{"web-4", "web-2", "web-0", "db-3", "db-1"}},
		{"sort", "createdAt", []string{"web-0", "db-1", "web-2", "db-3", "web-4"}},
	} {
		require.Equal(t, c.want, list("dailymart-reader", c.key, c.value).names(), "%s=%s", c.key, c.value)
	}
	both := list("dailymart-reader", "filter", "spec.size>=7", "&filter=name%20prefix%20db-&sort=-name")
	require.Equal(t, []string{"db-3", "db-1"}, both.names())

	var walked []string
	page := list("dailymart-reader", "sort", "-name", "&limit=2")
	for page.Next != "" {
		walked = append(walked, page.names()...)
		page = list("dailymart-reader", "sort", "-name", "&limit=2&after="+url.QueryEscape(page.Next))
	}
	require.Equal(t, []string{"web-4", "web-2", "web-0", "db-3", "db-1"}, append(walked, page.names()...))

	require.Equal(t, &resource.Total{Objects: 5, By: "exact"}, list("dailymart-reader", "count", "exact", "&limit=1").Count, "one's own")
	require.Equal(t, &resource.Total{Objects: 6, By: "exact"}, list("admin", "count", "estimated").Count)
	require.Equal(t, int64(1), list("tealeaf-member", "count", "exact", "&filter=name%20prefix%20web").Count.Objects)
	require.Nil(t, list("admin", "limit", "1").Count)

	cut := r.call(t, "dailymart-reader", "GET", "/v1/boxes?limit=1&fields=spec,labels.team", nil).is(200)
	require.Equal(t, "application/vnd.plaza.selection+json", cut.header.Get("Content-Type"))
	require.NotContains(t, string(cut.body), "hush")
	var some listed
	cut.into(&some)
	require.Equal(t, map[string]any{"team": "Night Shift"}, some.Items[0]["labels"])
	require.Equal(t, map[string]any{"size": 10.0}, some.Items[0]["spec"])
	require.Len(t, some.Items[0], 4, "id, name and what was asked for")
}

func TestListsTellWhatTheyDoNotKnow(t *testing.T) {
	r := newRig(t)
	for query, says := range map[string]string{
		"filter=spec.secret%3Dx":       "spec.size",
		"filter=spec.size%3Dx":         "integer",
		"filter=colour":                "OPERATOR",
		"filter=spec.colour%3Dpurple":  "red, green, blue",
		"sort=spec.size":               "createdAt",
		"fields=spec.weight":           "colour",
		"count=roughly":                "estimated",
		"sort=name&after=" + shelfless: "next",
	} {
		answer := r.call(t, "admin", "GET", "/v1/boxes?"+query, nil)
		answer.refused(resource.ReasonInvalid)
		require.Contains(t, string(answer.body), says, query)
	}
}

// shelfless is an id of nothing.
const shelfless = "0198cafe-0000-7000-8000-000000000000"
