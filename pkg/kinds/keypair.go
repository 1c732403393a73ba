package kinds

import (
	"context"

	"golang.org/x/crypto/ssh"

	"github.com/plazacloud/plaza/pkg/resource"
)

// KeypairSpec is a public SSH key.
type KeypairSpec struct {
	PublicKey string `json:"publicKey" maxLength:"16384" doc:"One line of authorized_keys"`
}

// KeypairStatus is what the key says of itself.
type KeypairStatus struct {
	Fingerprint string `json:"fingerprint,omitempty" doc:"SHA256:…"`
	Type        string `json:"type,omitempty" doc:"e.g. ssh-ed25519"`
}

// Keypair is a public SSH key that servers let in.
type Keypair = resource.Object[KeypairSpec, KeypairStatus]

func keypairKind() resource.Kind[KeypairSpec, KeypairStatus] {
	return resource.Kind[KeypairSpec, KeypairStatus]{
		Name: "keypair", Plural: "keypairs", Doc: "A public SSH key that servers let in.",
		Columns: []resource.Column{{Header: "TYPE", Path: "status.type"}, {Header: "FINGERPRINT", Path: "status.fingerprint"}},
		Charge:  func(*Keypair) resource.Charges { return resource.Charges{"keypairs": 1} },
		Default: func(_ context.Context, _ *resource.Admission, o *Keypair) error {
			key, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(o.Spec.PublicKey))
			if err != nil || len(rest) > 0 {
				p := resource.Invalid("keypair", "spec.publicKey", nil, "not one public SSH key in the format of authorized_keys")
				p.Hint = "make one with: ssh-keygen -t ed25519, and pass the .pub file"
				return p
			}
			o.Status = KeypairStatus{Fingerprint: ssh.FingerprintSHA256(key), Type: key.Type()}
			return nil
		},
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *Keypair) error {
			return refuseInUse(ctx, a, o.Meta, "server", "spec.keypair")
		},
	}
}
