// Package falsim is a simulator of fal's Compute API over real HTTP: auth,
// paging, idempotency, the error envelope, request validation and sector
// rules, with boxes that boot in phases and faults on request. It keeps books
// of everything that was asked of it.
//
// It has wire types of its own, written down from the public API pages and not
// shared with the client, so that the two cannot share a mistake.
package falsim
