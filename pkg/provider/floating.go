package provider

import "context"

// FloatingIP is an address of a place's outside that a project holds, whether it leads anywhere or not.
type FloatingIP struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Project string `json:"project"`
	// Address that is wanted, of those the host's operator has set aside; a region chooses by itself when it is empty.
	Address string `json:"address,omitempty"`
}

// FloatingIPState is a held address.
type FloatingIPState struct {
	ID      string `json:"id"`
	Host    string `json:"host"`
	Address string `json:"address"`
}

// FloatingIPs keeps addresses of a place's outside. Where they lead is said with the network: Net.Floating.
type FloatingIPs interface {
	// EnsureFloatingIP holds an address. Conflict: someone else has the wanted one; Invalid: the place gives none out by itself.
	EnsureFloatingIP(ctx context.Context, host string, want FloatingIP) (FloatingIPState, error)
	GetFloatingIP(ctx context.Context, host, id string) (FloatingIPState, error)
	// DeleteFloatingIP gives an address back, which must not lead anywhere any more.
	DeleteFloatingIP(ctx context.Context, host, id string) error
	ListFloatingIPs(ctx context.Context, host string) ([]FloatingIPState, error)
}

// Floating leads a held address to a guest, all of its traffic both ways; what may come in is said by the guest's rules.
type Floating struct {
	ID      string `json:"id"`      // of the FloatingIP
	Address string `json:"address"` // outside
	Inside  string `json:"inside"`  // of the guest
}
