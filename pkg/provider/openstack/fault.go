package openstack

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
)

// lastError is what the last step that failed on a server says; Nova keeps it in the server's actions, and tells it as
// the server's fault only when the server itself is in error.
func (d *Driver) lastError(ctx context.Context, s *servers.Server) string {
	if s.Fault.Message != "" {
		return s.Fault.Message
	}
	c, err := d.cloud.client(ctx, compute, "")
	if err != nil {
		return ""
	}
	var list struct {
		Actions []struct {
			Request string `json:"request_id"`
			Message string `json:"message"`
		} `json:"instanceActions"`
	}
	if err := read(ctx, c, c.ServiceURL("servers", s.ID, "os-instance-actions"), &list); err != nil || len(list.Actions) == 0 {
		return ""
	}
	last := list.Actions[0] // the newest comes first
	var action struct {
		Action struct {
			Events []struct {
				Result    string `json:"result"`
				Details   string `json:"details"`
				Traceback string `json:"traceback"`
			} `json:"events"`
		} `json:"instanceAction"`
	}
	if err := read(ctx, c, c.ServiceURL("servers", s.ID, "os-instance-actions", last.Request), &action); err != nil {
		return last.Message
	}
	for _, e := range action.Action.Events {
		if e.Result != "Error" {
			continue
		}
		if e.Details != "" { // not told by an older Nova
			return e.Details
		}
		lines := strings.Split(strings.TrimSpace(e.Traceback), "\n") // its last line is the exception, or at least where it was raised
		if text := strings.TrimSpace(lines[len(lines)-1]); text != "" {
			return text
		}
	}
	return last.Message
}

// volumeError is what Cinder tells users about a volume that failed.
func (d *Driver) volumeError(ctx context.Context, backend, project string) string {
	c, err := d.cloud.client(ctx, volume, project)
	if err != nil {
		return ""
	}
	var list struct {
		Messages []json.RawMessage `json:"messages"`
	}
	if err := read(ctx, c, c.ServiceURL("messages")+"?resource_uuid="+backend, &list); err != nil || len(list.Messages) == 0 {
		return ""
	}
	var newest struct {
		Text string `json:"user_message"`
	}
	if json.Unmarshal(list.Messages[0], &newest) != nil {
		return ""
	}
	return newest.Text
}
