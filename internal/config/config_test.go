package config

import (
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
)

const example = "../../deploy/payseal.example.toml"

func load(t *testing.T, content string) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "payseal.toml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestEmptyFileIsDefault(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "payseal.toml")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal("the defaults break their own limits:", err)
	}
	want := Default()
	want.resolve(filepath.Dir(path))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPathsAreRelativeToTheFile(t *testing.T) {
	t.Parallel()
	c, err := load(t, "[database]\nurl_file = 'db.url'\n[company]\nfonts = ['fonts', '/usr/share/fonts']\n[relay]\npassword_file = '/run/secrets/relay'\n")
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(c.Database.URLFile) || filepath.Base(c.Database.URLFile) != "db.url" {
		t.Errorf("url_file is %s", c.Database.URLFile)
	}
	if c.Relay.PasswordFile != "/run/secrets/relay" {
		t.Errorf("password_file is %s", c.Relay.PasswordFile)
	}
	if !filepath.IsAbs(c.Company.Fonts[0]) || c.Company.Fonts[1] != "/usr/share/fonts" {
		t.Errorf("fonts are %v", c.Company.Fonts)
	}
}

// keys lists every key that a configuration may have, as section.key.
func keys(of reflect.Type, prefix string) []string {
	var all []string
	for field := range of.Fields() {
		name := prefix + field.Tag.Get("toml")
		if field.Anonymous {
			all = append(all, keys(field.Type, prefix)...)
			continue
		}
		if field.Type.Kind() == reflect.Struct {
			all = append(all, keys(field.Type, name+".")...)
			continue
		}
		all = append(all, name)
	}
	return all
}

// TestExample holds that deploy/payseal.example.toml loads, has every key with a
// comment that gives the default, and shows the default itself where it does not
// say "Example".
func TestExample(t *testing.T) {
	t.Parallel()
	shown, err := Load(example)
	if err != nil {
		t.Fatal(err)
	}
	standard := Default()
	standard.resolve(filepath.Dir(example))
	comments := exampleComments(t)
	for _, key := range keys(reflect.TypeFor[Config](), "") {
		comment, there := comments[key]
		if !there {
			t.Errorf("the example lacks %s", key)
			continue
		}
		delete(comments, key)
		if !strings.Contains(strings.ToLower(comment), "default") {
			t.Errorf("the comment of %s does not give its default", key)
		}
		isExample := strings.Contains(comment, "Example")
		same := cmp.Equal(value(t, shown, key), value(t, standard, key))
		if same == isExample {
			t.Errorf("%s: equal to the default: %v; called an example: %v", key, same, isExample)
		}
	}
	for key := range comments {
		t.Errorf("the example has %s, which is no key", key)
	}
}

// exampleComments maps each key of the example to the comment above it.
func exampleComments(t *testing.T) map[string]string {
	t.Helper()
	content, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	section, comment := "", ""
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
			comment += " " + strings.TrimSpace(strings.TrimPrefix(line, "#"))
		case strings.HasPrefix(line, "[") && slices.Contains([]string{"relay.domain_rates_per_second", "company.fields", "company.labels"}, strings.Trim(line, "[]")):
			comments[strings.Trim(line, "[]")] = comment // a table of the reader's own names
			section, comment = "", ""
		case strings.HasPrefix(line, "["):
			section, comment = strings.Trim(line, "[]"), ""
		case strings.Contains(line, "=") && section != "":
			key, _, _ := strings.Cut(line, "=")
			comments[section+"."+strings.TrimSpace(key)] = comment
			comment = ""
		}
	}
	return comments
}

