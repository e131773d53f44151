// Package falsim is a simulator of fal's Compute API over real HTTP: auth,
// paging, idempotency, the error envelope, request validation and sector
// rules, with boxes that boot in phases and faults on request. It keeps books
// of everything that was asked of it.
//
// It has wire types of its own, written down from the public API pages and not
// shared with the client, so that the two cannot share a mistake.
//
// A person scripts it with a Scenario in YAML (docs/scenarios.md); a test does
// the same with Inject, holds requests back with Hold, and waits with Await.
//
// What the API pages do not say is decided here, and where a client has to be
// ready for either answer a scenario can turn it around:
//
//   - another body under an Idempotency-Key that is in use gets 422;
//   - only successful creates are remembered, from their answer on;
//   - a create that comes while one with its key is still at work waits for it;
//   - unknown members of a create are ignored;
//   - limits above the largest page mean the largest page;
//   - deleting an instance that lingers succeeds again, without effect.
package falsim
