package main

import (
	"fmt"
	"time"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/payroll"
)

// freezeOf is the change freeze as the configuration wants it.
func freezeOf(c config.Config) (payroll.Freeze, error) {
	zone, err := time.LoadLocation(c.Company.Zone)
	if err != nil {
		return payroll.Freeze{}, fmt.Errorf("company.zone: %w", err)
	}
	return payroll.Freeze{Days: c.Policy.FreezeDays, Zone: zone}, nil
}
