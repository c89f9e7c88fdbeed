package postgres

import "testing"

// BenchmarkSealedAccount reads an account with a password and one-time codes, with its
// seals looked at and, by a store that is locked, without.
func BenchmarkSealedAccount(b *testing.B) {
	s := newStore(b)
	signedIn(b, s, "maker")
	for name, store := range map[string]*Store{"sealed": s, "locked": {pool: s.pool}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := store.Admin(b.Context(), "maker")
				ok(b, err)
			}
		})
	}
}
