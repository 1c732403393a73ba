package provider

import "context"

// Router joins networks of one project in one place: whoever is on one of them reaches the others, as far as the rules of
// each server let it. A network is in one router at most, and their CIDRs do not overlap.
type Router struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Project  string   `json:"project"`
	Networks []string `json:"networks"` // ids
}

// RouterState is an observed router, with the ids of the networks that it joins now, sorted.
type RouterState struct {
	ID       string   `json:"id"`
	Host     string   `json:"host"`
	Networks []string `json:"networks"`
}

// Routers joins networks. Guests need not be told: they go by the gateways of their own networks.
type Routers interface {
	// EnsureRouter joins exactly the wanted networks, which must be there (NotFound); those that it joined before and are not
	// wanted any more are on their own again. Conflict: another router has one of them, or CIDRs overlap.
	EnsureRouter(ctx context.Context, host string, want Router) (RouterState, error)
	GetRouter(ctx context.Context, host, id string) (RouterState, error)
	// DeleteRouter parts the networks, which stay.
	DeleteRouter(ctx context.Context, host, id string) error
	ListRouters(ctx context.Context, host string) ([]RouterState, error)
}
