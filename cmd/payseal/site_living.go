package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// livingSite is a site that shows the settings which count. When two people have
// confirmed others it goes on with a room that has those; nobody is signed out by
// that.
type livingSite struct {
	*site
	config  config.Config
	store   *postgres.Store
	log     *slog.Logger
	files   bool                                // compare the machine's files and its signing key with the settings
	open    func(inForce) (*http.Server, error) // a room with these settings
	version int64
	room    atomic.Pointer[http.Handler]
}

// listen opens the first room, and the site.
func (l *livingSite) listen(ctx context.Context, name string, at config.Site) error {
	server, err := l.nextRoom(ctx)
	if err != nil {
		return err
	}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*l.room.Load()).ServeHTTP(w, r) })
	l.site, err = openSite(name, at, server, time.Duration(l.config.Delivery.ShutdownGrace), l.log)
	return err
}

// nextRoom opens a room with what counts now, and lets it answer.
func (l *livingSite) nextRoom(ctx context.Context) (*http.Server, error) {
	counts, err := l.settings(ctx)
	if err != nil {
		return nil, err
	}
	server, err := l.open(counts)
	if err != nil {
		return nil, err
	}
	handler := server.Handler
	l.room.Store(&handler)
	l.version = counts.version
	return server, nil
}

// settings are what counts. Where they were changed in the database the site goes on
// with the file's, so that somebody can see what happened.
func (l *livingSite) settings(ctx context.Context) (inForce, error) {
	counts, err := settle(ctx, l.config, l.store)
	if !errors.Is(err, errTampered) {
		return counts, err
	}
	l.log.Error("alarm: the settings were changed in the database", "error", err)
	if err := l.store.RaiseAlarm(ctx, payroll.Alarm{Kind: payroll.AlarmSettings, Words: wordsTampered}); err != nil {
		return inForce{}, err
	}
	logo, err := readLogo(l.config.Company)
	if err != nil {
		return inForce{}, err
	}
	version, err := l.store.SettingsVersion(ctx)
	return inForce{Config: l.config, version: version, logo: logo}, err
}

// serve answers until ctx ends, with what counts at each moment.
func (l *livingSite) serve(ctx context.Context) error {
	if !l.config.Proven() { // then the file counts
		return l.site.serve(ctx)
	}
	ctx, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		l.follow(ctx)
	}()
	err := l.site.serve(ctx)
	stop()
	<-watched
	return err
}

// follow changes the room whenever other settings count.
func (l *livingSite) follow(ctx context.Context) {
	for awaitOther(ctx, l.config, l.store, l.version, l.files, l.log) {
		server, err := l.nextRoom(ctx)
		if err != nil {
			l.log.Error("the site goes on with the settings of before", "site", l.name, "error", err)
			if l.version, err = l.store.SettingsVersion(ctx); err != nil {
				l.log.Warn("it is not known which settings count", "error", err)
			}
			continue
		}
		// It has no listener; its streams end with the site's.
		l.server.RegisterOnShutdown(func() { _ = server.Shutdown(context.WithoutCancel(ctx)) })
		l.log.Info("other settings count; the site shows them", "site", l.name, "version", l.version)
	}
}
