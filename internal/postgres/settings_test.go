package postgres

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/payseal/payseal/payroll"
)

func someSettings() payroll.Settings {
	return payroll.Settings{
		Company: payroll.Letterhead{Name: "ACME", Address: []string{"Street 1", "1010 Vienna"}, Color: "#0b4f6c", Contact: "payroll@acme.example", Language: "en"},
		Sender:  payroll.SenderID{Address: "payroll@acme.example", Name: "ACME Payroll", Fingerprint: payroll.Fingerprint(strings.Repeat("AB", 20))},
		Relay:   payroll.RelayPlace{Host: "smtp.acme.example", Port: 587, TLS: "starttls", Username: "payroll"},
	}
}

// adopted is a store in which the first settings count.
func adopted(t *testing.T) (*Store, payroll.ConfirmedSettings) {
	t.Helper()
	s := newStore(t)
	compares(t, s, someSettings(), payroll.FileAdopted)
	first, err := s.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s, first
}

func compares(t *testing.T, s *Store, settings payroll.Settings, want payroll.FileVerdict) {
	t.Helper()
	if got, err := s.CompareFile(t.Context(), payroll.FileSettings{Settings: settings}); err != nil || got != want {
		t.Fatalf("the file is %q, %v; want %q", got, err, want)
	}
}

func openProposal(t *testing.T, s *Store) payroll.Proposal {
	t.Helper()
	open, err := s.OpenProposals(t.Context())
	if err != nil || len(open) != 1 {
		t.Fatalf("%d proposals are open, %v; want one", len(open), err)
	}
	return open[0]
}

func TestFirstSettingsAreAdopted(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if _, err := s.Settings(t.Context()); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("before the first start: %v", err)
	}
	compares(t, s, someSettings(), payroll.FileAdopted)
	compares(t, s, someSettings(), payroll.FileKnown)
	first, err := s.Settings(t.Context())
	if err != nil || first.ProposedBy != payroll.Machine || first.Tampered || !first.Settings.Equal(someSettings()) {
		t.Errorf("%+v, %v", first, err)
	}
}

// TestFileTakesTwoPeople: what the file says later counts once two people have
// confirmed it, and only then.
func TestFileTakesTwoPeople(t *testing.T) {
	t.Parallel()
	s, first := adopted(t)
	other := someSettings()
	other.Relay.Host = "mail.elsewhere.example"
	compares(t, s, other, payroll.FileProposed)
	compares(t, s, other, payroll.FileWaits)
	alarms, err := s.Alarms(t.Context(), false)
	if err != nil || len(alarms) != 1 || alarms[0].Kind != payroll.AlarmSettings {
		t.Errorf("alarms %+v, %v", alarms, err)
	}
	p := openProposal(t, s)
	if p.ProposedBy != payroll.Machine {
		t.Fatalf("proposed by %s", p.ProposedBy)
	}
	if p, err = s.ConfirmProposal(t.Context(), p.ID, "operator", payroll.SecretHash{}); err != nil || p.State != payroll.ProposalOpen {
		t.Fatalf("after one yes: %s, %v", p.State, err)
	}
	if _, err := s.ConfirmProposal(t.Context(), p.ID, "operator", payroll.SecretHash{}); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("one person said yes twice: %v", err)
	}
	if version, err := s.SettingsVersion(t.Context()); err != nil || version != first.Version {
		t.Errorf("version %d counts, %v", version, err)
	}
	if _, err := s.ConfirmProposal(t.Context(), p.ID, "approver", payroll.SecretHash{}); err != nil {
		t.Fatal(err)
	}
	newest, err := s.Settings(t.Context())
	if err != nil || !newest.Settings.Equal(other) || newest.ProposedBy != "operator" || newest.ConfirmedBy != "approver" || newest.Tampered {
		t.Errorf("%+v, %v", newest, err)
	}
	compares(t, s, other, payroll.FileKnown)
	history, err := s.SettingsHistory(t.Context(), 0, 10)
	if err != nil || len(history) != 2 || history[0].Version != newest.Version {
		t.Errorf("%d versions, %v", len(history), err)
	}
	if history, err = s.SettingsHistory(t.Context(), newest.Version, 10); err != nil || len(history) != 1 {
		t.Errorf("%d versions before, %v", len(history), err)
	}
}

func TestDeclinedFileIsNotProposedAgain(t *testing.T) {
	t.Parallel()
	s, _ := adopted(t)
	other := someSettings()
	other.Sender.Fingerprint = payroll.Fingerprint(strings.Repeat("CD", 20))
	compares(t, s, other, payroll.FileProposed)
	if _, err := s.DeclineProposal(t.Context(), openProposal(t, s).ID, "approver", "not ours"); err != nil {
		t.Fatal(err)
	}
	compares(t, s, other, payroll.FileDeclined)
	third := other
	third.Relay.Port = 465
	compares(t, s, third, payroll.FileProposed)
}

