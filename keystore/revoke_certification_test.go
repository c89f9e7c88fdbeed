package keystore

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"os"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// TestRevokeCertification takes a certification back, and asks gpg and sq what
// they see of it in what is given out.
func TestRevokeCertification(t *testing.T) {
	t.Parallel()
	signer := company(t)
	g := newGnupg(t)
	alice := g.generate("alice@acme.example", ed25519Key).certificate
	at := time.Now()
	certified, err := signer.Certify(alice, at)
	if err != nil {
		t.Fatal(err)
	}
	revoked, err := signer.RevokeCertification(certified, at) // in the same second
	if err != nil {
		t.Fatal(err)
	}
	if !certified.CertifiedBy(signer.Certificate(), at) || revoked.CertifiedBy(signer.Certificate(), at) {
		t.Error("the revocation does not count here")
	}
	if problem := revoked.Problem(at); problem != "" {
		t.Errorf("the certificate itself has the problem %s", problem)
	}
	if twice, err := signer.RevokeCertification(revoked, at); err != nil || string(twice.Bytes()) != string(revoked.Bytes()) {
		t.Errorf("taken back twice: %v", err)
	}
	armored, err := revoked.Armored()
	if err != nil {
		t.Fatal(err)
	}

	other := newGnupg(t)
	other.must(signer.Certificate().Bytes(), "--import")
	other.must(certified.Bytes(), "--import")
	if got := statements(other, signer, alice); !slices.Equal(got, []string{"sig!13x"}) {
		t.Errorf("gpg sees %v before", got)
	}
	other.must([]byte(armored), "--import")
	if got := statements(other, signer, alice); !slices.Contains(got, "rev!30x") {
		t.Errorf("gpg sees %v after", got)
	}
	listing, _ := other.must(nil, "--check-signatures", string(alice.Fingerprint()))
	if !strings.Contains(listing, "rev!") {
		t.Errorf("gpg shows no revocation:\n%s", listing)
	}
	sqSeesRevocation(t, revoked, signer.Certificate())

	again, err := signer.Certify(revoked, at.Add(2*time.Second))
	if err != nil || !again.CertifiedBy(signer.Certificate(), at.Add(2*time.Second)) {
		t.Errorf("certified again, for somebody who came back: %v", err)
	}
}

// statements are what gpg says of the company's signatures on a certificate, by
// kind, validity and class.
func statements(g gnupg, signer *Signer, c Certificate) []string {
	g.t.Helper()
	listing, _ := g.must(nil, "--with-colons", "--check-signatures", string(c.Fingerprint()))
	var seen []string
	for line := range strings.Lines(listing) {
		fields := strings.Split(line, ":")
		if (fields[0] == "sig" || fields[0] == "rev") && fields[4] == string(signer.Certificate().Fingerprint()[24:]) {
			seen = append(seen, fields[0]+fields[1]+strings.TrimSuffix(fields[10], ",20"))
		}
	}
	return seen
}

func sqSeesRevocation(t *testing.T, c, company Certificate) {
	t.Helper()
	needProgram(t, "sq")
	file := filepath.Join(t.TempDir(), "revoked")
	if err := os.WriteFile(file, c.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	dump, err := exec.Command("sq", "packet", "dump", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Type: CertificationRevocation", "User ID information is no longer valid", "Issuer Fingerprint: " + string(company.Fingerprint())} {
		if !strings.Contains(string(dump), want) {
			t.Errorf("sq does not see %q:\n%s", want, dump)
		}
	}
}

// TestRevokeCertificationOfAFormerKey cannot revoke with the key of today what an
// earlier one stated, so nothing of that is kept.
func TestRevokeCertificationOfAFormerKey(t *testing.T) {
	t.Parallel()
	first := company(t)
	signer := openKey(t, successor(t, first, SignerOptions{}))
	c, err := first.Certify(accepted(t, good(t)), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if !vouches(signer, c) {
		t.Fatal("not certified before")
	}
	revoked, err := signer.RevokeCertification(c, time.Now())
	if err != nil || vouches(signer, revoked) || vouches(first, revoked) {
		t.Errorf("certified still: %v", err)
	}
}

func TestRevokeCertificationOfNone(t *testing.T) {
	t.Parallel()
	signer, c := company(t), accepted(t, good(t))
	same, err := signer.RevokeCertification(c, time.Now())
	if err != nil || string(same.Bytes()) != string(c.Bytes()) {
		t.Errorf("nothing was certified: %v", err)
	}
	if _, err := signer.RevokeCertification(Certificate{}, time.Now()); err == nil {
		t.Error("taken back from no certificate")
	}
}

// TestReceiveAfterRevokedCertification: a fresh copy does not bring a certification
// back that was taken back.
func TestReceiveAfterRevokedCertification(t *testing.T) {
	t.Parallel()
	acme, certifiers := aCompany(t)
	f := good(t)
	known := enrolled(t, f, acme)
	c, err := ReadCertificate(known.Content)
	if err != nil {
		t.Fatal(err)
	}
	g := again(f)
	g.stands(acme, packet.SigTypeCertificationRevocation, aliceID, made(born.Add(2*day)))
	known.Content = c.m.withOthers(append(c.m.users[0].others, packetsIn(g.bytes())...))
	if r := Receive(f.bytes(), alice, []Known{known}, certifiers, now); r.Submission.Certified || !r.Submission.Restart {
		t.Errorf("%+v", summary(r))
	}
}
