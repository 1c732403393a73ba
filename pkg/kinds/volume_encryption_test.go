package kinds_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// TestEncryptedTierHasKeys follows the keys of an encrypted volume to the host: each thing has one of its own, nobody else
// sees one, and none changes.
func TestEncryptedTierHasKeys(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("storagetier", "", "vault", `{"encrypted":true}`))
	r.ready(r.make("storagetier", "", "plain", `{}`))
	v := r.ready(r.make("volume", "p", "books", `{"sizeGiB":1,"tier":"vault","key":"mine"}`))
	require.Equal(t, []string{"true"}, resource.Lookup(v, "status.encrypted"))
	require.NotContains(t, string(v.Spec), "key", "readers see none")
	key := r.askedKey(v.ID)
	require.True(t, key.Fits(), "nobody chooses it")
	r.ready(r.make("volume", "p", "books", `{"sizeGiB":2,"tier":"vault","key":"other"}`))
	require.Equal(t, key, r.askedKey(v.ID), "and it stays")

	s := r.ready(r.make("server", "p", "till", `{"flavor":"small","image":"busybox","network":"net","volumes":["books"]}`))
	r.site.with(func() {
		disks := r.site.wanted[s.ID].Disks
		require.Equal(t, provider.Disk{Volume: v.ID, Key: key}, disks[len(disks)-1])
	})

	snap := r.ready(r.make("snapshot", "p", "evening", `{"volume":"books"}`))
	backup := r.ready(r.make("backup", "p", "night", `{"volume":"books"}`))
	copies := map[string]provider.Key{}
	for _, o := range []resource.Raw{snap, backup} {
		require.NotContains(t, string(o.Spec), "key")
		require.Equal(t, []string{"true"}, resource.Lookup(o, "status.encrypted"))
		r.site.with(func() {
			keys := r.site.keyed[o.ID]
			require.True(t, keys[0].Fits())
			require.NotEqual(t, key, keys[0])
			require.Equal(t, key, keys[1])
			copies[o.Kind] = keys[0]
		})
	}
	for spec, from := range map[string]provider.Key{`"snapshot":"evening"`: copies["snapshot"], `"backup":"night"`: copies["backup"], `"volume":"books"`: key} {
		p := r.refused(resource.ReasonInvalid, "volume", "p", "leak", `{"sizeGiB":2,"tier":"plain",`+spec+`}`)
		require.NotEmpty(t, p.Hint)
		x := r.ready(r.make("volume", "p", "copy", `{"sizeGiB":2,"tier":"vault",`+spec+`}`))
		r.site.with(func() {
			require.Equal(t, from, r.site.asked[x.ID].OriginKey)
			require.NotEqual(t, from, r.site.asked[x.ID].Key)
		})
		r.remove("volume", "p", "copy")
		r.gone("volume", "p", "copy")
	}

	plain := r.ready(r.make("volume", "p", "leaflets", `{"sizeGiB":1,"tier":"plain"}`))
	require.Empty(t, r.askedKey(plain.ID))
	require.Empty(t, resource.Lookup(plain, "status.encrypted"))
	r.ready(r.make("snapshot", "p", "open", `{"volume":"leaflets"}`))
	r.ready(r.make("volume", "p", "sealed", `{"sizeGiB":1,"tier":"vault","snapshot":"open"}`))

	for tier, spec := range map[string]string{"vault": `{}`, "plain": `{"encrypted":true}`} {
		p := r.refused(resource.ReasonInUse, "storagetier", "", tier, spec)
		require.NotEmpty(t, p.Candidates, "what has the tier keeps what it was promised")
	}
	r.ready(r.make("storagetier", "", "vault", `{"encrypted":true,"iops":100}`))
}

func (r *rig) askedKey(volume string) (key provider.Key) {
	r.site.with(func() { key = r.site.asked[volume].Key })
	return key
}
