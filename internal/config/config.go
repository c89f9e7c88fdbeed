// Package config reads payseal's one configuration file (TOML, unknown keys
// refused) and the secrets that it points to. Secrets come from files, from
// systemd credentials or from the environment, never from flags, and print as
// dots. It must never hold a rule of the business. Read [Config] and [Secret]
// first.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// Config is the whole configuration file. deploy/payseal.example.toml explains
// every key with its unit and its limits.
type Config struct {
	Company   Company   `toml:"company"`
	Database  Database  `toml:"database"`
	Vault     Vault     `toml:"vault"`
	Signer    Signer    `toml:"signer"`
	Mail      Mail      `toml:"mail"`
	Relay     Relay     `toml:"relay"`
	Delivery  Delivery  `toml:"delivery"`
	Policy    Policy    `toml:"policy"`
	Worker    Worker    `toml:"worker"`
	Web       Web       `toml:"web"`
	Console   Console   `toml:"console"`
	WKD       WKD       `toml:"wkd"`
	Readiness Readiness `toml:"readiness"`
	Canary    Canary    `toml:"canary"`
	HR        HR        `toml:"hr"`
}

// Company is what stands on the letterhead.
type Company struct {
	Name     string   `toml:"name"`
	Address  []string `toml:"address"`
	Color    string   `toml:"color"` // "#0b4f6c"
	Logo     string   `toml:"logo"`  // PNG, JPEG or SVG file; "" for none
	Language string   `toml:"language"`
	Zone     string   `toml:"zone"`    // IANA time zone
	Contact  string   `toml:"contact"` // whom employees ask, as printed on the slip
	Fonts    []string `toml:"fonts"`   // directories searched for fonts besides the built-in ones

	PageSize string                       `toml:"page_size"` // "A4" or "Letter"
	Footer   []string                     `toml:"footer"`    // lines at the foot of every page
	Fields   map[string]string            `toml:"fields"`    // what a country's law wants to know of the employer
	Labels   map[string]map[string]string `toml:"labels"`    // words of the page, by language and name
}

// Database says where Postgres is. Without a URL payseal runs a private one in
// Directory.
type Database struct {
	URLFile   string `toml:"url_file"`
	Directory string `toml:"directory"`
}

// Vault seals amounts at rest.
type Vault struct {
	MasterKeyFile string `toml:"master_key_file"`
}

// Signer is the company's OpenPGP key.
type Signer struct {
	File           string `toml:"file"`
	PassphraseFile string `toml:"passphrase_file"`
	Archive        bool   `toml:"archive"` // also encrypt every slip to the company
}

// Mail shapes the messages.
type Mail struct {
	Subject         string `toml:"subject"`
	Structure       string `toml:"structure"` // "combined" or "nested"
	BounceAddress   string `toml:"bounce_address"`
	MessageIDDomain string `toml:"message_id_domain"`
	HoldNotices     bool   `toml:"hold_notices"` // tell employees that a slip waits, and why
}

// Relay is the submission server.
type Relay struct {
	Host                  string             `toml:"host"`
	Port                  int                `toml:"port"`
	TLS                   string             `toml:"tls"` // "starttls", "implicit" or "none"
	CAFile                string             `toml:"ca_file"`
	HelloName             string             `toml:"hello_name"`
	Username              string             `toml:"username"`
	PasswordFile          string             `toml:"password_file"`
	Connections           int                `toml:"connections"`
	MessagesPerConnection int                `toml:"messages_per_connection"`
	RatePerSecond         float64            `toml:"rate_per_second"`
	DomainRates           map[string]float64 `toml:"domain_rates_per_second"`
}

// Delivery says how long and how often.
type Delivery struct {
	Bundle        int      `toml:"bundle"`
	FirstDelay    Duration `toml:"first_delay"`
	MaxDelay      Duration `toml:"max_delay"`
	GiveUp        Duration `toml:"give_up"`
	Unsure        string   `toml:"unsure"` // "resend" or "settle"
	UnsureDelay   Duration `toml:"unsure_delay"`
	ShutdownGrace Duration `toml:"shutdown_grace"`
	LatePayday    string   `toml:"late_payday"` // "catch_up" or "report"
	LateAfter     Duration `toml:"late_after"`
}

