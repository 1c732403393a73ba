package openstack

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

// notification is what a service published: oslo.messaging's format 2 wraps it as text, the older one does not.
type notification struct {
	EventType string         `json:"event_type"`
	Timestamp string         `json:"timestamp"`
	UserName  string         `json:"_context_user_name"`
	Request   string         `json:"_context_request_id"`
	Payload   map[string]any `json:"payload"`
}

// decode turns the body of a notification into an event whose Backend is the service's own id and whose ID is empty
// unless the payload tells it. ok is false for what no one needs to look at: things without a kind, and beginnings but that
// of a stop, which lasts. request is the id of the
// API request that it comes from.
func decode(body []byte) (e provider.Event, request string, ok bool, err error) {
	var wrapped struct {
		Message string `json:"oslo.message"`
	}
	if err := json.Unmarshal(body, &wrapped); err != nil {
		return e, "", false, fmt.Errorf("notification is not JSON: %w", err)
	}
	if wrapped.Message != "" {
		body = []byte(wrapped.Message)
	}
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		return e, "", false, fmt.Errorf("notification's message: %w", err)
	}
	e, ok = n.event()
	return e, n.Request, ok && (e.Backend != "" || e.ID != ""), nil
}

// event maps the first words of the type to a kind; the rest of it says what happened.
func (n notification) event() (provider.Event, bool) {
	words := strings.Split(n.EventType, ".")
	if len(words) < 2 || words[len(words)-1] == "start" && words[len(words)-2] != "power_off" {
		return provider.Event{}, false
	}
	data := unwrap(n.Payload)
	var e provider.Event
	switch words[0] {
	case "compute":
		if words[1] != "instance" {
			return e, false
		}
		e = serverEvent(data, words[2:])
	case "instance":
		e = serverEvent(data, words[1:])
	case "volume", "snapshot":
		e = provider.Event{Kind: "volume", Backend: text(data, "volume_id"), Change: changeOf(volumeChanges, words)}
	case "image":
		e = provider.Event{Kind: "image", Backend: text(data, "id"), Change: changeOf(objectChanges, words)}
	case "network", "subnet", "router", "port", "floatingip":
		e = networkEvent(data, words)
	case "tag":
		e = tagEvent(data)
	case "baremetal":
		e = machineEvent(data, words)
	case "service", "aggregate": // what the region has to give has changed
		e = provider.Event{Kind: "host", Backend: firstOf(text(data, "host", "name"), words[0]), Change: "changed"}
	default:
		return e, false
	}
	if e.ID == "" {
		e.ID = plazaID(data)
	}
	e.At, e.Reason = n.at(), n.reason(words, data)
	return e, e.Kind != ""
}

func (n notification) at() time.Time {
	for _, layout := range []string{"2006-01-02 15:04:05.999999", time.RFC3339Nano, "2006-01-02T15:04:05.999999"} {
		if t, err := time.Parse(layout, n.Timestamp); err == nil {
			return t.UTC()
		}
	}
	return time.Now().UTC()
}

// reason tells what was done, by whom as far as the service says, and what went wrong.
func (n notification) reason(words []string, data map[string]any) string {
	s := strings.Join(words, ".")
	who := n.UserName
	if who == "" {
		who = text(data, "action_initiator_user")
	}
	if who != "" {
		s += " by " + who
	}
	if n.Request != "" {
		s += " (" + n.Request + ")"
	}
	if fault := text(unwrap(data["fault"]), "exception_message"); fault != "" {
		s += ": " + fault
	} else if e := text(data, "exception"); e != "" {
		s += ": " + e
	} else if e := text(data, "last_error"); e != "" {
		s += ": " + e
	}
	return s
}

var serverChanges = map[string]string{
	"create": "started", "power_on": "started", "reboot": "started", "rebuild": "started", "power_off": "stopped", "shutdown": "stopped",
	"delete": "undefined", "soft_delete": "undefined", "pause": "suspended", "suspend": "suspended", "unpause": "resumed", "resume": "resumed", "restore": "resumed",
}

var volumeChanges = map[string]string{"create": "created", "delete": "undefined", "attach": "attached", "detach": "detached", "resize": "resized"}

var objectChanges = map[string]string{"create": "created", "created": "created", "delete": "undefined", "deleted": "undefined"}

// changeOf finds the first word that has a name of its own among changes; a failure is told as one.
func changeOf(names map[string]string, words []string) string {
	switch words[len(words)-1] {
	case "error", "fail":
		return "failed"
	}
	if words[0] == "snapshot" || words[0] == "subnet" || words[0] == "router" {
		return "changed" // the object that it belongs to goes on
	}
	for _, w := range words {
		if name, ok := names[w]; ok {
			return name
		}
	}
	return "changed"
}

