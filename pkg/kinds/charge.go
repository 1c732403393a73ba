package kinds

import (
	"maps"
	"strings"

	"github.com/plazacloud/plaza/pkg/resource"
)

// ofTier adds to what is charged by size the same by tier, e.g. volume_gib:ssd.
func ofTier(c resource.Charges, metric, tier string) resource.Charges {
	if tier != "" {
		c[metric+":"+tier] = c[metric]
	}
	return c
}

// withTraits adds n for each trait that a flavor asks for, e.g. trait:gpu=a100.
func withTraits(c resource.Charges, traits map[string]string, n int64) resource.Charges {
	out := maps.Clone(c)
	for k, v := range traits {
		if !strings.Contains(k+v, "@") { // it would be read as a region
			out["trait:"+k+"="+v] = n
		}
	}
	return out
}
