package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

var (
	hexColor     = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	languageTag  = regexp.MustCompile(`^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$`)
	hostName     = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$`)
	plainAddress = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-zA-Z0-9-]+\\.)*[a-zA-Z0-9-]+$")
)

// check refuses values outside their limits. The error names every key that is
// wrong, with its limit, so that one look mends them all.
func (c *Config) check() error {
	return errors.Join(c.checkChoices(), c.checkNumbers(), c.checkDurations(), c.checkTexts(), c.checkRelay(), c.checkListeners(), c.checkWeb(), c.checkReadiness())
}

func (c *Config) checkChoices() error {
	var wrong []error
	for _, choice := range []struct {
		key, value string
		allowed    []string
	}{
		{"mail.structure", c.Mail.Structure, []string{"combined", "nested"}},
		{"relay.tls", c.Relay.TLS, []string{"starttls", "implicit", "none"}},
		{"delivery.unsure", c.Delivery.Unsure, []string{"resend", "settle"}},
		{"delivery.late_payday", c.Delivery.LatePayday, []string{"catch_up", "report"}},
		{"worker.log_format", c.Worker.LogFormat, []string{"text", "json"}},
		{"worker.log_level", c.Worker.LogLevel, []string{"debug", "info", "warn", "error"}},
		{"policy.required_step", c.Policy.RequiredStep, []string{"submitted", "address_proven", "decryption_proven", "phone_checked", "certified"}},
		{"wkd.publish", c.WKD.Publish, []string{PublishNone, PublishCompany, PublishEmployees}},
	} {
		if !slices.Contains(choice.allowed, choice.value) {
			wrong = append(wrong, fmt.Errorf("%s: %q is none of %s", choice.key, choice.value, strings.Join(choice.allowed, ", ")))
		}
	}
	return errors.Join(wrong...)
}

func (c *Config) checkNumbers() error {
	var wrong []error
	for _, limit := range []struct {
		key           string
		value, lo, hi int
	}{
		{"relay.port", c.Relay.Port, 1, 65535},
		{"relay.connections", c.Relay.Connections, 1, 256},
		{"relay.messages_per_connection", c.Relay.MessagesPerConnection, 1, 100000},
		{"delivery.bundle", c.Delivery.Bundle, 1, 1000},
		{"policy.freeze_days", c.Policy.FreezeDays, 0, 90},
		{"policy.leaver_days", c.Policy.LeaverDays, 0, 3650},
		{"policy.variance_percent", c.Policy.Variance, 1, 1000},
	} {
		if limit.value < limit.lo || limit.value > limit.hi {
			wrong = append(wrong, fmt.Errorf("%s: %d is not between %d and %d", limit.key, limit.value, limit.lo, limit.hi))
		}
	}
	return errors.Join(append(wrong, c.checkRates())...)
}

// mostPerSecond is far above any relay; what is above it is a mistake.
const mostPerSecond = 100_000

func (c *Config) checkRates() error {
	var wrong []error
	rate := func(key string, value float64) {
		if math.IsNaN(value) || value <= 0 || value > mostPerSecond {
			wrong = append(wrong, fmt.Errorf("%s: must be above 0 and at most %d messages a second", key, mostPerSecond))
		}
	}
	rate("relay.rate_per_second", c.Relay.RatePerSecond)
	for domain, value := range c.Relay.DomainRates {
		key := fmt.Sprintf("relay.domain_rates_per_second.%q", domain)
		rate(key, value)
		if !hostName.MatchString(domain) || domain != strings.ToLower(domain) {
			wrong = append(wrong, fmt.Errorf("%s: write the domain in lower-case ASCII, an internationalised one by its A-label (xn--...)", key))
		}
	}
	return errors.Join(wrong...)
}

func (c *Config) checkDurations() error {
	const day = 24 * time.Hour
	var wrong []error
	for _, limit := range []struct {
		key    string
		value  Duration
		lo, hi time.Duration
	}{
		{"delivery.first_delay", c.Delivery.FirstDelay, 10 * time.Millisecond, day},
		{"delivery.max_delay", c.Delivery.MaxDelay, time.Duration(c.Delivery.FirstDelay), day},
		{"delivery.give_up", c.Delivery.GiveUp, time.Duration(c.Delivery.MaxDelay), 30 * day},
		{"delivery.unsure_delay", c.Delivery.UnsureDelay, 0, day},
		{"delivery.shutdown_grace", c.Delivery.ShutdownGrace, 100 * time.Millisecond, time.Hour},
		{"delivery.late_after", c.Delivery.LateAfter, 0, 31 * day},
		{"web.link_valid", c.Web.LinkValid, time.Hour, 30 * day},
	} {
		if d := time.Duration(limit.value); d < limit.lo || d > limit.hi {
			wrong = append(wrong, fmt.Errorf("%s: %v is not between %v and %v", limit.key, d, limit.lo, limit.hi))
		}
	}
	return errors.Join(wrong...)
}

// longestText bounds what is printed on one line of a page or a header.
const longestText = 200

func (c *Config) checkTexts() error {
	var wrong []error
	add := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	_, err := time.LoadLocation(c.Company.Zone)
	add(err == nil && c.Company.Zone != "" && c.Company.Zone != "Local", "company.zone: unknown time zone; use an IANA name, such as Europe/Vienna")
	add(hexColor.MatchString(c.Company.Color), "company.color: write it as #rrggbb")
	add(languageTag.MatchString(c.Company.Language), "company.language: write a language tag, such as en, de-AT or ta-IN")
	add(len(c.Company.Address) <= 8, "company.address: %d lines are more than 8", len(c.Company.Address))
	add(c.Company.PageSize == "A4" || c.Company.PageSize == "Letter", `company.page_size: write "A4" or "Letter"`)
	add(len(c.Company.Footer) <= 4, "company.footer: %d lines are more than 4", len(c.Company.Footer))
	lines := map[string]string{"company.name": c.Company.Name, "company.contact": c.Company.Contact, "mail.subject": c.Mail.Subject}
	for i, line := range c.Company.Address {
		lines[fmt.Sprintf("company.address[%d]", i)] = line
	}
	for i, line := range c.Company.Footer {
		lines[fmt.Sprintf("company.footer[%d]", i)] = line
	}
	for key, line := range lines {
		add(len(line) <= longestText && !strings.ContainsFunc(line, unicode.IsControl), "%s: must be one line of at most %d bytes", key, longestText)
	}
	bounce := c.Mail.BounceAddress
	add(bounce == "" || len(bounce) <= 254 && plainAddress.MatchString(bounce), "mail.bounce_address: write a plain ASCII address, such as bounce@acme.example")
	add(c.Mail.MessageIDDomain == "" || hostName.MatchString(c.Mail.MessageIDDomain), "mail.message_id_domain: write a plain ASCII domain, such as acme.example")
	add(c.Database.URLFile != "" || c.Database.Directory != "", "database: set url_file or directory")
	add((c.HR.DSNFile == "") == (c.HR.QueryFile == ""), "hr: set both dsn_file and query_file, or neither")
	return errors.Join(wrong...)
}

func (c *Config) checkRelay() error {
	var wrong []error
	if !isHost(c.Relay.Host) {
		wrong = append(wrong, errors.New("relay.host: write a host name or an IP address"))
	}
	if c.Relay.HelloName != "" && !hostName.MatchString(c.Relay.HelloName) {
		wrong = append(wrong, errors.New("relay.hello_name: write this machine's full host name, such as payroll.acme.example"))
	}
	if c.Relay.TLS == "none" && c.Relay.Username != "" && !isLoopback(c.Relay.Host) {
		wrong = append(wrong, errors.New("relay.tls: without TLS the login would cross the network in the clear; use starttls or implicit"))
	}
	return errors.Join(wrong...)
}

func isHost(host string) bool {
	return len(host) <= 253 && hostName.MatchString(host) || net.ParseIP(host) != nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkListeners looks at where this machine is to be reached.
func (c *Config) checkListeners() error {
	var wrong []error
	if c.Worker.Listen != "" && !isListen(c.Worker.Listen) {
		wrong = append(wrong, errors.New("worker.listen: write host:port, such as localhost:9477, or nothing"))
	}
	if !isListen(c.Web.Listen) {
		wrong = append(wrong, errors.New("web.listen: write host:port, such as localhost:8080 or :8443"))
	}
	if !isListen(c.Console.Listen) {
		wrong = append(wrong, errors.New("console.listen: write host:port, such as localhost:8081 or :8444"))
	}
	return errors.Join(wrong...)
}

func isListen(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host != "" && !isHost(host) {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}
