package payroll

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// ConfirmedSettings is one version of the settings that take two people. The
// newest counts.
type ConfirmedSettings struct {
	Version     int64     `json:"version"` // from 1, with gaps
	Settings    Settings  `json:"settings"`
	Logo        []byte    `json:"-"`            // PNG or JPEG; nil without one
	FileDigest  string    `json:"file_digest"`  // of what the configuration file said when it was last looked at
	ProposedBy  AdminName `json:"proposed_by"`  // Machine: adopted at the first start
	ConfirmedBy AdminName `json:"confirmed_by"` // Machine: adopted at the first start
	At          time.Time `json:"at"`
	Tampered    bool      `json:"tampered,omitempty"` // its seal does not fit: the row was changed in the database
}

// FileSettings is what one machine's configuration file and signing key say.
type FileSettings struct {
	Settings Settings
	Logo     []byte
}

// FileVerdict is what is to be done about what a machine's file says.
type FileVerdict string

// The verdicts.
const (
	FileAdopted  FileVerdict = "adopted"  // nothing was confirmed yet: it is the first version
	FileKnown    FileVerdict = "known"    // it says what it said when the newest version was confirmed
	FileAgrees   FileVerdict = "agrees"   // it was changed to what counts already
	FileWaits    FileVerdict = "waits"    // it is proposed, or something else is
	FileDeclined FileVerdict = "declined" // it was proposed, and somebody said no
	FileProposed FileVerdict = "proposed" // it is proposed now
)

// Judge says what is to be done about what the file says, given the newest
// version (nil for none), whether any proposal about settings is open, and whether
// this one was declined or withdrawn.
func (f FileSettings) Judge(newest *ConfirmedSettings, open, declined bool) FileVerdict {
	switch {
	case newest == nil:
		return FileAdopted
	case newest.FileDigest == f.Settings.Digest():
		return FileKnown
	case newest.Settings.Equal(f.Settings):
		return FileAgrees
	case declined:
		return FileDeclined
	case open:
		return FileWaits
	}
	return FileProposed
}

// Digest is the SHA-256 of the settings in hexadecimal.
func (s Settings) Digest() string {
	if len(s.Company.Address) == 0 {
		s.Company.Address = nil // no lines are no lines; the other lists are left out when they are empty
	}
	encoded, err := json.Marshal(s)
	if err != nil { // texts and numbers always encode
		panic(err)
	}
	return Digest(encoded)
}

// Check says with an error that wraps ErrInvalid what is wrong with the settings.
// Whether the letterhead can be drawn is letter's to say.
func (s Settings) Check() error {
	if s.Company.Name == "" {
		return fmt.Errorf("%w: the company has no name", ErrInvalid)
	}
	texts := append([]string{s.Company.Name, s.Company.Contact, s.Company.Language, s.Sender.Name}, s.Company.Address...)
	texts = append(texts, s.Company.Footer...)
	for _, text := range texts {
		if err := CheckText("settings", text); err != nil {
			return err
		}
		if len(text) > 400 {
			return fmt.Errorf("%w: a text is longer than 400 characters", ErrInvalid)
		}
	}
	if s.Company.Color != "" && !color.MatchString(s.Company.Color) {
		return fmt.Errorf("%w: write the colour as #0b4f6c", ErrInvalid)
	}
	return s.Relay.Check()
}

var (
	color     = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	relayHost = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
)

// Check says with an error that wraps ErrInvalid what is wrong with the place.
func (p RelayPlace) Check() error {
	_, err := netip.ParseAddr(p.Host)
	switch {
	case err != nil && (len(p.Host) > 253 || !relayHost.MatchString(p.Host)):
		return fmt.Errorf("%w: write the relay as a host's name, such as smtp.acme.example", ErrInvalid)
	case p.Port < 1 || p.Port > 65535:
		return fmt.Errorf("%w: the relay's port is a number from 1 to 65535", ErrInvalid)
	case p.TLS != "starttls" && p.TLS != "implicit" && p.TLS != "none":
		return fmt.Errorf("%w: TLS to the relay is starttls, implicit or none", ErrInvalid)
	case len(p.Username) > 256:
		return fmt.Errorf("%w: the username at the relay is longer than 256 characters", ErrInvalid)
	case p.TLS == "none" && p.Username != "" && !p.Local():
		return fmt.Errorf("%w: a login at the relay needs TLS", ErrInvalid)
	}
	return CheckText("username at the relay", p.Username)
}

// Local reports whether the relay is on the machine itself.
func (p RelayPlace) Local() bool {
	address, err := netip.ParseAddr(p.Host)
	return p.Host == "localhost" || err == nil && address.IsLoopback()
}

// NewSettingsProposal is what by wants the settings to be.
func NewSettingsProposal(s Settings, by AdminName) Proposal {
	content, err := json.Marshal(s)
	if err != nil { // texts and numbers always encode
		panic(err)
	}
	return Proposal{Kind: ProposeSettings, Content: content, ProposedBy: by}
}

// Settings reads the content of a proposal about settings.
func (p *Proposal) Settings() (Settings, error) {
	var s Settings
	if err := json.Unmarshal(p.Content, &s); err != nil {
		return s, fmt.Errorf("read proposal %d: %w", p.ID, err)
	}
	return s, nil
}

// SettingsChange is one thing that differs between two settings, in words.
type SettingsChange struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	Now    string `json:"now"`
}

// Changes are what differs between before and these settings, in the order of a
// form; none if they are the same.
func (s Settings) Changes(before Settings) []SettingsChange {
	var changes []SettingsChange
	now := s.lines()
	for i, was := range before.lines() {
		if was != now[i] {
			changes = append(changes, SettingsChange{Name: was.name, Before: was.value, Now: now[i].value})
		}
	}
	return changes
}

type settingsLine struct{ name, value string }

func (s Settings) lines() []settingsLine {
	return []settingsLine{
		{"Company", s.Company.Name}, {"Address", strings.Join(s.Company.Address, " / ")}, {"Colour", s.Company.Color}, {"Contact", s.Company.Contact},
		{"Language", s.Company.Language}, {"Logo (SHA-256)", s.Company.LogoSHA},
		{"Page size", cmp.Or(s.Company.PageSize, "A4")}, {"Footer", strings.Join(s.Company.Footer, " / ")},
		{"Fields", listed(s.Company.Fields)}, {"Labels", s.Company.labels()},
		{"From", string(s.Sender.Address)}, {"Sender's name", s.Sender.Name}, {"Signing key", s.Sender.Fingerprint.Grouped()},
		{"Relay", s.Relay.Host}, {"Port", fmt.Sprint(s.Relay.Port)}, {"TLS", s.Relay.TLS}, {"Username at the relay", s.Relay.Username},
	}
}

// listed writes names and what they stand for in one line, in the names' order.
func listed[K ~string](values map[K]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		parts = append(parts, string(name)+": "+values[name])
	}
	return strings.Join(parts, " / ")
}

// labels are the company's own words in one line.
func (l Letterhead) labels() string {
	var parts []string
	for _, language := range slices.Sorted(maps.Keys(l.Labels)) {
		parts = append(parts, language+": "+listed(l.Labels[language]))
	}
	return strings.Join(parts, "; ")
}
