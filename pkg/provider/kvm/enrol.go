package kvm

import "time"

// EnrolPath is where an agent enrols: POST with an EnrolRequest, 200 or 201 with an EnrolResponse. No login: the token
// is the credential. Refusals are problem+json: 401 or 403 for a token unknown, used by another key or expired; 409
// when the name is taken by another key; 400 or 422 for a malformed request.
const EnrolPath = "/v1/hosts/enrol"

// EnrolRequest introduces a host. The same token with the same public key must succeed again, because the answer to
// the first attempt may have been lost.
type EnrolRequest struct {
	Token        string    `json:"token"`
	Name         string    `json:"name"`      // host name, a suggestion for the host's name
	PublicKey    string    `json:"publicKey"` // nkey user key, U…
	Arch         string    `json:"arch"`      // amd64, arm64
	Roles        []string  `json:"roles"`     // kvm
	CPUs         int       `json:"cpus"`
	MemoryMiB    int       `json:"memoryMiB"`
	AgentVersion string    `json:"agentVersion"`
	Time         time.Time `json:"time"` // the host's clock
}

// EnrolResponse is the host's place in the site.
type EnrolResponse struct {
	HostID string    `json:"hostId"` // the host of every provider call and bus subject
	BusURL string    `json:"busUrl"` // tls://host:port, several separated by commas
	BusCA  string    `json:"busCA"`  // PEM
	Time   time.Time `json:"time"`   // the server's clock
}

// Problem is the part of problem+json an agent shows.
type Problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Reason string `json:"reason"`
	Hint   string `json:"hint"`
}
