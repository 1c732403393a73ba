package openstack

import (
	"context"
	"fmt"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func TestAnswersBecomeReasonsAndSentences(t *testing.T) {
	for _, c := range []struct {
		code     int
		body     string
		reason   provider.Reason
		sentence string
	}{
		{404, `{"itemNotFound": {"code": 404, "message": "Instance x could not be found."}}`, provider.ReasonNotFound, "Instance x could not be found."},
		{400, `{"badRequest": {"code": 400, "message": "Invalid key_name provided."}}`, provider.ReasonInvalid, "Invalid key_name provided."},
		{409, `{"conflictingRequest": {"code": 409, "message": "Cannot 'stop' instance x while it is in vm_state stopped"}}`, provider.ReasonConflict, "Cannot 'stop' instance x while it is in vm_state stopped"},
		{403, `{"forbidden": {"code": 403, "message": "Quota exceeded for cores: Requested 1, but already used 20 of 20 cores"}}`, provider.ReasonNoSpace, "Quota exceeded for cores: Requested 1, but already used 20 of 20 cores"},
		{413, `{"overLimit": {"code": 413, "message": "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota."}}`, provider.ReasonNoSpace, "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota."},
		{409, `{"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['port'].", "detail": ""}}`, provider.ReasonNoSpace, "Quota exceeded for resources: ['port']."},
		{409, `{"NeutronError": {"type": "IpAddressGenerationFailure", "message": "No more IP addresses available on network n.", "detail": ""}}`, provider.ReasonNoSpace, "No more IP addresses available on network n."},
		{409, `{"NeutronError": {"type": "NetworkInUse", "message": "Unable to complete operation on network n.", "detail": ""}}`, provider.ReasonConflict, "Unable to complete operation on network n."},
		{409, `{"error": {"code": 409, "message": "Conflict occurred attempting to store project", "title": "Conflict"}}`, provider.ReasonConflict, "Conflict occurred attempting to store project"},
		{403, `<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1>You are not authorized<br /></body></html>`, provider.ReasonInvalid, "403 Forbidden"},
		{409, `{"error_message": "{\"faultcode\": \"Client\", \"faultstring\": \"Node 1 is locked by host c\", \"debuginfo\": null}"}`, provider.ReasonConflict, "Node 1 is locked by host c"},
		{404, `{"errors": [{"status": 404, "title": "Not Found", "detail": "No resource provider with uuid x found"}]}`, provider.ReasonNotFound, "No resource provider with uuid x found"},
		{401, `{"error": {"code": 401, "message": "The request you have made requires authentication."}}`, provider.ReasonUnavailable, "The request you have made requires authentication."},
		{500, `{"computeFault": {"code": 500, "message": "Unexpected API Error. quota"}}`, provider.ReasonUnavailable, "Unexpected API Error. quota"},
		{503, ``, provider.ReasonUnavailable, "HTTP 503 Service Unavailable"},
		{504, ``, provider.ReasonTimeout, "HTTP 504 Gateway Timeout"},
	} {
		err := mapped("do it", gophercloud.ErrUnexpectedResponseCode{Actual: c.code, Body: []byte(c.body)})
		require.Equal(t, c.reason, provider.ReasonOf(err), c.body)
		require.Contains(t, err.Error(), "do it: ")
		require.Contains(t, err.Error(), c.sentence)
		require.True(t, isCode(err, c.code), "the status can still be asked for")
	}
}

func TestOtherErrors(t *testing.T) {
	require.NoError(t, mapped("x", nil))
	require.Equal(t, provider.ReasonTimeout, provider.ReasonOf(mapped("x", fmt.Errorf("post: %w", context.DeadlineExceeded))))
	require.Equal(t, provider.ReasonInternal, provider.ReasonOf(mapped("x", fmt.Errorf("strange"))))
	known := provider.Errorf(provider.ReasonConflict, "", "taken")
	require.Equal(t, error(known), mapped("x", known), "what has a reason keeps it")
	require.Equal(t, provider.ReasonNoSpace, provider.ReasonOf(failure("build server", "No valid host was found. There are not enough hosts available.")))
	require.Equal(t, provider.ReasonInternal, provider.ReasonOf(failure("build server", "")))
}

// The bodies of errors are written by others.
func FuzzMessageOf(f *testing.F) {
	f.Add([]byte(`{"a": {"message": ["x", {"detail": 1}]}}`))
	f.Add([]byte(`{"error_message": "{\"error_message\": \"{}\"}"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		require.LessOrEqual(t, len(messageOf(body)), longestMessage+len(" …"))
	})
}
