package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// enrolled is a visitor whose certificate is in use.
func (f *form) enrolled(t testing.TB, number payroll.EmployeeNumber, address string) (*visitor, *openpgp.Entity) {
	t.Helper()
	v, key := f.proven(t, number, address)
	f.certify(t, number)
	f.mails(t)
	return v, key
}

// sees holds a page to its status and to what must be in it.
func sees(t testing.TB, a answer, status int, parts ...string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d\n%s", a.status, status, a.body)
	}
	for _, part := range parts {
		if !strings.Contains(a.body, part) {
			t.Errorf("%q is not in\n%s", part, a.body)
		}
	}
}

// leads follows a redirect to where it must go.
func leads(t testing.TB, v *visitor, a answer, to string) answer {
	t.Helper()
	if a.status != http.StatusSeeOther || a.to() != to {
		t.Fatalf("%d to %q, want to %q\n%s", a.status, a.to(), to, a.body)
	}
	return v.get(t, to)
}

// standing is an employee's certificate of a standing.
func (f *form) standing(t testing.TB, number payroll.EmployeeNumber, s payroll.CertificateStanding) payroll.EnrolledCertificate {
	t.Helper()
	c, _ := f.enrolee(t, number).Standing(s)
	return c
}

// rows reads one column of a query.
func (f *form) rows(t testing.TB, sql string, args ...any) []string {
	t.Helper()
	rows, err := f.store.Pool().Query(t.Context(), sql, args...)
	must(t, err)
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return texts
}

// signedText is a text in the clear with a signature by the key.
func signedText(t testing.TB, key *openpgp.Entity, text string) string {
	t.Helper()
	var out bytes.Buffer
	w, err := clearsign.Encode(&out, key.PrivateKey, nil)
	must(t, err)
	_, err = w.Write([]byte(text))
	must(t, err)
	must(t, w.Close())
	return out.String()
}

// TestMe: the page says where one stands on every step of the way.
func TestMe(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64 // months
	f := newOffice(t, func(s *Server) { s.Now = func() time.Time { return time.Now().AddDate(0, int(ahead.Load()), 0) } })
	v := f.entered(t, kiran)
	sees(t, v.get(t, "/en/me"), http.StatusOK, "Hello Kiran A", "You have no certificate yet", `class="button" href="/en/certificate"`)
	v, _ = f.proven(t, kiran, "kiran@acme.example")
	sees(t, v.get(t, "/en/me"), http.StatusOK, "on its way", "HR will call you", `href="/en/call"`)
	f.certify(t, kiran)
	page := v.get(t, "/en/me")
	sees(t, page, http.StatusOK, "You are ready", "kiran@acme.example", `href="/en/replace"`, `href="/en/revoke"`, `href="/en/specimen"`)
	for _, fingerprint := range strings.Fields(f.standing(t, kiran, payroll.CertificateCurrent).Fingerprint.Grouped()) {
		if !strings.Contains(page.body, fingerprint) {
			t.Errorf("the fingerprint's %s is missing", fingerprint)
		}
	}
	ahead.Store(11)
	sees(t, v.get(t, "/en/me"), http.StatusOK, "It ends soon", "days it can be used no longer")
	ahead.Store(24)
	sees(t, v.get(t, "/en/me"), http.StatusOK, "Your slips wait", "has ended")
	if _, err := f.store.PutEmployees(t.Context(), []payroll.Employee{
		{Number: kiran, Name: "Kiran A", Email: "kiran@acme.example", OnPaper: true, PaperReason: "by choice"},
	}, "roster", "maria", false); err != nil {
		t.Fatal(err)
	}
	sees(t, v.get(t, "/en/me"), http.StatusOK, "You get your slips on paper")
}

