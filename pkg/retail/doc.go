// Package retail is the bundled retail middle platform. Its parts:
//
//   - product, inventory, trade: service centres, each with its own schema, login role and HTTP
//     API, each an app of the dedicated path;
//   - centre: what every centre stands on (transactions, idempotent commands, outbox);
//   - daemon: centres running in a process; entry: the gateway in front of them;
//   - schema: the preparation of PostgreSQL; catalogue: a small shop to start with;
//   - money, problem: exact amounts and explained refusals;
//   - retailtest: a real PostgreSQL for the tests.
//
// Centres call each other by API only, at http://<app>/…, and tell facts by outbox rows.
package retail
