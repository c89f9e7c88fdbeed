package keystore

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// onlyForOthers are codes that speak against a certificate for one address, or
// against what cannot be told cheaply each time; without them it may be sealed to.
var onlyForOthers = []Code{
	CodeWrongAddress, CodeHiddenAddress, CodeUserIDRevoked, CodeUserIDInvalid, CodeNoUserID, CodeSHA1,
	CodeWeakSubkey, // a modulus that is a prime, or has a small factor: found once, when it is handed in
}

// TestOnePolicy holds the three who ask to one answer: what is said when a file is
// checked (`keys check`), what is done with it when it is handed in (the form,
// `keys add`, a Web Key Directory), and what is found when a letter is sealed.
func TestOnePolicy(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{}
	for _, traps := range [][]trap{fileTraps, keyTraps} {
		for _, trap := range traps {
			files[trap.name] = trap.file(t)
		}
	}
	for _, good := range goodFiles {
		files["good: "+good.name] = good.file(t)
	}
	for name, file := range disguises(t) {
		files["secret: "+name] = file
	}
	signer := openKey(t, newKey(t, SignerOptions{UserID: acmeID, At: born}))
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, v := Judge(file, alice, now)
			r := Receive(file, alice, nil, nil, now)
			if diff := cmp.Diff(v, r.Verdict); diff != "" {
				t.Errorf("checked and handed in (-check +receive):\n%s", diff)
			}
			if !bytes.Equal(c.Bytes(), r.Submission.Content) {
				t.Error("what is stored is not what was judged")
			}
			_, err := signer.Seal(c, testEntity(100), SealOptions{At: now})
			if v.Accepted() != (err == nil) || v.Accepted() != (c.Problem(now) == "") {
				t.Errorf("verdict %s, sealing: %v, problem %q", v.Code, err, c.Problem(now))
			}
			sealsToRefused(t, signer, file, v)
		})
	}
}

// sealsToRefused puts what was refused into the database all the same.
func sealsToRefused(t *testing.T, signer *Signer, file []byte, v Verdict) {
	t.Helper()
	c, err := ReadCertificate(file)
	if v.Accepted() || err != nil || slices.Contains(onlyForOthers, v.Code) {
		return
	}
	if problem := c.Problem(now); problem != v.Code.hold() || problem == "" {
		t.Errorf("refused with %s, but its problem is %q", v.Code, problem)
	}
	if _, err := signer.Seal(c, testEntity(100), SealOptions{At: now}); err == nil {
		t.Errorf("refused with %s, but sealed to", v.Code)
	}
}

// TestKnownRefusedCopies holds that a certificate that is known helps none of the
// refused files to be accepted.
func TestKnownRefusedCopies(t *testing.T) {
	t.Parallel()
	acme, company := aCompany(t)
	known := enrolled(t, good(t), acme)
	for _, traps := range [][]trap{fileTraps, keyTraps} {
		for _, trap := range traps {
			if r := Receive(trap.file(t), alice, []Known{known}, company, now); r.Verdict.Code != trap.code || r.Refresh || r.Submission.Fingerprint != payroll.Fingerprint("") {
				t.Errorf("%s: %s", trap.name, r.Verdict.Code)
			}
		}
	}
}
