package provider

import "context"

// ServerGroup is a group of servers with a policy for their hypervisors: anti-affinity or affinity, which are kept, or
// soft-anti-affinity or soft-affinity, which are preferred. A group never changes its policy.
type ServerGroup struct {
	ID     string `json:"id"`
	Policy string `json:"policy"`
}

// ServerGroups forgets groups; a place learns of one with its first server there.
type ServerGroups interface {
	// DeleteServerGroup removes what the place keeps of a group whose servers are gone.
	DeleteServerGroup(ctx context.Context, host, id string) error
}
