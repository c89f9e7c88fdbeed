package keystore

import (
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

func TestEncryptionEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(*forge) *forge
		want time.Time
	}{
		{"never", func(f *forge) *forge { return f.key().user(aliceID).subkey() }, time.Time{}},
		{"with the primary key", func(f *forge) *forge { return f.key().user(aliceID, keyEnds(900*day)).subkey() }, born.Add(900 * day)},
		{"with the subkey", func(f *forge) *forge { return f.key().user(aliceID, keyEnds(900*day)).subkey(keyEnds(800 * day)) }, born.Add(800 * day)},
		{"with the older subkey, which lasts longer", func(f *forge) *forge {
			return f.key().user(aliceID, keyEnds(1000*day)).subkey(keyEnds(900 * day)).another(born.Add(day)).subkey(keyEnds(800 * day))
		}, born.Add(900 * day)},
		{"with the binding", func(f *forge) *forge { return f.key().user(aliceID).subkey(sigEnds(850 * day)) }, born.Add(850 * day)},
		{"with the self-signature", func(f *forge) *forge { return f.key().user(aliceID, sigEnds(850*day)).subkey() }, born.Add(850 * day)},
		{"with a revocation to come", func(f *forge) *forge {
			return f.key().revokeKey(reason(packet.KeySuperseded), made(now.Add(30*day))).user(aliceID).subkey()
		}, now.Add(30*day - clockSkew)},
		{"with the subkey's revocation to come", func(f *forge) *forge {
			return f.key().user(aliceID).subkey().revokeSubkey(reason(packet.KeyRetired), made(now.Add(30*day)))
		}, now.Add(30*day - clockSkew)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := accepted(t, test.make(newForge(t, born)))
			got := c.EncryptionEnds(now)
			if !got.Equal(test.want) {
				t.Fatalf("%v, want %v", got, test.want)
			}
			if got.IsZero() {
				return
			}
			if before := c.Problem(got.Add(-time.Second)); before != "" {
				t.Errorf("a second before it is %s", before)
			}
			if c.Problem(got) == "" {
				t.Error("it is good still")
			}
			if after := c.EncryptionEnds(got.Add(day)); after.IsZero() || after.After(got.Add(day)) {
				t.Errorf("a day later it says %v", after)
			}
		})
	}
	if got := (Certificate{}).EncryptionEnds(now); !got.Equal(now) {
		t.Errorf("the zero certificate: %v", got)
	}
}

// TestEncryptionEndsIsBounded has more moments to come than anybody looks at.
func TestEncryptionEndsIsBounded(t *testing.T) {
	t.Parallel()
	f := newForge(t, born).key().user(aliceID).subkey()
	for i := range maxEvents + 50 {
		f.revokeSubkey(reason(packet.KeyRetired), made(now.Add(time.Duration(i+2)*day)))
	}
	c := stored(t, f.another(born.Add(day)).subkey())
	if got, want := c.EncryptionEnds(now), now.Add((maxEvents+2)*day-clockSkew); !got.Equal(want) {
		t.Errorf("%v, want %v", got, want)
	}
}