// TestFileThatAgreesIsRemembered: a file that is brought to what counts already
// does not undo what comes after it.
func TestFileThatAgreesIsRemembered(t *testing.T) {
	t.Parallel()
	s, first := adopted(t)
	blue, green := someSettings(), someSettings()
	blue.Company.Color, green.Company.Color = "#0000aa", "#00aa00"
	confirmed(t, s, blue, first.Version)
	compares(t, s, someSettings(), payroll.FileKnown) // as it was: the console's word counts
	compares(t, s, blue, payroll.FileAgrees)
	version, err := s.SettingsVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	confirmed(t, s, green, version)
	compares(t, s, blue, payroll.FileKnown)
}

// confirmed brings settings about by two people.
func confirmed(t *testing.T, s *Store, settings payroll.Settings, base int64) {
	t.Helper()
	p, err := s.ProposeSettings(t.Context(), settings, nil, base, "operator")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ConfirmProposal(t.Context(), p.ID, "approver", payroll.SecretHash{}); err != nil {
		t.Fatal(err)
	}
}

func TestOnePersonCannotChangeSettings(t *testing.T) {
	t.Parallel()
	s, first := adopted(t)
	other := someSettings()
	other.Relay.Host = "mail.elsewhere.example"
	both := payroll.Admin{Name: "both", Roles: payroll.Roles}
	if err := s.CreateAdmin(t.Context(), both, "operator"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ProposeSettings(t.Context(), other, nil, first.Version, "approver"); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("an approver proposes: %v", err)
	}
	p, err := s.ProposeSettings(t.Context(), other, nil, first.Version, both.Name)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := s.ConfirmProposal(t.Context(), p.ID, both.Name, payroll.SecretHash{}); !errors.Is(err, payroll.ErrNotAllowed) {
				t.Errorf("who proposed it confirms it: %v", err)
			}
		})
	}
	group.Wait()
	if err := s.ChangeAlone(t.Context(), payroll.NewSettingsProposal(other, both.Name), payroll.SecretHash{}); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("alone: %v", err)
	}
	if _, err := s.ProposeSettings(t.Context(), other, nil, first.Version, "operator"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("a second proposal beside the first: %v", err)
	}
	if now, err := s.Settings(t.Context()); err != nil || now.Version != first.Version {
		t.Errorf("version %d counts, %v", now.Version, err)
	}
}

func TestProposedSettingsAreChecked(t *testing.T) {
	t.Parallel()
	s, first := adopted(t)
	for what, spoil := range map[string]func(*payroll.Settings){
		"nothing new":    func(*payroll.Settings) {},
		"no name":        func(c *payroll.Settings) { c.Company.Name = "" },
		"a control mark": func(c *payroll.Settings) { c.Company.Contact = "a\x00b" },
		"a colour":       func(c *payroll.Settings) { c.Company.Color = "red" },
		"a host":         func(c *payroll.Settings) { c.Relay.Host = "smtp acme" },
		"a port":         func(c *payroll.Settings) { c.Relay.Port = 0 },
		"a bare login":   func(c *payroll.Settings) { c.Relay.TLS = "none" },
		"a lost logo":    func(c *payroll.Settings) { c.Company.LogoSHA = strings.Repeat("0", 64) },
	} {
		settings := someSettings()
		spoil(&settings)
		if _, err := s.ProposeSettings(t.Context(), settings, nil, first.Version, "operator"); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	other := someSettings()
	other.Company.Name = "ACME II"
	if _, err := s.ProposeSettings(t.Context(), other, nil, first.Version-1, "operator"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("from an older version: %v", err)
	}
	logo := []byte("a picture, as far as the database knows")
	other.Company.LogoSHA = payroll.Digest(logo)
	p, err := s.ProposeSettings(t.Context(), other, logo, first.Version, "operator")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pool().Exec(t.Context(), `update proposals set logo = 'another' where id = $1`, p.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ConfirmProposal(t.Context(), p.ID, "approver", payroll.SecretHash{}); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("with another logo than was proposed: %v", err)
	}
}

// TestSettingsChangedInSQLAreSeen looks at rows that nobody confirmed.
func TestSettingsChangedInSQLAreSeen(t *testing.T) {
	t.Parallel()
	for what, sql := range map[string]string{
		"another relay":   `update settings set content = jsonb_set(content, '{relay,host}', '"mail.elsewhere.example"')`,
		"another logo":    `update settings set logo = 'picture'`,
		"an earlier row":  `insert into settings (content, file_digest, proposed_by, confirmed_by, seal) select content, file_digest, 'a', 'b', seal from settings`,
		"without a seal":  `update settings set seal = null`,
		"another's words": `insert into settings (content, file_digest, proposed_by, confirmed_by) select jsonb_set(content, '{relay,port}', '25'), '', 'a', 'b' from settings`,
	} {
		s, first := adopted(t)
		if first.Tampered {
			t.Fatal("as it was adopted")
		}
		if _, err := s.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		if now, err := s.Settings(t.Context()); err != nil || !now.Tampered {
			t.Errorf("%s is not seen: %v", what, err)
		}
	}
}
