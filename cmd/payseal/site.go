package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/payseal/payseal/internal/config"
)

// site is one of the two servers of pages, the form and the console, with its
// listener.
type site struct {
	name     string // "web" or "console", as in the configuration
	server   *http.Server
	listener net.Listener
	tls      *tls.Config // nil: a proxy in front does it
	origin   string
	grace    time.Duration
	log      *slog.Logger
}

// openSite reads the TLS certificate, if there is one, and listens.
func openSite(name string, c config.Site, server *http.Server, grace time.Duration, log *slog.Logger) (*site, error) {
	s := &site{name: name, server: server, origin: c.Origin, grace: grace, log: log}
	if c.TLSCertificateFile != "" {
		pair, err := openKeyPair(name, c, log)
		if err != nil {
			return nil, err
		}
		s.tls = pair.configuration()
	}
	var err error
	if s.listener, err = net.Listen("tcp", c.Listen); err != nil {
		return nil, fmt.Errorf("listen (%s.listen): %w", name, err)
	}
	return s, nil
}

// serve answers until ctx ends, and then lets what is under way finish.
func (s *site) serve(ctx context.Context) error {
	s.log.Info("pages are served", "site", s.name, "origin", s.origin, "address", s.listener.Addr().String(), "tls", s.tls != nil)
	served := make(chan error, 1)
	go func() { served <- s.answer() }()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s: %w", s.name, err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.grace)
	defer cancel()
	if err := s.server.Shutdown(closing); err != nil {
		s.log.Warn("requests were cut off: delivery.shutdown_grace is over", "site", s.name)
		_ = s.server.Close() // its listener is closed already
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", s.name, err)
	}
	return nil
}

func (s *site) answer() error {
	if s.tls == nil {
		return s.server.Serve(s.listener)
	}
	s.server.TLSConfig = s.tls
	return s.server.ServeTLS(s.listener, "", "")
}

// proxiesOf are the networks whose X-Forwarded-For a site believes.
func proxiesOf(name string, c config.Site) ([]netip.Prefix, error) {
	var proxies []netip.Prefix
	for _, network := range c.TrustedProxies {
		prefix, err := netip.ParsePrefix(network)
		if err != nil {
			return nil, fmt.Errorf("%s.trusted_proxies: %w", name, err)
		}
		proxies = append(proxies, prefix)
	}
	return proxies, nil
}