// TestOwnCopyCarriesTheCertification: what one takes home is what a bank may trust.
func TestOwnCopyCarriesTheCertification(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, _ := f.proven(t, kiran, "kiran@acme.example")
	sees(t, v.get(t, "/en/me/certificate.asc"), http.StatusNotFound)
	f.certify(t, kiran)
	copied := v.get(t, "/en/me/certificate.asc")
	sees(t, copied, http.StatusOK)
	block, err := armor.Decode(strings.NewReader(copied.body))
	must(t, err)
	raw, err := io.ReadAll(block.Body)
	must(t, err)
	c, err := keystore.ReadCertificate(raw)
	must(t, err)
	if !c.CertifiedBy(company(t), time.Now()) {
		t.Error("the copy carries no certification")
	}
}

// TestTheSameCertificateAgain: with a new end it is merged and stays in use; as it
// is, nothing happens.
func TestTheSameCertificateAgain(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, key := f.enrolled(t, kiran, "kiran@acme.example")
	before := f.standing(t, kiran, payroll.CertificateCurrent)
	sees(t, v.get(t, "/en/replace"), http.StatusOK, "gpg --quick-set-expire "+string(before.Fingerprint))
	sees(t, v.upload(t, "/en/replace", publicKey(t, key), ""), http.StatusOK, "This is what we have already")
	for _, id := range key.Identities {
		longer := *id.SelfSignature.KeyLifetimeSecs * 2
		id.SelfSignature.KeyLifetimeSecs, id.SelfSignature.CreationTime = &longer, time.Now()
		must(t, id.SelfSignature.SignUserId(id.UserId.Id, key.PrimaryKey, key.PrivateKey, nil))
	}
	for range 2 { // a reload sends it again
		a := v.upload(t, "/en/replace", publicKey(t, key), "")
		if a.status != http.StatusOK || !strings.Contains(a.body, "up to date") && !strings.Contains(a.body, "what we have already") {
			t.Errorf("%d\n%s", a.status, a.body)
		}
	}
	after := f.standing(t, kiran, payroll.CertificateCurrent)
	if after.Fingerprint != before.Fingerprint || after.Step != payroll.StepCertified || !after.ExpiresAt.After(before.ExpiresAt.AddDate(0, 6, 0)) {
		t.Errorf("after: %s, %s, ends %v", after.Fingerprint, after.Step, after.ExpiresAt)
	}
	if _, found := f.enrolee(t, kiran).Standing(payroll.CertificateCandidate); found {
		t.Error("the extended one climbs")
	}
	sees(t, v.upload(t, "/en/replace", nil, ""), http.StatusUnprocessableEntity, "Choose a file")
	sees(t, v.upload(t, "/en/replace", secretKey(t, key), ""), http.StatusUnprocessableEntity, "private key")
}

// TestTheOldKeysWord: a new certificate that is signed for with the old one keeps
// that word; anything else that is signed is refused.
func TestTheOldKeysWord(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, old := f.enrolled(t, kiran, "kiran@acme.example")
	successor := newPerson(t, "Kiran A <kiran@acme.example>")
	page := leads(t, v, v.upload(t, "/en/replace", publicKey(t, successor), ""), "/en/replace")
	sees(t, page, http.StatusOK, "Sign for your new certificate", `id="vouch-form"`, "gpg --local-user")
	current, candidate := f.standing(t, kiran, payroll.CertificateCurrent), f.standing(t, kiran, payroll.CertificateCandidate)
	statement := keystore.VouchStatement(current.Fingerprint, candidate.Fingerprint, kiran, f.Certificate.Fingerprint())
	if !strings.Contains(page.body, html.EscapeString(statement)) {
		t.Fatal("the page does not show the sentence")
	}
	for name, signed := range map[string]string{
		"nothing":             "",
		"without a signature": statement,
		"by the new key":      signedText(t, successor, statement),
		"for somebody else":   signedText(t, old, keystore.VouchStatement(current.Fingerprint, candidate.Fingerprint, kiren, f.Certificate.Fingerprint())),
		"the other way round": signedText(t, old, keystore.VouchStatement(candidate.Fingerprint, current.Fingerprint, kiran, f.Certificate.Fingerprint())),
		"with more in it":     signedText(t, old, statement+"\nand pay me more"),
	} {
		a := v.post(t, "/en/replace/vouch", "vouch", signed)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `aria-invalid="true"`) {
			t.Errorf("%s: status %d", name, a.status)
		}
		if f.standing(t, kiran, payroll.CertificateCandidate).Vouched {
			t.Errorf("%s: it counts", name)
		}
	}
	good := signedText(t, old, statement)
	sees(t, leads(t, v, v.post(t, "/en/replace/vouch", "vouch", good), "/en/replace"), http.StatusOK, "Signed with your old key", `href="/en/proof"`)
	leads(t, v, v.post(t, "/en/replace/vouch", "vouch", "something else"), "/en/replace") // decided already
	if got := f.rows(t, `select convert_from(vouch, 'utf8') from certificates where vouch is not null`); len(got) != 1 || strings.TrimSpace(got[0]) != strings.TrimSpace(good) {
		t.Errorf("stored: %q", got)
	}
	v.post(t, "/en/proof/code")
	v.post(t, "/en/proof", "code", f.mails(t)[payroll.NoticeProofCode].secret)
	vouched, err := f.store.VouchedCertificates(t.Context())
	must(t, err)
	if len(vouched) != 1 || vouched[0].Employee.Number != kiran {
		t.Errorf("the worker is given %d to verify", len(vouched))
	}
}

