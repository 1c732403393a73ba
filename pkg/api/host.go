package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
)

// Enroller lets hosts join.
type Enroller interface {
	// IssueToken makes a one-time token. The actor was found to be allowed to.
	IssueToken(ctx context.Context, actor resource.Actor, in NewEnrolToken) (EnrolToken, error)
	// Enrol makes a host of whoever holds a token. The same token with the same public key succeeds again.
	Enrol(ctx context.Context, remote string, in EnrolRequest) (EnrolResponse, error)
}

// NewEnrolToken says what a token is for.
type NewEnrolToken struct {
	Site       string `json:"site" minLength:"1" maxLength:"63" doc:"KVM site or region that the host will belong to"`
	Name       string `json:"name,omitempty" maxLength:"63" doc:"Name the host will have; what the agent suggests without it"`
	TTLSeconds int    `json:"ttlSeconds,omitempty" minimum:"60" maximum:"604800" doc:"How long it may be used; an hour without it"`
}

// EnrolToken is a one-time token, which is shown this once.
type EnrolToken struct {
	Token     string    `json:"token"`
	Site      string    `json:"site"`
	Name      string    `json:"name,omitempty"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// EnrolRequest introduces a host.
type EnrolRequest struct {
	Token        string    `json:"token" minLength:"1" maxLength:"256"`
	Name         string    `json:"name" minLength:"1" maxLength:"253" doc:"The host's own name, a suggestion"`
	PublicKey    string    `json:"publicKey" pattern:"^U[A-Z2-7]{55}$" doc:"Public nkey of the agent"`
	Arch         string    `json:"arch" enum:"amd64,arm64"`
	Roles        []string  `json:"roles" nullable:"false" enum:"kvm,ceph,bmc"`
	CPUs         int       `json:"cpus" minimum:"1"`
	MemoryMiB    int       `json:"memoryMiB" minimum:"1"`
	AgentVersion string    `json:"agentVersion" maxLength:"64"`
	Time         time.Time `json:"time" doc:"The host's clock"`
}

// EnrolResponse is the host's place in the site.
type EnrolResponse struct {
	HostID string    `json:"hostId"`
	BusURL string    `json:"busUrl" doc:"tls://host:port, several joined by commas"`
	BusCA  string    `json:"busCA" doc:"PEM"`
	Time   time.Time `json:"time" doc:"The server's clock"`
}

type enrolTokenInput struct{ Body NewEnrolToken }

type enrolInput struct{ Body EnrolRequest }

var errNoHosts = &resource.Problem{Reason: resource.ReasonUnavailable, Kind: "host", Detail: "hosts can not enrol here", Hint: "the server runs without a bus for agents"}

func (s *Server) hostRoutes() {
	s.tag("enrolment", "How hosts join.")
	s.limited["POST /v1/hosts/enrol"] = true
	token := huma.Operation{Method: http.MethodPost, Path: "/v1/hosts/enrol-tokens", OperationID: "createEnrolToken", Summary: "Make a one-time token for a host's agent",
		Tags: []string{"enrolment"}, DefaultStatus: http.StatusCreated}
	huma.Register(s.api, token, func(ctx context.Context, in *enrolTokenInput) (*Body[EnrolToken], error) {
		if err := s.authorize(ctx, "create", "host", ""); err != nil {
			return nil, err
		}
		if s.cfg.Hosts == nil {
			return nil, errNoHosts
		}
		return body(s.cfg.Hosts.IssueToken(ctx, resource.ActorFrom(ctx), in.Body))
	})
	enrol := huma.Operation{Method: http.MethodPost, Path: "/v1/hosts/enrol", OperationID: "enrolHost", Summary: "Join, as a host's agent", Tags: []string{"enrolment"},
		Security: open, MaxBodyBytes: 64 << 10}
	huma.Register(s.api, enrol, func(ctx context.Context, in *enrolInput) (*Body[EnrolResponse], error) {
		if s.cfg.Hosts == nil {
			return nil, errNoHosts
		}
		return body(s.cfg.Hosts.Enrol(ctx, RemoteFrom(ctx), in.Body))
	})
}
