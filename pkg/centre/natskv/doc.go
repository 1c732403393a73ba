// Package natskv carries a document of Plaza's configuration centre over a NATS of one's own, for those who have one and
// many processes in it. One relay follows the document and puts each version into a key of a JetStream bucket:
//
//	at := natskv.Place{Conn: nc, Bucket: "plaza", Key: "lanes"}
//	relay, err := natskv.Relay(ctx, at, natskv.RelayOptions{Options: centre.Options{URL: …, Token: …, Name: "relay-1"}})
//
// Every other process watches the key, with the same options and the same guarantees as by [centre.Subscribe]:
//
//	sub, err := natskv.Follow(ctx, at, centre.Options{Name: "till-17", Snapshot: …, Apply: …})
//
// Plaza then has one subscriber, the relay, which stands for all behind it. A follower acknowledges by a key of its own,
// KEY.ack.NAME, again every 15 s or so; one that is silent for 45 s, or ends, does not count any more. The relay
// acknowledges a version once every follower that counts has it. It tells it as refused, with the follower's name, when one
// refuses it or did not answer within 8 s, and anew once that has changed. Several relays may serve one key.
//
// The value of the key is the JSON that GET …/versions/current answers, that of an acknowledgement the JSON that POST …/acks
// takes, so a follower may be written in any language. A value has to fit into a message of NATS: by default 1 MiB, in which
// a document of 256 KiB fits unless most of it has to be escaped.
//
// Whoever may write the key decides what is in force: let the relay alone do it. The relay needs to read and write the
// bucket, to purge from it, and, if it is to make it, to create it; a follower to read it and to write KEY.ack.>.
package natskv