// TestGuidesNameKeys: a key that a guide names is one.
func TestGuidesNameKeys(t *testing.T) {
	t.Parallel()
	known := append(keys(reflect.TypeFor[Config](), ""), "database.url") // a file of the runbook
	var sections []string
	for _, key := range known {
		section, _, _ := strings.Cut(key, ".")
		sections = append(sections, section)
	}
	named := regexp.MustCompile("`\\[?(" + strings.Join(sections, "|") + ")\\.([a-z_.]*[a-z])")
	for _, guide := range []string{"guide-operator.md", "guide-hr.md", "delivery.md", "commands.md", "api.md", "../deploy/runbook.md", "../README.md"} {
		text, err := os.ReadFile(filepath.Join("../../docs", guide))
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range named.FindAllStringSubmatch(string(text), -1) {
			if name := key[1] + "." + key[2]; !slices.ContainsFunc(known, func(k string) bool { return k == name || strings.HasPrefix(k, name+".") }) {
				t.Errorf("%s names %s, which is no key", guide, name)
			}
		}
	}
}

func value(t *testing.T, c Config, key string) any {
	t.Helper()
	v := reflect.ValueOf(c)
	for part := range strings.SplitSeq(key, ".") {
		found := false
		for _, field := range reflect.VisibleFields(v.Type()) { // those of an embedded struct, too
			if field.Tag.Get("toml") == part {
				v, found = v.FieldByIndex(field.Index), true
				break
			}
		}
		if !found {
			t.Fatalf("no key %s", key)
		}
	}
	return v.Interface()
}

// A password that was written where none belongs must not come back in an error.
func TestUnknownKeysAreNamedWithoutValues(t *testing.T) {
	t.Parallel()
	_, err := load(t, "[relay]\nhost = 'localhost'\npassword = 'open-sesame'\n[typo]\nx = 1\n")
	if err == nil {
		t.Fatal("unknown keys were taken")
	}
	for _, want := range []string{"line 3", "relay.password", "typo"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "sesame") {
		t.Errorf("the error carries a value: %v", err)
	}
}

func TestBrokenFilesAreRefused(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"syntax":            "[relay\n",
		"doubled key":       "[relay]\nport = 1\nport = 2\n",
		"wrong type":        "[relay]\nport = '587'\n",
		"bare duration":     "[delivery]\nfirst_delay = 300\n",
		"no duration":       "[delivery]\nfirst_delay = 'soon'\n",
		"negative duration": "[delivery]\nunsure_delay = '-5m'\n",
		"huge number":       "[relay]\nport = 99999999999999999999\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := load(t, content); err == nil {
				t.Error("it was taken")
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "nothing.toml")); err == nil {
		t.Error("a missing file was taken")
	}
}