// Policy is what the customer may choose about certificates.
type Policy struct {
	RequiredStep string `toml:"required_step"` // a step of the enrolment ladder
	FreezeDays   int    `toml:"freeze_days"`
	LeaverDays   int    `toml:"leaver_days"`      // after leaving, until the company revokes its certification
	Variance     int    `toml:"variance_percent"` // of last month's net pay, beyond which a slip is remarked
}

// Worker is what one worker process shows of itself.
type Worker struct {
	Listen    string `toml:"listen"` // host:port of /healthz, /readyz and /metrics; "" for none
	LogFormat string `toml:"log_format"`
	LogLevel  string `toml:"log_level"`
}

// Site is where one of the two servers of pages is reached.
type Site struct {
	Listen             string   `toml:"listen"` // host:port
	Origin             string   `toml:"origin"` // as browsers see it, such as "https://payroll.acme.example"; "" if it is not served
	TLSCertificateFile string   `toml:"tls_certificate_file"`
	TLSKeyFile         string   `toml:"tls_key_file"`
	TrustedProxies     []string `toml:"trusted_proxies"` // networks whose X-Forwarded-For is believed
}

// Web is the form in which employees enrol.
type Web struct {
	Site
	CompanyCertificateFile string   `toml:"company_certificate_file"` // "" for the public half of signer.file
	LinkValid              Duration `toml:"link_valid"`
}

// Console is where HR works. With an origin, admins' names are proven: see
// [Config.Proven].
type Console struct {
	Site
	BreachedPasswordsFile string       `toml:"breached_passwords_file"` // SHA-1 hashes, sorted; "" for the built-in list alone
	SingleSignOn          SingleSignOn `toml:"single_sign_on"`
}

// SingleSignOn is an OpenID provider by which admins may sign in.
type SingleSignOn struct {
	Issuer           string `toml:"issuer"` // its URL; "" for none
	Name             string `toml:"name"`   // on the button
	ClientID         string `toml:"client_id"`
	ClientSecretFile string `toml:"client_secret_file"`
	TwoFactors       bool   `toml:"two_factors"` // the provider asks everybody for two factors, even where it does not say so
}

// Proven reports whether admins' names are proven: there is a console, so that
// everybody can sign in. Then commands prove theirs with a token, and what takes
// two people takes two.
func (c *Config) Proven() bool { return c.Console.Origin != "" }

// WKD is the Web Key Directory: what the form's host publishes, and whether it
// asks others.
type WKD struct {
	Publish string   `toml:"publish"` // "none", "company" or "employees"
	Lookup  bool     `toml:"lookup"`
	Refresh Duration `toml:"refresh"` // how often known certificates are asked for again; 0 for never
}

// The words of wkd.publish.
const (
	PublishNone      = "none"
	PublishCompany   = "company"
	PublishEmployees = "employees"
)

// Readiness says who is told, and when, that certificates are missing or ending.
type Readiness struct {
	DigestTo   string `toml:"digest_to"`   // HR's address, also told of reports; "" for nobody
	DigestDays []int  `toml:"digest_days"` // days before a pay date
	Reminders  bool   `toml:"reminders"`   // to employees whose certificate ends
	At         string `toml:"at"`          // "07:00", in company.zone
}

// Canary is a specimen that goes to one employee every day, to see whether all is
// well.
type Canary struct {
	Employee string `toml:"employee"` // a number; "" for no canary
	At       string `toml:"at"`       // "06:00", in company.zone
}

// HR is the customer's own database to read the roster from.
type HR struct {
	DSNFile   string `toml:"dsn_file"`
	QueryFile string `toml:"query_file"`
}

// Duration is a time.Duration written as "90s", "10m" or "72h".
type Duration time.Duration

// String writes the duration as it is read.
func (d Duration) String() string { return time.Duration(d).String() }

// UnmarshalText reads "90s".
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil || parsed < 0 {
		return errors.New("not a duration such as 90s, 10m or 72h")
	}
	*d = Duration(parsed)
	return nil
}

