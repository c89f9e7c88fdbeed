package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// inForce is the configuration as it counts: where names are proven, letterhead,
// relay and sender are those that two people confirmed, whatever the file says.
type inForce struct {
	config.Config
	version int64            // of the confirmed settings; 0: the file counts
	logo    []byte           // PNG or JPEG; nil for none
	sender  payroll.SenderID // the signing key that may be used; zero: any
}

// settle finds out what counts. Where names are not proven the file does, and the
// database is not asked.
func settle(ctx context.Context, c config.Config, store *postgres.Store) (inForce, error) {
	if !c.Proven() {
		logo, err := readLogo(c.Company)
		return inForce{Config: c, logo: logo}, err
	}
	confirmed, err := store.Settings(ctx)
	if errors.Is(err, payroll.ErrNotFound) { // the first worker or console adopts what the file says
		logo, err := readLogo(c.Company)
		return inForce{Config: c, logo: logo}, err
	}
	if err != nil {
		return inForce{}, err
	}
	if confirmed.Tampered {
		return inForce{}, errTampered
	}
	return inForce{Config: c, version: confirmed.Version}.with(confirmed), nil
}

// errTampered means that a row of settings was changed behind the program's back.
var errTampered = fmt.Errorf("%w: the settings in the database are not those that two people confirmed; find out who changed them there, and bring the row back (docs: payseal settings history)", payroll.ErrNotAllowed)

func (f inForce) with(confirmed payroll.ConfirmedSettings) inForce {
	s := confirmed.Settings
	f.Company.Name, f.Company.Address, f.Company.Color = s.Company.Name, s.Company.Address, s.Company.Color
	f.Company.Contact, f.Company.Language = s.Company.Contact, s.Company.Language
	f.Company.PageSize, f.Company.Footer, f.Company.Labels = cmp.Or(s.Company.PageSize, "A4"), s.Company.Footer, s.Company.Labels
	f.Company.Fields = make(map[string]string)
	for id, text := range s.Company.Fields {
		f.Company.Fields[string(id)] = text
	}
	f.Relay.Host, f.Relay.Port, f.Relay.TLS, f.Relay.Username = s.Relay.Host, s.Relay.Port, s.Relay.TLS, s.Relay.Username
	f.logo, f.sender = confirmed.Logo, s.Sender
	return f
}

// letterheadInForce is the letterhead that counts.
func letterheadInForce(ctx context.Context, c config.Config, store *postgres.Store) (*letter.Letterhead, error) {
	counts, err := settle(ctx, c, store)
	if err != nil {
		return nil, err
	}
	return openLetterhead(counts)
}

// mayUse says with an error that the signing key is not the one that two people
// confirmed.
func (f inForce) mayUse(signer *keystore.Signer) error {
	if f.sender.Admits(senderID(signer)) {
		return nil
	}
	return errOtherKey
}

// errOtherKey holds back everything that would be sent or certified.
var errOtherKey = fmt.Errorf("%w: the signing key on this machine is not the one that two people confirmed; nothing is sent or certified until they confirm it (console: Settings, Signing key), or the confirmed one is back", payroll.ErrNotAllowed)

// signerInForce is the signing key if it is on this machine and the one that two
// people confirmed; nil if there is none here.
func signerInForce(ctx context.Context, c config.Config, store *postgres.Store) (*keystore.Signer, error) {
	signer, err := openSigner(c.Signer)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	counts, err := settle(ctx, c, store)
	if err != nil {
		return nil, err
	}
	return signer, counts.mayUse(signer)
}

func senderID(signer *keystore.Signer) payroll.SenderID {
	return payroll.SenderID{Address: signer.Address(), Name: signer.Name(), Fingerprint: signer.Certificate().Fingerprint()}
}

func readLogo(c config.Company) ([]byte, error) {
	if c.Logo == "" {
		return nil, nil
	}
	logo, err := os.ReadFile(c.Logo)
	if err != nil {
		return nil, fmt.Errorf("read the logo: %w", err)
	}
	return logo, nil
}

// fileSettings is what this machine's configuration and signing key say now. The
// key's passphrase is not asked for.
func fileSettings(c config.Config) (payroll.FileSettings, error) {
	logo, err := readLogo(c.Company)
	if err != nil {
		return payroll.FileSettings{}, err
	}
	key, _, err := signerKey(c.Signer)
	if err != nil {
		return payroll.FileSettings{}, fmt.Errorf("open the signing key: %w", err)
	}
	info, err := keystore.DescribeSigner(key, time.Now())
	if err != nil {
		return payroll.FileSettings{}, err
	}
	name, _, _ := strings.Cut(info.UserID, "<")
	f := payroll.FileSettings{Logo: logo, Settings: payroll.Settings{
		Company: letterheadSettings(c.Company),
		Sender:  payroll.SenderID{Address: info.Address, Name: strings.Trim(name, ` "`), Fingerprint: info.Fingerprint},
		Relay:   payroll.RelayPlace{Host: c.Relay.Host, Port: c.Relay.Port, TLS: c.Relay.TLS, Username: c.Relay.Username},
	}}
	if len(logo) > 0 {
		f.Settings.Company.LogoSHA = payroll.Digest(logo)
	}
	return f, nil
}

// compareFile adopts what this machine's file says as the first settings, or
// proposes it if it is new.
func compareFile(ctx context.Context, c config.Config, store *postgres.Store, log *slog.Logger) error {
	f, err := fileSettings(c)
	if err != nil {
		return err
	}
	verdict, err := store.CompareFile(ctx, f)
	switch {
	case err != nil:
		return err
	case verdict == payroll.FileAdopted:
		log.Info("the configuration's letterhead, relay and signing key are the first settings; from now on two people change them", "digest", f.Settings.Digest())
	case verdict == payroll.FileProposed:
		log.Error("alarm: this machine's configuration or signing key says something else than two people confirmed; it is proposed and does not count", "digest", f.Settings.Digest())
	}
	return nil
}

// How often a running process looks whether two people confirmed other settings,
// and whether its machine's files say something else.
const (
	settingsEvery = 3 * time.Second
	filesEvery    = 30 * time.Second
)

// awaitOther reports true once another version than the given one counts, and
// false when ctx ends before. Meanwhile it compares the machine's files, if asked to.
func awaitOther(ctx context.Context, c config.Config, store *postgres.Store, version int64, compare bool, log *slog.Logger) bool {
	files := time.NewTicker(filesEvery)
	defer files.Stop()
	if !compare {
		files.Stop()
	}
	look := time.NewTicker(settingsEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-files.C:
			if err := compareFile(ctx, c, store, log); err != nil && ctx.Err() == nil {
				log.Warn("this machine's files could not be compared with the settings", "error", err)
			}
		case <-look.C:
			newest, err := store.SettingsVersion(ctx)
			if err != nil && ctx.Err() == nil {
				log.Warn("it is not known whether other settings count; those of before go on", "error", err)
			}
			if err == nil && newest != version {
				return true
			}
		}
	}
}

// letterheadSettings are what the configuration says of the letterhead, but for
// its logo. A4 is what nobody has to say.
func letterheadSettings(c config.Company) payroll.Letterhead {
	l := payroll.Letterhead{
		Name: c.Name, Address: c.Address, Color: c.Color, Contact: c.Contact, Language: c.Language,
		Footer: c.Footer, Labels: c.Labels,
	}
	if c.PageSize != "A4" {
		l.PageSize = c.PageSize
	}
	for id, text := range c.Fields {
		if l.Fields == nil {
			l.Fields = make(map[payroll.FieldID]string)
		}
		l.Fields[payroll.FieldID(id)] = text
	}
	return l
}
