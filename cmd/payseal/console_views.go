package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/console"
)

// This file shows the console what only the sending side knows, which the console
// must not link.

// relayTester visits a relay from this machine, as the doctor does. The password is
// given to it only where login says so.
func relayTester(c config.Relay) func(context.Context, payroll.RelayPlace, bool) (string, error) {
	return func(ctx context.Context, p payroll.RelayPlace, login bool) (string, error) {
		c := c
		c.Host, c.Port, c.TLS, c.Username = p.Host, p.Port, p.TLS, p.Username
		if !login {
			c.Username = ""
		}
		relay, err := relayOf(c)
		if err != nil {
			return "", console.RelayProblem{Met: "its configuration cannot be read here", Mend: "check relay.ca_file and relay.password_file on the console's host"}
		}
		ctx, cancel := context.WithTimeout(ctx, probeTimeout)
		defer cancel()
		report := mailer.Probe(ctx, relay)
		if report.Problem != "" {
			return "", console.RelayProblem{Met: report.Problem, Mend: report.Mend}
		}
		if report.TLSVersion == "" {
			return "It answers, without TLS.", nil
		}
		found := fmt.Sprintf("It answers over %s, with a certificate until %s", report.TLSVersion, report.CertificateExpires.Format("2 January 2006"))
		if report.LoggedIn {
			found += ", and takes the login"
		}
		return found + ".", nil
	}
}

// What stands in the notices that are only shown.
const (
	shownToken = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	shownCode  = "1234-5678"
)

// noticeShow writes every kind of notice with made-up values.
type noticeShow struct {
	company  mailer.Company
	language string
	until    time.Time
	texts    []console.NoticeText
	err      error
}

// noticesOf shows the texts of notices in a language.
func noticesOf(c config.Config) func(language string) ([]console.NoticeText, error) {
	return func(language string) ([]console.NoticeText, error) {
		origin := c.Web.Origin
		if origin == "" {
			origin = "https://payroll.example"
		}
		show := &noticeShow{
			company:  mailer.Company{Name: c.Company.Name, Contact: c.Company.Contact, Origin: origin, Language: c.Company.Language},
			language: language, until: time.Date(2030, time.January, 31, 12, 0, 0, 0, time.UTC),
		}
		show.links()
		show.changes()
		show.office()
		show.holds()
		show.codes()
		return show.texts, show.err
	}
}

func (s *noticeShow) add(kind string, n mailer.Notice, err error) {
	if err != nil {
		if s.err == nil {
			s.err = fmt.Errorf("show notices: %w", err)
		}
		return
	}
	s.texts = append(s.texts, console.NoticeText{Kind: kind, Subject: n.Subject(), Text: strings.TrimSpace(n.Text())})
}

func (s *noticeShow) links() {
	for _, l := range []struct {
		kind  string
		write func(language, token string, until time.Time) (mailer.Notice, error)
	}{
		{"Invitation", s.company.Invitation}, {"Fresh link", s.company.FreshLink},
		{"Change of address, at the old one", s.company.ConfirmOld}, {"Change of address, at the new one", s.company.ConfirmNew},
	} {
		n, err := l.write(s.language, shownToken, s.until)
		s.add(l.kind, n, err)
	}
}

func (s *noticeShow) changes() {
	for _, c := range []struct{ kind, topic string }{
		{"A key was handed in", payroll.TopicCertificateSubmitted}, {"A key is in use", payroll.TopicCertificateCurrent},
		{"A key was renewed", payroll.TopicCertificateRefreshed}, {"A key is no longer used", payroll.TopicCertificateRevoked},
		{"The address was changed", payroll.TopicAddressChanged},
	} {
		n, err := s.company.Change(s.language, c.topic)
		s.add(c.kind, n, err)
	}
	n, err := s.company.Reminder(s.language, payroll.DateOf(s.until))
	s.add("A key ends soon", n, err)
}

// office are those that HR gets.
func (s *noticeShow) office() {
	n, err := s.company.Digest(s.language, payroll.DigestCounts{PayDate: payroll.DateOf(s.until), Employees: 120, Ready: 117, Ending: 2})
	s.add("To HR: who is ready", n, err)
	n, err = s.company.ReportAlert(s.language)
	s.add("To HR: an employee reported something", n, err)
	n, err = s.company.Alarm(s.language)
	s.add("To HR: an alarm", n, err)
}

// holds are those about slips that wait, for the reasons of which employees are
// told.
func (s *noticeShow) holds() {
	for _, reason := range []payroll.HoldReason{
		payroll.HoldNoCertificate, payroll.HoldNotVerified, payroll.HoldNotCertified, payroll.HoldExpired, payroll.HoldRevoked,
		payroll.HoldTooWeak, payroll.HoldUnusable, payroll.HoldCertificateChanged, payroll.HoldAddressUnnamed, payroll.HoldChangeFreeze,
	} {
		n, told, err := s.company.Held(reason, s.language)
		if told || err != nil {
			s.add("A slip waits: "+strings.ReplaceAll(string(reason), "_", " "), n, err)
		}
	}
}

func (s *noticeShow) codes() {
	for _, c := range []struct {
		kind  string
		write func(language, secret string, valid time.Duration) (mailer.CodeLetter, error)
	}{{"A code that proves a key", s.company.ProofCode}, {"A code to sign in", s.company.SignInCode}} {
		l, err := c.write(s.language, shownCode, 15*time.Minute)
		if err != nil {
			s.add(c.kind, mailer.Notice{}, err)
			continue
		}
		s.texts = append(s.texts, console.NoticeText{Kind: c.kind, Sealed: true, Subject: l.Subject(), Text: strings.TrimSpace(string(l.Text()))})
	}
}
