package keystore

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// TestMendsWork does with gpg what the sentences tell people to do, and judges
// again after each step.
func TestMendsWork(t *testing.T) {
	t.Parallel()
	type step struct {
		mend []string // FPR and SUB stand for the fingerprints
		want Code
	}
	tests := []struct {
		name  string
		make  []string
		email payroll.Address
		steps []step
	}{
		{"SHA-1", []string{"--cert-digest-algo", "SHA1", "--quick-generate-key", aliceID, "default", "default", "1y"}, alice, []step{
			{nil, CodeSHA1},
			{[]string{"--cert-digest-algo", "SHA256", "--quick-set-expire", "FPR", "2y"}, CodeSubkeySHA1},
			{[]string{"--quick-add-key", "FPR", "cv25519", "encr"}, CodeGood},
		}},
		{"expired", []string{"--faked-system-time", "20250101T120000", "--quick-generate-key", aliceID, "future-default", "default", "30d"}, alice, []step{
			{nil, CodeExpired},
			{[]string{"--quick-set-expire", "FPR", "2y"}, CodeGood}, // its subkey never ends
		}},
		{"subkey expired", []string{"--faked-system-time", "20250101T120000", "--quick-generate-key", aliceID, "ed25519", "cert", "never"}, alice, []step{
			{nil, CodeNoSubkey},
			{[]string{"--faked-system-time", "20250101T120000", "--quick-add-key", "FPR", "cv25519", "encr", "30d"}, CodeSubkeyExpired},
			{[]string{"--quick-set-expire", "FPR", "2y", "SUB"}, CodeGood},
		}},
		{"another address", []string{"--quick-generate-key", "Alice <alice@home.example>", "future-default", "default", "1y"}, alice, []step{
			{nil, CodeWrongAddress},
			{[]string{"--quick-add-uid", "FPR", aliceID}, CodeGood},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGnupg(t)
			g.must(nil, append([]string{"--passphrase", ""}, test.make...)...)
			for _, step := range test.steps {
				if step.mend != nil {
					fingerprint, subkey := g.fingerprints()
					args := []string{"--passphrase", ""}
					for _, arg := range step.mend {
						switch arg {
						case "FPR":
							arg = fingerprint
						case "SUB":
							arg = subkey
						}
						args = append(args, arg)
					}
					g.must(nil, args...)
				}
				file := filepath.Join(g.home, "export.asc")
				g.must(nil, "--armor", "--output", file, "--export")
				raw, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if _, v := Judge(raw, test.email, time.Now()); v.Code != step.want {
					t.Errorf("after %v: %s, want %s", step.mend, v.Code, step.want)
				}
			}
		})
	}
}

// fingerprints are those of the only key in the home and of its last subkey.
func (g gnupg) fingerprints() (primary, subkey string) {
	g.t.Helper()
	listing, _ := g.must(nil, "--with-colons", "--list-keys")
	for line := range strings.Lines(listing) {
		if fields := strings.Split(line, ":"); fields[0] == "fpr" {
			if primary == "" {
				primary = fields[9]
			}
			subkey = fields[9]
		}
	}
	return primary, subkey
}
