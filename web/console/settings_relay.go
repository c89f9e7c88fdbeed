package console

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

var tlsWords = map[string]string{
	"starttls": "STARTTLS, required", "implicit": "TLS from the first byte", "none": "none, for a relay on the same machine",
}

// RelayProblem is an error that says what a test of a relay met, for people.
type RelayProblem struct{ Met, Mend string }

func (p RelayProblem) Error() string {
	if p.Mend == "" {
		return p.Met
	}
	return p.Met + "; " + p.Mend
}

// relayView is what settings-relay.html shows.
type relayView struct {
	settled
	Fields   []Field
	Hidden   []Hidden
	Facts    []Fact
	Result   *Notice // of a test
	Testable bool
	Mistakes []Mistake
}

func (p relayView) frame(f *Frame) { p.settled.frame(f) }

func (s *Server) relayForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	base, err := s.settled(r.Context(), v)
	if err != nil {
		return err
	}
	return s.showRelay(w, v, http.StatusOK, base, base.Now.Settings.Relay, nil)
}

func (s *Server) showRelay(w http.ResponseWriter, v *visit, status int, base settled, p payroll.RelayPlace, result *Notice, mistakes ...Mistake) error {
	view := relayView{
		settled: base, Fields: placeFields(p), Facts: relayPlaceFacts(base.Now.Settings.Relay), Result: result, Testable: s.TestRelay != nil,
		Hidden: []Hidden{{Name: "base", Value: strconv.FormatInt(base.Now.Version, 10)}}, Mistakes: mistakes,
	}
	return s.render(w, v, status, "settings-relay", view)
}

func placeFields(p payroll.RelayPlace) []Field {
	tls := Field{Name: "tls", Label: "TLS"}
	for _, mode := range []string{"starttls", "implicit", "none"} {
		tls.Options = append(tls.Options, Option{Value: mode, Name: tlsWords[mode], Chosen: p.TLS == mode})
	}
	return []Field{
		{Name: "host", Label: "Relay", Value: p.Host, Required: true, Max: 253, Hint: "The host's name, as its certificate has it."},
		{Name: "port", Label: "Port", Value: strconv.Itoa(p.Port), Required: true, Mode: "numeric", Max: 5, Short: true},
		tls,
		{Name: "username", Label: "Username", Value: p.Username, Optional: true, Max: 256, Hint: "Its password stays in the workers' secret file and never comes here."},
	}
}

func placeOf(r *http.Request) payroll.RelayPlace {
	port, _ := strconv.Atoi(strings.TrimSpace(r.PostForm.Get("port"))) // 0 is no port
	return payroll.RelayPlace{
		Host: strings.TrimSpace(r.PostForm.Get("host")), Port: port, TLS: r.PostForm.Get("tls"), Username: strings.TrimSpace(r.PostForm.Get("username")),
	}
}

func (s *Server) proposeRelay(w http.ResponseWriter, r *http.Request, v *visit) error {
	base, err := s.settled(r.Context(), v)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(r.PostForm.Get("base"), 10, 64) // 0 is never a version
	settings := base.Now.Settings
	settings.Relay = placeOf(r)
	p, err := s.Desk.ProposeSettings(r.Context(), settings, base.Now.Logo, version, v.admin.Name)
	if errors.Is(err, payroll.ErrInvalid) || errors.Is(err, payroll.ErrWrongState) {
		return s.showRelay(w, v, http.StatusUnprocessableEntity, base, settings.Relay, nil, Mistake{Text: plainly(err)})
	}
	if err != nil {
		return err
	}
	return redirect(w, r, proposalPath(p.ID), "settings-proposed")
}

// testRelay visits the place that the form names, as the doctor does. No mail is
// sent, and the password only to the place that two people confirmed.
func (s *Server) testRelay(w http.ResponseWriter, r *http.Request, v *visit) error {
	base, err := s.settled(r.Context(), v)
	if err != nil {
		return err
	}
	place := placeOf(r)
	if s.TestRelay == nil {
		return errNoPage
	}
	if err := place.Check(); err != nil {
		return s.showRelay(w, v, http.StatusUnprocessableEntity, base, place, nil, Mistake{Text: plainly(err)})
	}
	confirmed := !base.Now.Tampered && base.Now.Version != 0 && place == base.Now.Settings.Relay
	var problem RelayProblem
	found, err := s.TestRelay(r.Context(), place, confirmed)
	switch {
	case errors.As(err, &problem):
		return s.showRelay(w, v, http.StatusOK, base, place, &Notice{
			Kind: "danger", Title: "The relay does not answer the console's host as it should.",
			Text: problem.Error() + ". The workers are what must reach it: if a firewall lets only them through, run payseal doctor there.",
		})
	case err != nil:
		return err
	}
	note := "This was seen from the console's host; payseal doctor on a worker's host sees it from there."
	if !confirmed && place.Username != "" {
		note = "The login was not tried: the password is given only to a place that two people confirmed. " + note
	}
	return s.showRelay(w, v, http.StatusOK, base, place, &Notice{Kind: "success", Title: found, Text: note})
}
