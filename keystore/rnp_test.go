package keystore

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// rnp is a home directory of rnp's own, with one recipient's secret key and the
// company's certificate. It is what Thunderbird reads OpenPGP with.
type rnp struct{ home string }

func newRnp(t testing.TB, keyFiles ...string) rnp {
	t.Helper()
	needProgram(t, "rnp")
	r := rnp{t.TempDir()}
	for _, file := range keyFiles {
		if out, err := exec.Command("rnpkeys", "--homedir", r.home, "--import-keys", file).CombinedOutput(); err != nil {
			t.Fatalf("rnpkeys: %v: %s", err, out)
		}
	}
	return r
}

// run gives rnp an input file and returns what it says.
func (r rnp) run(t testing.TB, input []byte, args ...string) (log string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(file, input, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("rnp", append([]string{"--homedir", r.home, "--notty", "--password", "", "--overwrite"}, append(args, file)...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("rnp %s: %v: %s", args[0], err, out)
	}
	return string(out)
}

func (r rnp) opens(t *testing.T, signer *Signer, sealed Sealed, entity []byte, structure Structure) {
	t.Helper()
	opened := filepath.Join(t.TempDir(), "opened")
	log := r.run(t, sealed.Armored(), "--decrypt", "--output", opened)
	content, err := os.ReadFile(opened)
	if err != nil {
		t.Fatal(err)
	}
	if structure == Nested {
		signed, signature := splitNested(t, string(content))
		data := filepath.Join(t.TempDir(), "signed")
		if err := os.WriteFile(data, []byte(signed), 0o600); err != nil {
			t.Fatal(err)
		}
		log, content = r.run(t, []byte(signature), "--verify", "--source", data), []byte(signed)
	}
	if !bytes.Equal(content, entity) {
		t.Error("rnp got other bytes than were sealed")
	}
	key, err := signer.signingKey(signer.Certificate().m.latest())
	if err != nil {
		t.Fatal(err)
	}
	by := strings.ToLower(string(fingerprintOf(key.PublicKey)))
	if !strings.Contains(log, "Signature(s) verified successfully") || !strings.Contains(log, by) {
		t.Errorf("rnp sees no good signature of the company: %s", log)
	}
}
