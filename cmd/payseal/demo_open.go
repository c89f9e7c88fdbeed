package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// mailbox keeps what the demo's relay took, one file per mail.
type mailbox struct {
	dir   string
	mutex sync.Mutex
	files map[payroll.Address]string
	err   error // the first
}

func newMailbox(dir string) *mailbox {
	return &mailbox{dir: dir, files: make(map[payroll.Address]string)}
}

// took files a mail under its Message-ID, which names the slip and nobody. Of the
// mails to one employee the encrypted one is looked at, whatever is told beside it.
func (m *mailbox) took(message smtptest.Message) {
	parsed, err := mail.ReadMessage(bytes.NewReader(message.Data))
	name := ""
	if err == nil {
		id, _, _ := strings.Cut(strings.Trim(parsed.Header.Get("Message-ID"), "<>"), "@")
		name = filepath.Join(m.dir, filepath.Base(id)+".eml")
		err = os.WriteFile(name, message.Data, 0o644)
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.err = errors.Join(m.err, err)
	to := payroll.Address(message.To[0])
	if _, known := m.files[to]; !known || encrypted(parsed) {
		m.files[to] = name
	}
}

func encrypted(m *mail.Message) bool {
	return m != nil && strings.HasPrefix(m.Header.Get("Content-Type"), "multipart/encrypted")
}

// openMails opens every delivered mail as its employee and prints the one table
// that the demo is about.
func (d *demonstration) openMails(ctx context.Context) error {
	d.say("\nEvery employee opens the mail with their own secret key and checks the company's signature.\n")
	company, err := d.companyCertificate()
	if err != nil {
		return err
	}
	statuses, err := d.statuses(ctx)
	if err != nil {
		return errors.Join(err, d.mails.err)
	}
	var rows [][]string
	wrong := 0
	for _, m := range d.members {
		row, good := d.openOne(m, statuses[m.Number], company)
		if !good {
			wrong++
		}
		rows = append(rows, row)
	}
	if err := d.printTable(rows); err != nil {
		return err
	}
	if wrong > 0 {
		return fmt.Errorf("%d employees could not read what they should", wrong)
	}
	return nil
}

func (d *demonstration) statuses(ctx context.Context) (map[payroll.EmployeeNumber]postgres.SlipStatus, error) {
	statuses := make(map[payroll.EmployeeNumber]postgres.SlipStatus)
	a := &app{configPath: d.path("payseal.toml")}
	err := a.withStore(ctx, func(store *postgres.Store, _ config.Config) error {
		list, err := store.SlipStatuses(ctx, demoRun)
		for _, s := range list {
			statuses[s.Employee] = s
		}
		return err
	})
	return statuses, err
}

// openOne is one row of the table, and whether it is as it should be: a slip
// that was accepted opens, its signature is good and its page can be read, and
// whoever cannot be sealed to got nothing but a notice.
func (d *demonstration) openOne(m demo.Member, status postgres.SlipStatus, company string) (row []string, good bool) {
	row = []string{m.Name, m.Kind.Name, short(m), string(status.State), "-", "-", string(status.Hold)}
	file, delivered := d.mails.files[m.Email]
	if !delivered {
		return row, false
	}
	eml, err := os.ReadFile(file)
	if m.Role != demo.Enrolled {
		row[4] = "a notice"
		return row, err == nil && status.State == payroll.SlipHeld && !bytes.Contains(eml, []byte("pgp"))
	}
	if err != nil || status.State != payroll.SlipAccepted {
		return row, false
	}
	opened, err := m.Open(eml, company, time.Now())
	if err != nil {
		row[4] = "no"
		return row, false
	}
	row[4], row[5] = "yes", "good"
	if opened.Signature != nil {
		row[5] = "BAD"
		return row, false
	}
	row[6], err = d.readNet(opened.PDF)
	return row, err == nil
}

func short(m demo.Member) string {
	if m.Secret == nil {
		return "-"
	}
	fingerprint := payroll.Fingerprint(fmt.Sprintf("%X", m.Secret.PrimaryKey.Fingerprint)).Grouped()
	return "… " + fingerprint[len(fingerprint)-9:]
}

// readNet reads the net pay off the page, as the employee's eyes do: pdftotext
// gives the words.
func (d *demonstration) readNet(pdf []byte) (string, error) {
	text := exec.Command("pdftotext", "-layout", "-", "-")
	text.Stdin = bytes.NewReader(pdf)
	words, err := text.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "(poppler-utils is not installed)", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the page: %w", err)
	}
	found := netPay.FindSubmatch(words)
	if found == nil {
		return "", errors.New("read the page: no net pay on it")
	}
	return string(found[1]), nil
}

// netPay is the end of "gross pay − deductions = net pay", in any language; the
// year to date stands on the same line, some spaces apart.
var netPay = regexp.MustCompile(`= (\d+(?:[.,’\x{a0} ]\d+)*)`)

func (d *demonstration) printTable(rows [][]string) error {
	const most = 60
	if len(rows) > most {
		d.say("(the first %d of %d)", most, len(rows))
		rows = rows[:most]
	}
	return printTable(d.out, []string{"EMPLOYEE", "KEY", "FINGERPRINT", "OUTCOME", "OPENED", "SIGNATURE", "NET PAY, OR WHY NOT"}, rows)
}

// sayWhatNext leaves one page and one secret key to look at, and says what to try.
func (d *demonstration) sayWhatNext(context.Context) error {
	company, err := d.companyCertificate()
	if err != nil {
		return err
	}
	for _, m := range d.members {
		if m.Role == demo.Enrolled {
			return d.leave(m, company)
		}
	}
	return nil
}

// leave writes one member's page, secret key and mail's name.
func (d *demonstration) leave(m demo.Member, company string) error {
	eml, err := os.ReadFile(d.mails.files[m.Email])
	if err != nil {
		return fmt.Errorf("read a mail: %w", err)
	}
	opened, err := m.Open(eml, company, time.Now())
	if err != nil {
		return err
	}
	secret, err := m.SecretKey()
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"slip-decrypted.pdf": opened.PDF, "employee-secret-key.asc": secret, "company.asc": []byte(company),
	} {
		if err := os.WriteFile(d.path(name), content, 0o600); err != nil {
			return fmt.Errorf("write the demo's files: %w", err)
		}
	}
	d.say(`
Look at the slip first: %[2]s. The mails are in %[1]s. Then try:

  %[7]s --config %[3]s runs report 1
  %[7]s --config %[3]s audit verify
  gpg --import %[4]s %[5]s && gpg --decrypt %[6]s
  %[7]s demo --employees 1000

HR's console has the same run. The link is for Olga's first visit; there she invites Maria and Anton.

  %[7]s --config %[8]s admins reset olga
  %[7]s --config %[8]s console   (until Ctrl-C; the link leads to http://localhost:8081)
  %[7]s --config %[3]s web       (the employees' form, at http://localhost:8080; no mail goes out, the demo's relay is gone)`,
		d.path("mails"), d.path("slip-decrypted.pdf"), d.path("payseal.toml"), d.path("company.asc"),
		d.path("employee-secret-key.asc"), d.mails.files[m.Email], os.Args[0], d.path("console.toml"))
	return nil
}

// companyCertificate is what the demo's employees verify signatures with.
func (d *demonstration) companyCertificate() (string, error) {
	key, err := keystore.ReadSecretFile(d.path("signer.asc"))
	if err != nil {
		return "", err
	}
	certificate, err := keystore.SignerCertificate(key)
	if err != nil {
		return "", err
	}
	return certificate.Armored()
}
