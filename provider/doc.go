// Package provider says what a lease is and what can be done with one: the
// rows that people see, the merge of a provider's inventory with the local
// claims that makes them, and the operations (acquire, release and the rest)
// with their progress as typed events. It knows no screen and no wire format;
// provider/fal implements Provider for fal's Compute API.
//
// Three rules hold everywhere below this package. A claim is written, durably,
// before the effect that it foretells. Nothing is deleted that a claim does
// not prove ours. And when in doubt the claim is kept, and the doubt is said.
package provider
