package kinds

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/plazacloud/plaza/pkg/resource"
)

// volumeName is the name of one volume of the server of one number.
func (s GroupVolume) volumeName(group string, index int) string {
	return fmt.Sprintf("%s-%d-%s", group, index, s.Name)
}

// forecastVolumes adds what the volumes of all servers take.
func forecastVolumes(c resource.Charges, s NodeGroupSpec) {
	for _, v := range s.Volumes {
		c["volumes"] += int64(s.Count)
		c["volume_gib"] += int64(s.Count) * int64(v.SizeGiB)
	}
}

func validateGroupVolumes(old, o *NodeGroup) error {
	seen := map[string]bool{}
	for i, v := range o.Spec.Volumes {
		path := fmt.Sprintf("spec.volumes[%d]", i)
		switch {
		case v.SizeGiB < 1:
			return resource.Invalid("nodegroup", path+".sizeGiB", v.SizeGiB, "is at least 1")
		case seen[v.Name]:
			return resource.Invalid("nodegroup", path+".name", v.Name, "is there twice")
		case len(v.volumeName(o.Name, 199)) > 63:
			return resource.Invalid("nodegroup", path+".name", v.Name, "is too long behind the group's name: at most 63 characters with its number")
		}
		seen[v.Name] = true
		if old == nil {
			continue
		}
		for _, was := range old.Spec.Volumes {
			if was.Name == v.Name && was.Tier != v.Tier {
				return resource.Invalid("nodegroup", path+".tier", v.Tier, "a volume stays in its tier: it is %q", was.Tier)
			}
			if was.Name == v.Name && was.SizeGiB > v.SizeGiB {
				return resource.Invalid("nodegroup", path+".sizeGiB", v.SizeGiB, "a volume only grows: it has %d GiB", was.SizeGiB)
			}
		}
	}
	return nil
}

// tendVolumes makes the volumes of each number's server, and lets them grow. It returns their ids by name.
func tendVolumes(ctx context.Context, r *resource.Reconciliation, o *NodeGroup) (map[string]string, error) {
	ids := map[string]string{}
	if len(o.Spec.Volumes) == 0 {
		return ids, nil
	}
	sizes := map[string]int{}
	err := resource.All(ctx, r, resource.Query{Kind: "volume", Project: o.Project, Fields: map[string]string{"owner": o.ID}}, func(raw resource.Raw) error {
		v, err := resource.As[VolumeSpec, VolumeStatus](raw)
		if err == nil && v.DeletingAt == nil {
			ids[v.Name], sizes[v.Name] = v.ID, v.Spec.SizeGiB
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range o.Spec.Count {
		for _, v := range o.Spec.Volumes {
			name := v.volumeName(o.Name, i)
			if sizes[name] >= v.SizeGiB {
				continue
			}
			spec, err := json.Marshal(VolumeSpec{SizeGiB: v.SizeGiB, Tier: v.Tier, WithServer: true})
			if err != nil {
				return nil, err
			}
			a, err := r.Apply(ctx, resource.Request{Kind: "volume", Project: o.Project, Name: name, Labels: o.Labels, Spec: spec})
			if err != nil {
				return nil, err
			}
			ids[name] = a.Object.ID
		}
	}
	return ids, nil
}