// Default is the configuration of an empty file.
func Default() Config {
	return Config{
		Company:  Company{Color: "#0b4f6c", Language: "en", Zone: "UTC", Fonts: []string{"/usr/share/fonts"}, PageSize: "A4"},
		Database: Database{Directory: "payseal-data/postgres"},
		Vault:    Vault{MasterKeyFile: "payseal-data/master.key"},
		Signer:   Signer{File: "payseal-data/signer.asc", PassphraseFile: "payseal-data/signer.passphrase"},
		Mail:     Mail{Structure: "combined", HoldNotices: true},
		Relay: Relay{Host: "localhost", Port: 587, TLS: "starttls", Connections: 4,
			MessagesPerConnection: 100, RatePerSecond: 20},
		Delivery: Delivery{Bundle: 128, FirstDelay: minutes(5), MaxDelay: minutes(120), GiveUp: minutes(72 * 60),
			Unsure: "resend", UnsureDelay: minutes(5), ShutdownGrace: Duration(20 * time.Second),
			LatePayday: "report", LateAfter: minutes(60)},
		Policy:    Policy{RequiredStep: "certified", FreezeDays: 3, LeaverDays: 90, Variance: 20},
		Worker:    Worker{Listen: "localhost:9477", LogFormat: "text", LogLevel: "info"},
		Web:       Web{Site: Site{Listen: "localhost:8080", TrustedProxies: []string{}}, LinkValid: minutes(7 * 24 * 60)},
		Console:   Console{Site: Site{Listen: "localhost:8081", TrustedProxies: []string{}}, SingleSignOn: SingleSignOn{Name: "single sign-on"}},
		WKD:       WKD{Publish: PublishCompany, Lookup: true},
		Readiness: Readiness{DigestDays: []int{7, 1}, Reminders: true, At: "07:00"},
		Canary:    Canary{At: "06:00"},
	}
}

func minutes(n int) Duration { return Duration(time.Duration(n) * time.Minute) }

// Load reads the file at path over the defaults and resolves the paths in it
// against the file's folder. Unknown keys are an error that names line and key.
func Load(path string) (Config, error) {
	c := Default()
	content, err := os.ReadFile(path)
	if err != nil {
		return c, fmt.Errorf("read configuration: %w", err)
	}
	decoder := toml.NewDecoder(bytes.NewReader(content)).DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return c, fmt.Errorf("read configuration %s: %w", path, explain(err))
	}
	c.resolve(filepath.Dir(path))
	if err := c.check(); err != nil {
		return c, fmt.Errorf("check configuration %s:\n%w", path, err)
	}
	return c, nil
}

// explain turns the library's errors into line, column and key.
func explain(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) {
		return unknownKeys(unknown)
	}
	var broken *toml.DecodeError
	if errors.As(err, &broken) {
		line, column := broken.Position()
		return fmt.Errorf("line %d, column %d, key %q: %w", line, column, strings.Join(broken.Key(), "."), err)
	}
	return err
}

// unknownKeys names keys and lines, never values: a password may have been
// written where none belongs.
func unknownKeys(unknown *toml.StrictMissingError) error {
	var all []error
	for _, one := range unknown.Errors {
		line, _ := one.Position()
		all = append(all, fmt.Errorf("line %d: unknown key %s", line, strings.Join(one.Key(), ".")))
	}
	return errors.Join(all...)
}

func (c *Config) resolve(dir string) {
	paths := []*string{
		&c.Company.Logo, &c.Database.URLFile, &c.Database.Directory, &c.Vault.MasterKeyFile,
		&c.Signer.File, &c.Signer.PassphraseFile, &c.Relay.CAFile, &c.Relay.PasswordFile,
		&c.Web.TLSCertificateFile, &c.Web.TLSKeyFile, &c.Web.CompanyCertificateFile,
		&c.Console.TLSCertificateFile, &c.Console.TLSKeyFile, &c.Console.BreachedPasswordsFile, &c.Console.SingleSignOn.ClientSecretFile,
		&c.HR.DSNFile, &c.HR.QueryFile,
	}
	for i := range c.Company.Fonts {
		paths = append(paths, &c.Company.Fonts[i])
	}
	for _, path := range paths {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
}

// Exists reports whether a configuration file is there at all.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
