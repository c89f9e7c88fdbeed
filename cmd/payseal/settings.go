package main

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

func newSettings(a *app) *cobra.Command {
	return group("settings", "Letterhead, relay and sender as two people confirmed them", newSettingsShow(a), newSettingsHistory(a))
}

// settingsShown is what settings show prints.
type settingsShown struct {
	payroll.ConfirmedSettings
	Counts string               `json:"counts"`            // "confirmed" or "file"
	Here   payroll.Settings     `json:"here"`              // what this machine's file and signing key say
	Differ []string             `json:"differ"`            // in what they differ from what counts
	Waits  []payroll.ProposalID `json:"waiting,omitempty"` // proposals about settings
}

func newSettingsShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show what counts, and what this machine's file and signing key say otherwise",
		Long: "Show the letterhead, relay and sender that count: where names are proven\n" +
			"(console.origin) those that two people confirmed, else what the configuration file\n" +
			"says. Exit 1 if the ones in the database were changed there, or if the signing key\n" +
			"on this machine is not the confirmed one.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withVault(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				shown, err := settingsNow(cmd, store, c)
				if err != nil {
					return err
				}
				if err := a.saySettings(cmd.OutOrStdout(), shown); err != nil {
					return err
				}
				if shown.Tampered || shown.Counts == "confirmed" && shown.Settings.Sender != shown.Here.Sender {
					return errNo
				}
				return nil
			})
		},
	}
}

func settingsNow(cmd *cobra.Command, store *postgres.Store, c config.Config) (settingsShown, error) {
	here, err := fileSettings(c)
	if err != nil {
		return settingsShown{}, err
	}
	shown := settingsShown{Counts: "file", Here: here.Settings, Differ: []string{}}
	shown.Settings = here.Settings
	version, err := store.SettingsVersion(cmd.Context())
	if err != nil || !c.Proven() || version == 0 {
		return shown, err
	}
	shown.Counts = "confirmed"
	if shown.ConfirmedSettings, err = store.Settings(cmd.Context()); err != nil {
		return shown, err
	}
	for _, change := range here.Settings.Changes(shown.Settings) {
		shown.Differ = append(shown.Differ, change.Name)
	}
	open, err := store.OpenProposals(cmd.Context())
	for _, p := range open {
		if p.Kind == payroll.ProposeSettings {
			shown.Waits = append(shown.Waits, p.ID)
		}
	}
	return shown, err
}

func (a *app) saySettings(w io.Writer, s settingsShown) error {
	if a.json {
		return printJSON(w, s)
	}
	var rows [][]string
	for _, line := range s.Settings.Changes(payroll.Settings{}) {
		here := "as here"
		for _, change := range s.Here.Changes(s.Settings) {
			if change.Name == line.Name {
				here = "HERE: " + dash(escaped(change.Now, ""))
			}
		}
		rows = append(rows, []string{line.Name, escaped(line.Now, ""), here})
	}
	head := "as the configuration file says"
	if s.Counts == "confirmed" {
		head = fmt.Sprintf("version %d, confirmed by %s", s.Version, s.ConfirmedBy)
	}
	if err := printTable(w, []string{"WHAT", head, "THIS MACHINE"}, rows); err != nil {
		return err
	}
	if s.Tampered {
		_, err := fmt.Fprintln(w, "\nTHE ROW WAS CHANGED IN THE DATABASE. Nothing is sent.")
		return err
	}
	for _, id := range s.Waits {
		if _, err := fmt.Fprintf(w, "\nProposal %d waits for a second person.\n", id); err != nil {
			return err
		}
	}
	return nil
}

// settingsPage is how many versions are read at once.
const settingsPage = 100

// settingsPast is one version as settings history prints it.
type settingsPast struct {
	Version     int64                    `json:"version"`
	At          time.Time                `json:"at"`
	ProposedBy  payroll.AdminName        `json:"proposed_by"`
	ConfirmedBy payroll.AdminName        `json:"confirmed_by"`
	Tampered    bool                     `json:"tampered,omitempty"`
	Changes     []payroll.SettingsChange `json:"changes"`
}

func newSettingsHistory(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "history",
		Short: "List every version of the settings, who wanted and confirmed it, and what it changed",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withVault(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				var all []payroll.ConfirmedSettings
				for before := int64(0); ; {
					some, err := store.SettingsHistory(cmd.Context(), before, settingsPage)
					if err != nil {
						return err
					}
					if all = append(all, some...); len(some) < settingsPage {
						return a.sayHistory(cmd.OutOrStdout(), pastOf(all))
					}
					before = some[len(some)-1].Version
				}
			})
		},
	}
}

// pastOf compares each version with the one before it.
func pastOf(all []payroll.ConfirmedSettings) []settingsPast {
	past := make([]settingsPast, len(all))
	for i, c := range all {
		var before payroll.Settings
		if i+1 < len(all) {
			before = all[i+1].Settings
		}
		past[i] = settingsPast{Version: c.Version, At: c.At, ProposedBy: c.ProposedBy, ConfirmedBy: c.ConfirmedBy, Tampered: c.Tampered, Changes: c.Settings.Changes(before)}
	}
	return past
}

func (a *app) sayHistory(w io.Writer, past []settingsPast) error {
	if a.json {
		return printLines(w, past)
	}
	var rows [][]string
	for _, p := range past {
		who := []string{strconv.FormatInt(p.Version, 10), moment(&p.At), string(p.ProposedBy), string(p.ConfirmedBy)}
		if p.Tampered {
			rows = append(rows, append(who, "CHANGED IN THE DATABASE", "", ""))
			who = make([]string, 4)
		}
		for _, c := range p.Changes {
			rows = append(rows, append(who, c.Name, dash(escaped(c.Before, "")), dash(escaped(c.Now, ""))))
			who = make([]string, 4)
		}
	}
	return printTable(w, []string{"VERSION", "SINCE", "PROPOSED BY", "CONFIRMED BY", "WHAT", "BEFORE", "NOW"}, rows)
}
