package config

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

var hexColor = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// check refuses values outside their limits, naming the key and the limit.
func (c *Config) check() error {
	if _, err := time.LoadLocation(c.Company.Zone); err != nil || c.Company.Zone == "" {
		return fmt.Errorf("company.zone: unknown time zone; use an IANA name, such as Europe/Vienna")
	}
	if !hexColor.MatchString(c.Company.Color) {
		return fmt.Errorf("company.color: write it as #rrggbb")
	}
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
	} {
		if !slices.Contains(choice.allowed, choice.value) {
			return fmt.Errorf("%s: %q is none of %v", choice.key, choice.value, choice.allowed)
		}
	}
	for _, limit := range []struct {
		key           string
		value, lo, hi int
	}{
		{"relay.port", c.Relay.Port, 1, 65535},
		{"relay.connections", c.Relay.Connections, 1, 256},
		{"relay.messages_per_connection", c.Relay.MessagesPerConnection, 1, 100000},
		{"delivery.bundle", c.Delivery.Bundle, 1, 1000},
		{"policy.freeze_days", c.Policy.FreezeDays, 0, 90},
	} {
		if limit.value < limit.lo || limit.value > limit.hi {
			return fmt.Errorf("%s: %d is not between %d and %d", limit.key, limit.value, limit.lo, limit.hi)
		}
	}
	if c.Relay.RatePerSecond <= 0 {
		return fmt.Errorf("relay.rate_per_second: must be above 0")
	}
	return nil
}