// TestTheShownCommandSigns runs the very line that the page shows, in a shell and
// with gpg.
func TestTheShownCommandSigns(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	const number payroll.EmployeeNumber = `o'Neil "7" $(id)` // a shell must take it as it is
	_, err := f.store.PutEmployees(t.Context(), []payroll.Employee{{Number: number, Name: "Nell", Email: "nell@acme.example"}}, "roster", "maria", false)
	must(t, err)
	v, old := f.enrolled(t, number, "nell@acme.example")
	v.upload(t, "/en/replace", publicKey(t, newPerson(t, "Nell <nell@acme.example>")), "")
	shown := regexp.MustCompile(`<code>(echo .* --clearsign)</code>`).FindStringSubmatch(v.get(t, "/en/replace").body)
	if shown == nil {
		t.Fatal("no command is shown")
	}
	home := t.TempDir()
	run := func(input []byte, name string, args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Env = append(os.Environ(), "GNUPGHOME="+home)
		cmd.Stdin = bytes.NewReader(input)
		var complaint bytes.Buffer
		cmd.Stderr = &complaint
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, complaint.String())
		}
		return string(out)
	}
	run(secretKey(t, old), "gpg", "--batch", "--quiet", "--import")
	t.Cleanup(func() { _ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run() })
	signed := run(nil, "sh", "-c", html.UnescapeString(shown[1]))
	sees(t, leads(t, v, v.post(t, "/en/replace/vouch", "vouch", signed), "/en/replace"), http.StatusOK, "Signed with your old key")
}

// revocationOf is the key's revocation certificate alone, as gpg exports it.
func revocationOf(t testing.TB, key *openpgp.Entity) []byte {
	t.Helper()
	must(t, key.RevokeKey(0, "", nil))
	return armoredBlock(t, openpgp.PublicKeyType, key.Revocations[len(key.Revocations)-1].Serialize)
}