// TestLimits tries both sides of every limit; the refusal must name the key.
func TestLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", longestText)
	tests := []struct {
		key, good, bad string // TOML values
	}{
		{"company.zone", "'Europe/Vienna'", "'Mars/Olympus'"},
		{"company.zone", "'UTC'", "''"},
		{"company.zone", "'UTC'", "'Local'"},
		{"company.color", "'#A0b1c2'", "'blue'"},
		{"company.language", "'de-AT'", "'German!'"},
		{"company.name", "'" + long + "'", "'" + long + "x'"},
		{"company.name", `"ACME"`, `"ACME\r\nBcc: all"`},
		{"company.contact", "'Ann'", `"Ann\u0000"`},
		{"company.address", "['1','2','3','4','5','6','7','8']", "['1','2','3','4','5','6','7','8','9']"},
		{"company.page_size", "'Letter'", "'A3'"},
		{"company.footer", "['1','2','3','4']", "['1','2','3','4','5']"},
		{"company.footer", "['1']", `["1\n2"]`},
		{"company.address", "['1']", `["1\n2"]`},
		{"mail.subject", "'Encrypted message'", `"x\nBcc: y"`},
		{"mail.structure", "'nested'", "'plain'"},
		{"mail.bounce_address", "'bounce@acme.example'", "'bounce'"},
		{"mail.bounce_address", "''", `'"a b"@acme.example'`},
		{"mail.message_id_domain", "'acme.example'", "'acme example'"},
		{"relay.host", "'10.0.0.1'", "''"},
		{"relay.host", "'::1'", "'smtp acme'"},
		{"relay.hello_name", "'pay.acme.example'", `"x\r\nQUIT"`},
		{"relay.port", "1", "0"},
		{"relay.port", "65535", "65536"},
		{"relay.tls", "'implicit'", "'maybe'"},
		{"relay.connections", "256", "257"},
		{"relay.connections", "1", "0"},
		{"relay.messages_per_connection", "100000", "100001"},
		{"relay.messages_per_connection", "1", "0"},
		{"relay.rate_per_second", "0.01", "0"},
		{"relay.rate_per_second", "100000", "100001"},
		{"relay.rate_per_second", "1", "nan"},
		{"relay.rate_per_second", "1", "inf"},
		{"relay.domain_rates_per_second", "{'gmail.com' = 1}", "{'gmail.com' = 0}"},
		{"relay.domain_rates_per_second", "{'xn--bcher-kva.example' = 0.5}", "{'Bücher.example' = 1}"},
		{"relay.domain_rates_per_second", "{'gmail.com' = 1}", "{'Gmail.com' = 1}"},
		{"delivery.bundle", "1000", "1001"},
		{"delivery.bundle", "1", "0"},
		{"delivery.first_delay", "'10ms'", "'9ms'"},
		{"delivery.first_delay", "'2h'", "'25h'"},
		{"delivery.max_delay", "'24h'", "'25h'"},
		{"delivery.max_delay", "'5m'", "'4m'"}, // below first_delay
		{"delivery.give_up", "'720h'", "'721h'"},
		{"delivery.give_up", "'2h'", "'1h'"}, // below max_delay
		{"delivery.unsure", "'settle'", "'guess'"},
		{"delivery.unsure_delay", "'0s'", "'25h'"},
		{"delivery.shutdown_grace", "'100ms'", "'99ms'"},
		{"delivery.shutdown_grace", "'1h'", "'61m'"},
		{"delivery.late_payday", "'catch_up'", "'skip'"},
		{"delivery.late_after", "'744h'", "'745h'"},
		{"policy.required_step", "'submitted'", "'none'"},
		{"policy.freeze_days", "0", "-1"},
		{"policy.freeze_days", "90", "91"},
		{"worker.listen", "''", "'9477'"},
		{"worker.listen", "'[::1]:9477'", "'localhost:99999'"},
		{"worker.listen", "':9477'", "'a b:9477'"},
		{"policy.leaver_days", "0", "-1"},
		{"policy.leaver_days", "3650", "3651"},
		{"policy.variance_percent", "1", "0"},
		{"policy.variance_percent", "1000", "1001"},
		{"web.listen", "':8443'", "''"},
		{"web.listen", "'[::]:8443'", "'localhost'"},
		{"web.listen", "'localhost:8080'", "'localhost:http'"},
		{"web.origin", "''", "'payroll.acme.example'"},
		{"web.origin", "'https://payroll.acme.example'", "'https://payroll.acme.example/'"},
		{"web.origin", "'https://payroll.acme.example:8443'", "'https://payroll.acme.example:'"},
		{"web.origin", "'https://payroll.acme.example'", "'https://payroll.acme.example:443'"},
		{"web.origin", "'http://localhost:8080'", "'http://payroll.acme.example'"},
		{"web.origin", "'http://127.0.0.1:8080'", "'http://localhost.acme.example:8080'"},
		{"web.origin", "'http://[::1]:8080'", "'https://payroll.acme.example/form'"},
		{"web.origin", "'https://xn--lhne-0qa.example'", "'https://löhne.example'"},
		{"web.origin", "'https://acme.example'", "'https://ACME.example'"},
		{"web.origin", "'https://acme.example'", "'HTTPS://acme.example'"},
		{"web.origin", "'https://acme.example'", "'https://hr@acme.example'"},
		{"web.origin", "'https://acme.example'", "'https://acme.example?'"},
		{"web.origin", "'https://acme.example'", "'https://acme.example#x'"},
		{"web.origin", "'https://acme.example'", "'javascript:alert(1)'"},
		{"web.origin", "'https://acme.example'", `"https://acme.example\r\nX: y"`},
		{"web.trusted_proxies", "['10.0.0.0/8', '2001:db8::/32']", "['10.0.0.1']"},
		{"web.trusted_proxies", "['192.0.2.1/32']", "['0.0.0.0/0']"},
		{"web.trusted_proxies", "[]", "['192.0.2.1/24']"},
		{"web.link_valid", "'1h'", "'59m'"},
		{"web.link_valid", "'720h'", "'721h'"},
		{"wkd.publish", "'employees'", "'everybody'"},
		{"wkd.publish", "'none'", "''"},
		{"wkd.refresh", "'0s'", "'59m'"},
		{"wkd.refresh", "'24h'", "'745h'"},
		{"readiness.digest_to", "'hr@acme.example'", "'hr'"},
		{"readiness.digest_to", "''", `"hr@acme.example\r\nBcc: x@y"`},
		{"readiness.digest_days", "[7, 1]", "[7, 7]"},
		{"readiness.digest_days", "[]", "[1,2,3,4,5,6,7,8,9,10,11]"},
		{"readiness.digest_days", "[0, 60]", "[61]"},
		{"readiness.digest_days", "[0]", "[-1]"},
		{"readiness.at", "'23:59'", "'24:00'"},
		{"readiness.at", "'07:00'", "'7:00'"},
		{"worker.log_format", "'json'", "'xml'"},
		{"worker.log_level", "'debug'", "'loud'"},
	}
	for _, test := range tests {
		t.Run(test.key, func(t *testing.T) {
			t.Parallel()
			section, name, _ := strings.Cut(test.key, ".")
			if _, err := load(t, "["+section+"]\n"+name+" = "+test.good+"\n"); err != nil {
				t.Errorf("%s was refused: %v", test.good, err)
			}
			_, err := load(t, "["+section+"]\n"+name+" = "+test.bad+"\n")
			if err == nil || !strings.Contains(err.Error(), test.key) {
				t.Errorf("%s: the error is %v, want one that names the key", test.bad, err)
			}
		})
	}
}