// serverEvent reads Nova's two formats: the unversioned one calls the server's id instance_id, the versioned one uuid.
func serverEvent(data map[string]any, action []string) provider.Event {
	e := provider.Event{Kind: "server", Backend: text(data, "uuid", "instance_id"), Change: "changed"}
	if len(action) == 0 {
		return e
	}
	if action[0] == "update" {
		state := text(unwrap(data["state_update"]), "state")
		if state == "" {
			state = text(data, "state")
		}
		if state == "error" {
			e.Change = "crashed"
		}
		return e
	}
	e.Change = changeOf(serverChanges, action)
	return e
}

// networkEvent follows what Neutron tells to the object of Plaza's that it is part of: a guest's port to the server, all
// else to the network. A security group is of many servers, whose passes look at it.
func networkEvent(data map[string]any, words []string) provider.Event {
	noun := words[0]
	part := unwrap(data[noun])
	if noun == "router" && len(words) > 1 && words[1] == "interface" {
		part = unwrap(data["router_interface"])
	}
	e := provider.Event{Kind: "network", Change: "changed", ID: plazaID(part)}
	if id, _, ok := parseLeg(text(part, "description")); ok { // a router between networks, or a leg of one
		return provider.Event{Kind: "router", Change: "changed", ID: id}
	}
	switch noun {
	case "network":
		e.Backend, e.Change = firstOf(text(part, "id"), text(data, "network_id")), changeOf(objectChanges, words)
	case "port":
		e.Backend = text(part, "network_id")
		if strings.HasPrefix(text(part, "device_owner"), "compute:") {
			e.Kind, e.Backend = "server", text(part, "device_id")
		}
	default: // what belongs to a network without naming it carries the network's Plaza id
		e.Backend = text(part, "network_id")
	}
	return e
}

// tagEvent tells of a mark that was set on a part of the network, in most cases by Plaza itself.
func tagEvent(data map[string]any) provider.Event {
	e := provider.Event{Change: "changed"}
	switch text(data, "parent_resource") {
	case "networks":
		e.Kind, e.Backend = "network", text(data, "parent_resource_id")
	case "subnets", "routers", "floatingips":
		e.Kind = "network"
	case "ports":
		e.Kind = "server"
	}
	return e
}

func machineEvent(data map[string]any, words []string) provider.Event {
	e := provider.Event{Kind: "machine", Change: changeOf(objectChanges, words)}
	if words[1] != "node" {
		e.Backend = text(data, "node_uuid")
		return e
	}
	e.Backend = text(data, "uuid")
	if strings.HasPrefix(words[len(words)-2], "provision_set") {
		e.Change = firstOf(text(data, "provision_state"), e.Change)
	}
	return e
}

// unwrap takes the fields out of a versioned object: {"nova_object.data": {…}}; a plain one is returned as it is.
func unwrap(v any) map[string]any {
	m, isMap := v.(map[string]any)
	if !isMap {
		return nil
	}
	for key, inner := range m {
		if strings.HasSuffix(key, "_object.data") {
			if data, isMap := inner.(map[string]any); isMap {
				return data
			}
		}
	}
	return m
}

// text returns the first of the fields that is a text.
func text(m map[string]any, fields ...string) string {
	for _, f := range fields {
		if s, isText := m[f].(string); isText && s != "" {
			return s
		}
	}
	return ""
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// plazaID finds the mark where the services have room for it.
func plazaID(data map[string]any) string {
	for _, field := range []string{"metadata", "extra", "properties", "volume_metadata"} {
		if id := idInMetadata(data[field]); id != "" {
			return id
		}
	}
	if tags, isList := data["tags"].([]any); isList {
		for _, t := range tags {
			if s, isText := t.(string); isText {
				if id := idInText(s); id != "" {
					return id
				}
			}
		}
	}
	return idInText(text(data, "description"))
}

// idInMetadata reads a map, or Cinder's list of key and value.
func idInMetadata(v any) string {
	switch m := v.(type) {
	case map[string]any:
		return plain(text(m, idKey, "plaza_id"))
	case []any:
		for _, item := range m {
			pair, isMap := item.(map[string]any)
			if isMap && text(pair, "key") == idKey {
				return plain(text(pair, "value"))
			}
		}
	}
	return ""
}

func idInText(s string) string {
	_, rest, found := strings.Cut(s, idKey+"=")
	if !found {
		return ""
	}
	return uuidIn(rest)
}

// uuidIn returns the UUID that the last 36 or the first 36 characters are.
func uuidIn(s string) string {
	if len(s) < 36 {
		return ""
	}
	return firstOf(plain(s[:36]), plain(s[len(s)-36:]))
}

// plain lets only a Plaza id pass: what comes from a bus is not trusted.
func plain(s string) string {
	if isID(s) {
		return s
	}
	return ""
}