// TestRevoke: a revocation certificate ends the use of one's own certificate, in
// two steps, and of nobody else's.
func TestRevoke(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, key := f.enrolled(t, kiran, "kiran@acme.example")
	other, otherKey := f.enrolled(t, kiren, "kiren@acme.example")
	sees(t, v.get(t, "/en/revoke"), http.StatusOK, "It cannot be taken back", `enctype="multipart/form-data"`)
	sees(t, v.upload(t, "/en/revoke", nil, ""), http.StatusUnprocessableEntity, "Choose the file")
	sees(t, v.upload(t, "/en/revoke", publicKey(t, key), ""), http.StatusUnprocessableEntity, "does not revoke the certificate that you use")
	secret := v.upload(t, "/en/revoke", secretKey(t, key), "")
	sees(t, secret, http.StatusUnprocessableEntity, "private key")
	if strings.Contains(secret.body, "BEGIN PGP") {
		t.Error("a secret key comes back in the page")
	}
	revocation := revocationOf(t, key)
	sees(t, other.upload(t, "/en/revoke", revocation, ""), http.StatusUnprocessableEntity, "does not revoke the certificate that you use")
	sees(t, other.upload(t, "/en/revoke", secretKey(t, otherKey), ""), http.StatusUnprocessableEntity, "private key")

	asked := v.upload(t, "/en/revoke", nil, string(revocation))
	sees(t, asked, http.StatusOK, "Stop its use?", "Yes, stop its use now")
	if f.standing(t, kiran, payroll.CertificateCurrent).Fingerprint == "" {
		t.Fatal("it was revoked before it was confirmed")
	}
	text := regexp.MustCompile(`name="text" value="([^"]+)"`).FindStringSubmatch(asked.body)
	if text == nil {
		t.Fatalf("nothing to confirm with\n%s", asked.body)
	}
	leads(t, other, other.post(t, "/en/revoke/now", "text", html.UnescapeString(text[1])), "/en/revoke/done")
	if f.standing(t, kiran, payroll.CertificateCurrent).Fingerprint == "" || f.standing(t, kiren, payroll.CertificateCurrent).Fingerprint == "" {
		t.Fatal("somebody else ended the use of a certificate")
	}
	for range 2 {
		sees(t, leads(t, v, v.post(t, "/en/revoke/now", "text", html.UnescapeString(text[1])), "/en/revoke/done"), http.StatusOK, "Its use has ended")
	}
	if f.standing(t, kiran, payroll.CertificateRevoked).Fingerprint == "" {
		t.Error("its use has not ended")
	}
	if acts := f.rows(t, `select who || ' ' || subject from audit where act = 'keys.revoke_use'`); len(acts) != 1 || acts[0] != "(employee) "+string(kiran) {
		t.Errorf("the audit log: %v", acts)
	}
	sees(t, v.get(t, "/en/revoke"), http.StatusOK, "You have no certificate in use")
	sees(t, v.post(t, "/en/revoke/now", "text", "no base64!"), http.StatusUnprocessableEntity)
	leads(t, v, v.post(t, "/en/revoke/now", "text", base64.StdEncoding.EncodeToString([]byte("nonsense"))), "/en/revoke/done")
}