func TestKeysThatBelongTogether(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		content string
		good    bool
	}{
		"login in the clear":                {"[relay]\nhost = 'smtp.acme.example'\ntls = 'none'\nusername = 'u'\n", false},
		"login in the clear on one machine": {"[relay]\nhost = '127.0.0.1'\ntls = 'none'\nusername = 'u'\n", true},
		"no login, no TLS":                  {"[relay]\nhost = 'smtp.acme.example'\ntls = 'none'\n", true},
		"half an HR database":               {"[hr]\ndsn_file = 'x'\n", false},
		"a whole HR database":               {"[hr]\ndsn_file = 'x'\nquery_file = 'y'\n", true},
		"half a TLS certificate":            {"[web]\ntls_key_file = 'x'\n", false},
		"a whole TLS certificate":           {"[web]\ntls_certificate_file = 'x'\ntls_key_file = 'y'\n", true},
		"no database at all":                {"[database]\ndirectory = ''\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := load(t, test.content); (err == nil) != test.good {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := load(t, "[relay]\nport = 0\ntls = 'x'\n[worker]\nlisten = 'x'\n")
	for _, key := range []string{"relay.port", "relay.tls", "worker.listen"} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("the error does not name %s: %v", key, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	content, err := os.ReadFile(example)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add([]byte("[web]\norigin = 'https://[::1]:1'\ntrusted_proxies = ['::/1']\n[readiness]\ndigest_days = [1]\n"))
	f.Add([]byte("[delivery]\nfirst_delay = '1h'\n[relay.domain_rates_per_second]\n'a.b' = nan\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		c := Default()
		if toml.NewDecoder(strings.NewReader(string(content))).DisallowUnknownFields().Decode(&c) != nil || c.check() != nil {
			return
		}
		// What passes keeps what others rely on.
		if origin, err := url.Parse(c.Web.Origin); err != nil || c.Web.Origin != "" && origin.String() != origin.Scheme+"://"+origin.Host {
			t.Errorf("took the origin %q", c.Web.Origin)
		}
		if time.Duration(c.Delivery.MaxDelay) < time.Duration(c.Delivery.FirstDelay) || c.Relay.RatePerSecond <= 0 || c.Relay.Connections < 1 {
			t.Errorf("took %+v", c)
		}
	})
}
