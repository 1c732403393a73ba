package kinds

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// MetadataInput is what metadata takes.
type MetadataInput struct {
	Put    map[string]string `json:"put,omitempty" maxProperties:"64" doc:"Values by key"`
	Remove []string          `json:"remove,omitempty" maxItems:"64" doc:"Keys"`
}

func changeMetadata(_ context.Context, _ *resource.Admission, o *Server, input any) error {
	in := input.(*MetadataInput)
	all := maps.Clone(o.Spec.Metadata)
	if all == nil {
		all = map[string]string{}
	}
	for _, k := range in.Remove {
		delete(all, k)
	}
	for k, v := range in.Put {
		if k == "" || len(k) > 255 || len(v) > 255 {
			return resource.Invalid("server", "input.put", k, "keys have 1 to 255 bytes, values at most 255")
		}
		all[k] = v
	}
	if len(all) > 64 {
		return resource.Invalid("server", "input.put", nil, "a server has at most 64 of them")
	}
	o.Spec.Metadata = all
	if len(all) == 0 {
		o.Spec.Metadata = nil
	}
	return nil
}

// seed is what the guest is told when it boots.
func (p serverPass) seed(ctx context.Context, cards []card) (provider.Seed, error) {
	o := p.o
	meta := map[string]any{"instance-id": o.ID, "local-hostname": o.Name, "plaza": map[string]any{"project": o.Project, "metadata": o.Spec.Metadata}}
	if o.Spec.Keypair != "" {
		k, err := find[KeypairSpec, KeypairStatus](ctx, p.r, "keypair", o.Project, o.Spec.Keypair, "spec.keypair", "server")
		if err != nil {
			return provider.Seed{}, err
		}
		meta["public-keys"] = []string{k.Spec.PublicKey}
	}
	metaData, err := json.Marshal(meta)
	if err != nil {
		return provider.Seed{}, err
	}
	config, err := networkConfig(cards)
	if err != nil {
		return provider.Seed{}, err
	}
	user := o.Spec.UserData
	if user == "" {
		user = "#cloud-config\n{}\n"
	}
	return provider.Seed{UserData: user, MetaData: string(metaData), NetworkConfig: config}, nil
}