// TestWordsForHR: what an employee tells HR arrives as it was written, and what
// must not be told is refused with a reason.
func TestWordsForHR(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, key := f.enrolled(t, kiran, "kiran@acme.example")
	sees(t, v.get(t, "/en/report?about=not_me"), http.StatusOK, `value="not_me" required aria-describedby="kind-1-hint" checked`)
	sees(t, v.post(t, "/en/report", "words", "x"), http.StatusUnprocessableEntity, "Choose what it is about", `href="#kind-0"`)
	sees(t, v.post(t, "/en/report", "kind", "lost_key", "words", "x"), http.StatusUnprocessableEntity)
	sees(t, v.post(t, "/en/report", "kind", "not_me", "words", " \n "), http.StatusUnprocessableEntity, "Write a few words")
	sees(t, v.post(t, "/en/report", "kind", "not_me", "words", strings.Repeat("ü", 2001)), http.StatusUnprocessableEntity, "2,000 characters")
	refused := v.post(t, "/en/report", "kind", "not_me", "words", "here is my key\n"+string(secretKey(t, key)))
	sees(t, refused, http.StatusUnprocessableEntity, "looks like a secret key")
	if strings.Contains(refused.body, "BEGIN PGP") {
		t.Error("a secret key comes back in the page")
	}
	words := "It says <b>HR</b> & wants my key. أهلا " + strings.Repeat("ह", 1900)
	sees(t, leads(t, v, v.post(t, "/en/report", "kind", "suspicious_mail", "words", words), "/en/report/sent"), http.StatusOK, "HR has been told")
	sees(t, leads(t, v, v.post(t, "/en/revoke/ask", "words", ""), "/en/revoke/asked"), http.StatusOK, "HR has been told")
	sees(t, v.post(t, "/en/revoke/ask", "words", strings.Repeat("x", 2001)), http.StatusUnprocessableEntity, "2,000 characters")
	reports, err := f.store.Reports(t.Context(), false)
	must(t, err)
	got := make(map[payroll.ReportKind]string)
	for _, r := range reports {
		got[r.Kind] = string(r.Employee) + " " + r.Text
	}
	want := map[payroll.ReportKind]string{payroll.ReportSuspicious: string(kiran) + " " + words, payroll.ReportLostKey: string(kiran) + " "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if f.standing(t, kiran, payroll.CertificateCurrent).Fingerprint == "" {
		t.Error("asking HR ended its use already")
	}
}

// TestAddress: an address changes only when both have said yes, and not at all if
// it was taken back.
func TestAddress(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, key := f.enrolled(t, kiran, "kiran@acme.example")
	current := f.standing(t, kiran, payroll.CertificateCurrent).Fingerprint
	sees(t, v.get(t, "/en/address"), http.StatusOK, "kiran@acme.example", "gpg --quick-add-uid "+string(current))
	for typed, said := range map[string]string{
		"": "not a mail address", "no address": "not a mail address", "two@acme.example, three@acme.example": "not a mail address",
		"KIRAN@acme.example": "the address that you have already", "kiren@acme.example": "cannot be yours here",
	} {
		sees(t, v.post(t, "/en/address", "address", typed), http.StatusUnprocessableEntity, said, `aria-invalid="true"`)
	}
	ask := func() map[payroll.NoticeKind]mail {
		t.Helper()
		leads(t, v, v.post(t, "/en/address", "address", " new@home.example "), "/en/address")
		return f.mails(t)
	}
	sent := ask()
	if again := ask(); len(again) != 0 {
		t.Errorf("sent twice, %d more mails leave", len(again))
	}
	if sent[payroll.NoticeConfirmOld].To != "kiran@acme.example" || sent[payroll.NoticeConfirmNew].To != "new@home.example" {
		t.Fatalf("asked at %q and %q", sent[payroll.NoticeConfirmOld].To, sent[payroll.NoticeConfirmNew].To)
	}
	sees(t, v.get(t, "/en/address"), http.StatusOK, "A change waits", "new@home.example", "not yet confirmed", "Your certificate does not name this address yet")
	sees(t, v.get(t, "/en/me"), http.StatusOK, "waits for its confirmations")
	stranger := f.visitor(t)
	stranger.post(t, "/en/confirm/"+sent[payroll.NoticeConfirmNew].secret)
	sees(t, v.get(t, "/en/address"), http.StatusOK, "✓ confirmed", "not yet confirmed")
	leads(t, v, v.post(t, "/en/address/cancel"), "/en/address")
	leads(t, v, v.post(t, "/en/address/cancel"), "/en/address")
	stranger.post(t, "/en/confirm/"+sent[payroll.NoticeConfirmOld].secret)
	if e := f.enrolee(t, kiran); e.Email != "kiran@acme.example" || e.Change != nil {
		t.Fatalf("taken back, and yet: %+v", e.Change)
	}
	sent = ask()
	stranger.post(t, "/en/confirm/"+sent[payroll.NoticeConfirmOld].secret)
	stranger.post(t, "/en/confirm/"+sent[payroll.NoticeConfirmNew].secret)
	if e := f.enrolee(t, kiran); e.Email != "new@home.example" {
		t.Error("both have said yes, and nothing changed")
	}
	leads(t, v, v.get(t, "/en/me"), "/en/sign-in") // the visit was proved by the old address
	v = f.entered(t, kiran)
	sees(t, v.get(t, "/en/me"), http.StatusOK, "Your slips wait", "does not name your mail address")
	must(t, key.AddUserId("Kiran A", "", "new@home.example", nil))
	leads(t, v, v.upload(t, "/en/replace", publicKey(t, key), ""), "/en/replace")
	leads(t, v, v.get(t, "/en/replace"), "/en/proof") // another user ID: it is checked once more
	if c := f.standing(t, kiran, payroll.CertificateCandidate); c.Fingerprint != current {
		t.Errorf("%s climbs", c.Fingerprint)
	}
}

// paid makes a run in which both employees' slips were accepted by the relay.
func (f *form) paid(t testing.TB) map[payroll.EmployeeNumber]payroll.SlipID {
	t.Helper()
	ctx := t.Context()
	vault, err := keystore.OpenMasterKey(keystore.NewMasterKeyFile())
	must(t, err)
	f.store.Unlock(vault)
	must(t, f.store.CreateAdmin(ctx, payroll.Admin{Name: "anton", Roles: []payroll.Role{payroll.RoleApprover}}, "olga"))
	period := payroll.Period{Year: 2026, Month: time.October}
	run, err := f.store.CreateRun(ctx, payroll.Run{
		Period: period, PayDate: period.Last(), Currency: "EUR", ImportedBy: "olga", FileSHA256: payroll.Digest([]byte("a file")),
	}, func(yield func(payroll.Slip, error) bool) {
		for _, number := range []payroll.EmployeeNumber{kiran, kiren} {
			e, err := f.store.Employee(ctx, number)
			if !yield(payroll.Slip{Employee: e, Period: period, PayDate: period.Last(), Currency: "EUR", Net: payroll.Money{Minor: 100, Currency: "EUR"}}, err) {
				return
			}
		}
	})
	must(t, err)
	must(t, f.store.SubmitRun(ctx, run, "olga", false))
	must(t, f.store.ApproveRun(ctx, run, "anton", payroll.Approval{Letterhead: "letterhead"}))
	must(t, f.store.SendRun(ctx, run, "anton", time.Hour, 10))
	worker := payroll.WorkerID(uuid.NewString())
	must(t, f.store.Beat(ctx, worker, "test"))
	parcels, err := f.store.Claim(ctx, run, worker, 10, payroll.Freeze{})
	must(t, err)
	ledger := f.store.OpenLedger(ctx)
	defer ledger.Close(context.WithoutCancel(ctx))
	slips := make(map[payroll.EmployeeNumber]payroll.SlipID)
	for _, p := range parcels {
		a := payroll.Attempt{ID: payroll.AttemptID(uuid.NewString()), Slip: p.ID, Worker: worker, Email: p.Pin.Email, Fingerprint: p.Pin.Fingerprint}
		if begun, err := ledger.BeginAttempt(ctx, a); err != nil || !begun {
			t.Fatal(begun, err)
		}
		must(t, ledger.FinishAttempt(a, payroll.Outcome{Kind: payroll.Accepted}, payroll.Fate{State: payroll.SlipAccepted})())
		slips[p.Standing.Employee.Number] = p.ID
	}
	return slips
}

// TestLedger: everyone sees their own slips and no other's, and can ask for one
// again, once.
func TestLedger(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, _ := f.enrolled(t, kiran, "kiran@acme.example")
	other, _ := f.enrolled(t, kiren, "kiren@acme.example")
	sees(t, v.get(t, "/en/ledger"), http.StatusOK, "No slip has been made for you yet")
	slips := f.paid(t)
	page := v.get(t, "/en/ledger")
	own := f.standing(t, kiran, payroll.CertificateCurrent).Fingerprint
	sees(t, page, http.StatusOK, "October 2026", "31 October 2026", "Taken by your mail server", own.Grouped(), string(slips[kiran]), `Send it again <span class="visually-hidden">October 2026`)
	theirs := f.standing(t, kiren, payroll.CertificateCurrent).Fingerprint
	for _, foreign := range []string{string(slips[kiren]), theirs.Grouped(), "kiren@acme.example", "Kiren"} {
		if strings.Contains(page.body, foreign) {
			t.Errorf("another's %q is on the page", foreign)
		}
	}
	for _, slip := range []string{string(slips[kiren]), "", "nonsense", uuid.NewString(), "' or 1=1"} {
		if a := v.post(t, "/en/ledger/again", "slip", slip); a.status != http.StatusNotFound && a.status != http.StatusUnprocessableEntity {
			t.Errorf("slip %q: status %d\n%s", slip, a.status, a.body)
		}
	}
	state := func(slip payroll.SlipID) string {
		t.Helper()
		return strings.Join(f.rows(t, `select state from slips where id = $1`, slip), "")
	}
	for range 2 {
		sees(t, leads(t, v, v.post(t, "/en/ledger/again", "slip", string(slips[kiran])), "/en/ledger"), http.StatusOK, "Is about to be sent")
	}
	if state(slips[kiran]) != "queued" || state(slips[kiren]) != "accepted" {
		t.Errorf("states: own %s, the other's %s", state(slips[kiran]), state(slips[kiren]))
	}
	if n := f.rows(t, `select count(*)::text from slip_asks`); n[0] != "1" {
		t.Errorf("asked for %s times", n[0])
	}
	_, err := f.store.Pool().Exec(t.Context(), `update slips set state = 'accepted', worker = null where id = $1`, slips[kiran])
	must(t, err)
	sees(t, v.post(t, "/en/ledger/again", "slip", string(slips[kiran])), http.StatusTooManyRequests, "You have asked for this slip today already")
	sees(t, other.get(t, "/en/ledger"), http.StatusOK, string(slips[kiren]))
}

// TestEveryStateHasWords: no state of a slip and no reason to hold it is shown as
// a key of the catalog.
func TestEveryStateHasWords(t *testing.T) {
	t.Parallel()
	f := newForm(t, nil)
	words := f.words("en")
	for _, state := range payroll.SlipStates {
		for _, hold := range append([]payroll.HoldReason{"", payroll.HoldTwin, payroll.HoldUnwritable}, told...) {
			key := "ledger." + stateWord(payroll.LedgerLine{State: state, Hold: hold})
			if text := words(key); text == key || text == "" {
				t.Errorf("no words for %s", key)
			}
		}
	}
	for _, answer := range vouchAnswers {
		if text := words("replace.word_" + answer); strings.HasPrefix(text, "replace.") {
			t.Errorf("no words for %s", answer)
		}
	}
}

// TestTheFileThatGPGKept: the revocation certificate that gpg puts aside when it
// makes a key is taken as it lies there, with its words and its colon.
func TestTheFileThatGPGKept(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	home := t.TempDir()
	gpg := func(args ...string) []byte {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		out, err := exec.CommandContext(ctx, "gpg", append([]string{"--homedir", home, "--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback"}, args...)...).Output()
		must(t, err)
		return out
	}
	t.Cleanup(func() { _ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run() })
	gpg("--quick-generate-key", "Kiran A <kiran@acme.example>", "future-default", "default", "1y")
	v := f.entered(t, kiran)
	sees(t, v.upload(t, "/en/certificate", gpg("--armor", "--export"), ""), http.StatusOK, "Your certificate is good")
	v.post(t, "/en/proof/code")
	v.post(t, "/en/proof", "code", f.mails(t)[payroll.NoticeProofCode].secret)
	f.certify(t, kiran)
	files, err := filepath.Glob(filepath.Join(home, "openpgp-revocs.d", "*.rev"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	kept, err := os.ReadFile(files[0])
	must(t, err)
	sees(t, v.upload(t, "/en/revoke", kept, ""), http.StatusOK, "Yes, stop its use now")
	sees(t, v.upload(t, "/en/revoke", nil, string(kept)), http.StatusOK, "Yes, stop its use now")
}

// TestADateInAnArabicSentence: the marks that keep a date together do not turn it
// round.
func TestADateInAnArabicSentence(t *testing.T) {
	t.Parallel()
	f := newForm(t, nil)
	words := f.words("ar")
	day := date(words, time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC))
	sentence := words("ledger.sent_on", "date", day, "clock", "21:58")
	if !strings.Contains(sentence, day) || strings.Contains(sentence, firstStrongIsolate+day) {
		t.Errorf("%q in %q", day, sentence)
	}
}
