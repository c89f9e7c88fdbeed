package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// TestSitesFollowTheSettings serves the console and the form as the commands do,
// changes the company's name, colour and contact by two people, and asks the same
// listeners again. The configuration file says something else all the while.
func TestSitesFollowTheSettings(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 1)
	h.config.Console.Origin, h.config.Console.Listen = "http://localhost:8081", "localhost:0"
	h.config.Web.Origin, h.config.Web.Listen = "http://localhost:8080", "localhost:0"
	hr, err := openConsole(t.Context(), h.config, h.store, h.logger())
	check(t, err)
	ours := h.config
	ours.Company.Name, ours.Company.Contact = "Of the file", "nobody@file.example"
	form, err := openForm(t.Context(), ours, h.store, h.logger())
	check(t, err)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 2)
	go func() { served <- hr.serve(ctx) }()
	go func() { served <- form.serve(ctx) }()
	page := func(at *livingSite, path string) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+at.listener.Addr().String()+path, nil)
		check(t, err)
		r.Host = strings.TrimPrefix(at.origin, "http://")
		answer, err := http.DefaultClient.Do(r)
		check(t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		check(t, err)
		return string(body)
	}
	for _, body := range []string{page(hr, "/sign-in"), page(form, "/en/")} {
		if !strings.Contains(body, "ACME") || strings.Contains(body, "ACME United") || strings.Contains(body, "file") {
			t.Fatalf("before:\n%s", body)
		}
	}
	now, err := h.store.Settings(t.Context())
	check(t, err)
	other := now.Settings
	other.Company.Name, other.Company.Color, other.Company.Contact = "ACME United", "#123abc", "payroll@united.example"
	_, err = h.store.ProposeSettings(t.Context(), other, nil, now.Version, "olga")
	check(t, err)
	h.confirm("anton")
	h.until("the new name", func() bool {
		return strings.Contains(page(hr, "/sign-in"), "ACME United") && strings.Contains(page(form, "/en/"), "ACME United")
	})
	if !strings.Contains(page(hr, "/static/company.css"), "123abc") {
		t.Error("the colour is the one of before")
	}
	if !strings.Contains(page(form, "/en/"), "payroll@united.example") {
		t.Errorf("the form names another contact:\n%s", page(form, "/en/"))
	}
	stop()
	for range 2 {
		if err := <-served; err != nil {
			t.Errorf("after the signal: %v", err)
		}
	}
}

// TestConsoleSaysWhatIsTampered: it goes on, so that somebody can see it.
func TestConsoleSaysWhatIsTampered(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 1)
	h.config.Console.Origin, h.config.Console.Listen = "http://localhost:8081", "localhost:0"
	_, err := h.store.Pool().Exec(t.Context(), `update settings set seal = null`)
	check(t, err)
	hr, err := openConsole(t.Context(), h.config, h.store, h.logger())
	check(t, err)
	check(t, hr.listener.Close())
	alarms, err := h.store.Alarms(t.Context(), false)
	check(t, err)
	if len(alarms) != 1 || alarms[0].Kind != payroll.AlarmSettings {
		t.Errorf("alarms: %+v", alarms)
	}
}

func TestConsoleWantsAnOrigin(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 1)
	h.config.Console.Origin = ""
	if _, err := openConsole(t.Context(), h.config, h.store, h.logger()); err != errNoConsole { //nolint:errorlint // the very one
		t.Errorf("%v", err)
	}
}

// TestDoctorLooksAtTheConsole and at what counts.
func TestDoctorLooksAtTheConsole(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 1)
	counts, found := examineSettings(t.Context(), h.store, h.config)
	if found.Grade != gradeOK || counts.version == 0 {
		t.Errorf("%+v", found)
	}
	c := h.config
	c.Relay.Port = 25
	if counts, found = examineSettings(t.Context(), h.store, c); found.Grade != gradeWarn || counts.Relay.Port != h.config.Relay.Port {
		t.Errorf("with another file: %+v", found)
	}
	h.newKey()
	if _, found = examineSettings(t.Context(), h.store, h.config); found.Grade != gradeFail {
		t.Errorf("with another key: %+v", found)
	}
	_, err := h.store.Pool().Exec(t.Context(), `update settings set seal = null`)
	check(t, err)
	if _, found = examineSettings(t.Context(), h.store, h.config); found.Grade != gradeFail || !strings.Contains(found.Found, "database") {
		t.Errorf("tampered with: %+v", found)
	}
	if found := examineShown(t.Context(), h.store, h.config); found.Grade != gradeOK {
		t.Errorf("on the form's host: %+v", found)
	}
	c.Console.Origin = ""
	if found := examineShown(t.Context(), h.store, c); found.Grade != gradeWarn {
		t.Errorf("on a form's host that shows its own file: %+v", found)
	}
	console := h.config.Console
	if found := examineConsole(console); found.Grade != gradeWarn {
		t.Errorf("without TLS and without a proxy: %+v", found)
	}
	console.TrustedProxies = []string{"10.0.0.0/8"}
	if found := examineConsole(console); found.Grade != gradeOK {
		t.Errorf("behind a proxy: %+v", found)
	}
	console.TLSCertificateFile = "nowhere.pem"
	if found := examineConsole(console); found.Grade != gradeFail {
		t.Errorf("with a certificate that is not there: %+v", found)
	}
	console.BreachedPasswordsFile, console.SingleSignOn.Issuer = "nowhere.txt", "http://localhost:1"
	if all := examineSignIn(t.Context(), console); all[0].Grade != gradeFail || all[1].Grade != gradeWarn {
		t.Errorf("%+v", all)
	}
}
