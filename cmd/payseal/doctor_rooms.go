package main

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"time"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/web"
)

// relayCertificateWarn is how long before its end the relay's certificate is
// worth a word.
const relayCertificateWarn = 14 * 24 * time.Hour

// probeTimeout bounds the doctor's visit to the relay.
const probeTimeout = 20 * time.Second

func examineRelay(ctx context.Context, c config.Relay) checkup {
	relay, err := relayOf(c)
	if err != nil {
		return fail("relay", "check [relay] in the configuration", "%v", err)
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	report := mailer.Probe(ctx, relay)
	where := fmt.Sprintf("%s:%d", c.Host, c.Port)
	if report.Problem != "" {
		return fail("relay", report.Mend, "%s: %s", where, report.Problem)
	}
	if report.TLSVersion == "" {
		return warn("relay", "set relay.tls to starttls unless the relay is on this machine", "%s answers without TLS", where)
	}
	ends := report.CertificateExpires
	if time.Until(ends) < relayCertificateWarn {
		return warn("relay", "ask whoever runs the relay to renew it", "%s: its TLS certificate ends on %s", where, ends.Format(time.DateOnly))
	}
	login := "no login configured"
	if report.LoggedIn {
		login = "logged in"
	}
	return ok("relay", "%s answers over %s, certificate until %s, %s", where, report.TLSVersion, ends.Format(time.DateOnly), login)
}

// Free space below which a payday is in danger.
const (
	diskWarn = 2 << 30
	diskFail = 200 << 20
)

// examineDisk looks at the disk that the private database is on; a database
// elsewhere watches its own.
func examineDisk(c config.Config) checkup {
	folder := c.Database.Directory
	var fs syscall.Statfs_t
	for syscall.Statfs(folder, &fs) != nil { // the folder may not be there yet
		parent := filepath.Dir(folder)
		if parent == folder {
			return warn("disk", "look at it with df", "cannot be measured")
		}
		folder = parent
	}
	free := fs.Bavail * uint64(fs.Bsize)
	const mend = "make room; an attempt that cannot be written down is not made"
	switch {
	case free < diskFail:
		return fail("disk", mend, "%d MB free", free>>20)
	case free < diskWarn:
		return warn("disk", mend, "%d MB free", free>>20)
	}
	return ok("disk", "%d GB free", free>>30)
}

// examineScripts looks at whether the program was built with what runs in the
// employees' browsers.
func examineScripts(c config.Web) checkup {
	switch {
	case web.Bundle():
		return ok("form scripts", "built in")
	case c.Origin == "":
		return ok("form scripts", "not built in, and there is no form (web.origin is empty)")
	}
	return warn("form scripts", "install npm, then build payseal with make bundle build",
		"not built in: employees cannot make a key, check a mail or sign for a new certificate in the browser")
}
