package keystore

import (
	"slices"
	"time"
)

// maxEvents bounds how many moments EncryptionEnds looks at.
const maxEvents = 100

// EncryptionEnds is the moment from which the certificate can no longer be
// encrypted to, seen from at: the first one at which a key, a signature or a
// revocation that is dated ahead leaves it without a usable encryption subkey. It
// is the zero time if that never happens, and not after at if it has happened
// already.
func (c Certificate) EncryptionEnds(at time.Time) time.Time {
	if c.m == nil {
		return at
	}
	s := c.m.assess("", at)
	if s.code != "" {
		return earlier(s.expires, at)
	}
	for i, event := range c.m.events(at) {
		if i == maxEvents || c.m.assess("", event).code != "" {
			return event
		}
	}
	return time.Time{}
}

// events are the moments after at, in order, at which the answer of assess can
// change for the worse.
func (m *material) events(at time.Time) []time.Time {
	var events []time.Time
	add := func(event time.Time) {
		if event.After(at) {
			events = append(events, event)
		}
	}
	for _, list := range m.signatures() {
		for _, sig := range *list {
			if sig.packet == nil {
				continue
			}
			add(sig.about.created.Add(-clockSkew)) // when a revocation, or a shorter life, begins to count
			add(lifetime(sig.packet.CreationTime, sig.packet.SigLifetimeSecs))
			add(m.rulingExpiry(sig))
			for _, sub := range m.subkeys {
				if sub.key != nil {
					add(lifetime(sub.key.CreationTime, sig.packet.KeyLifetimeSecs))
				}
			}
		}
	}
	slices.SortFunc(events, time.Time.Compare)
	return slices.CompactFunc(events, time.Time.Equal)
}
