package provider

import "time"

// Sighting is one whole inventory, as the ledger takes it in.
type Sighting struct {
	At        time.Time
	Scope     string // the endpoint, as claims name it
	Key       string // enough of the key's binding to tell keys apart
	Instances []Instance
	// Claimed has the lease of each instance that a claim names, and Deleting
	// those whose deletion has begun.
	Claimed  map[string]string
	Deleting map[string]bool
}

// HappeningKind is what nobody here expected.
type HappeningKind int

const (
	// HappenedUnmade: an instance appeared that no claim here names.
	HappenedUnmade HappeningKind = iota
	// HappenedVanished: an instance that a claim names is gone, and nobody
	// here was deleting it.
	HappenedVanished
)

// Happening is a change of the inventory that nobody here made.
type Happening struct {
	At         time.Time
	Kind       HappeningKind
	InstanceID string
	LeaseID    string
	Type       string
	Creator    string
}

// String is one sentence for a person.
func (h Happening) String() string {
	if h.Kind == HappenedVanished {
		return "The box of lease " + h.LeaseID + " (instance " + h.InstanceID + ") vanished, and nobody here deleted it."
	}
	s := "A box that nobody here made: instance " + h.InstanceID
	if h.Type != "" {
		s += ", " + h.Type
	}
	if h.Creator != "" {
		s += ", by " + h.Creator
	}
	return s + "."
}

// maxHappenings bounds how many a fleet remembers.
const maxHappenings = 100
