// Package dpath isolates the traffic of a dedicated path (an environment such
// as a campaign, a brand or a tenant class) from common traffic over a whole
// chain of services, on shared code and data.
//
// Three steps make a path. A rule [Document] selects the dedicated nodes of
// each app. At the entry, identify rules map a request to an environment. Every
// hop then directs the call by the label it carries: [Pick] chooses a node of
// the environment, or a public node for common traffic.
//
// What holds, in every configuration and state of health:
//
//   - Exclusion: a call without a valid label is never served by a dedicated
//     node. The caller draws from the public set only, and the provider's guard
//     refuses such calls on its own.
//   - Preference: while enough dedicated nodes are usable, labelled calls are
//     served there.
//   - Sharing: an app without dedicated nodes in the environment is shared, and
//     the next hop is dedicated again.
//   - No crossing: a call of one environment is never served by another's nodes.
//
// The label is one signed W3C baggage member, bound to the trace id; see
// [Sign] and [Verify]. In a process it travels by context. Isolated is
// computing, not data: stores are shared, except in rehearsals, whose calls carry
// a second mark in the label; see [SignShadow] and [Twin].
//
// Carriers are in carrier/..., signed probes in trail and verify. The package
// needs nothing else of Plaza.
package dpath
