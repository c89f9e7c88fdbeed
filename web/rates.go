package web

import (
	"cmp"
	"net/http"
	"time"

	"github.com/payseal/payseal/web/door"
)

// rateName is which of the Limits a route is under.
type rateName string

const (
	rateAsk    rateName = "ask"
	rateTry    rateName = "try"
	rateSubmit rateName = "submit"
	rateLookup rateName = "lookup"
	rateJudge  rateName = "judge" // of one employee, not of one client
)

// rates counts with the defaults where nothing is set.
func (l Limits) rates() map[rateName]*door.Rates {
	made := make(map[rateName]*door.Rates)
	for name, r := range map[rateName]struct{ set, standard door.Rate }{
		rateAsk:    {l.Ask, door.Rate{Every: 2 * time.Second, Burst: 60}},
		rateTry:    {l.Try, door.Rate{Every: time.Second, Burst: 120}},
		rateSubmit: {l.Submit, door.Rate{Every: time.Second, Burst: 120}},
		rateLookup: {l.Lookup, door.Rate{Every: 5 * time.Second, Burst: 30}},
		rateJudge:  {l.Judge, door.Rate{Every: 10 * time.Second, Burst: 30}},
	} {
		every, burst := cmp.Or(r.set.Every, r.standard.Every), cmp.Or(r.set.Burst, r.standard.Burst)
		made[name] = door.NewRates(door.Rate{Every: every, Burst: burst})
	}
	return made
}

// allow takes one request of the client from the rate of that name.
func (s *Server) allow(name rateName, r *http.Request) bool {
	if name == "" {
		return true
	}
	return s.rates[name].Allow(s.door.Client(r).String(), s.Now())
}
