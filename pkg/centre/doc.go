// Package centre is what a service uses to follow a document of Plaza's configuration centre while it runs.
//
//	sub, err := centre.Subscribe(ctx, centre.Options{
//		URL:      "https://plaza.example.net/v1/configs/prices?project=group/brand/shop",
//		Token:    token, // of the role subscriber
//		Name:     "till-17",
//		Snapshot: "/var/lib/till/prices.json",
//		Apply:    func(v centre.Version) error { return till.Load(v.Document) },
//	})
//
// It is fail-static. A start takes over what the snapshot holds and needs no centre; while the centre is away, or sends
// what Apply refuses, the last good version stays. Versions never go back: a rollback is a new, higher version. News
// come by push; a pull every 30 s makes up for whatever a push may lose. What follows quickly is taken together, so that
// only the newest is applied. Each version is acknowledged as applied, or as refused with Apply's reason.
//
// The package needs nothing else of Plaza.
package centre
