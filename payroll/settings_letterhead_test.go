package payroll

import (
	"testing"
)

// TestALetterheadsPartsAllCount: two people confirm every part of a letterhead, and
// settings from before a part was there are the settings that they were.
func TestALetterheadsPartsAllCount(t *testing.T) {
	t.Parallel()
	before := Settings{Company: Letterhead{Name: "ACME", Color: "#0b4f6c", Language: "en"}}
	const digest = "524b"
	if got := before.Digest(); got[:4] != digest {
		t.Errorf("settings without the newer parts have the digest %s, not that of before", got)
	}
	for name, change := range map[string]func(*Letterhead){
		"Company": func(l *Letterhead) { l.Name = "ACME Ltd" }, "Address": func(l *Letterhead) { l.Address = []string{"Street 1"} },
		"Colour": func(l *Letterhead) { l.Color = "#000000" }, "Contact": func(l *Letterhead) { l.Contact = "Ann" },
		"Language": func(l *Letterhead) { l.Language = "de" }, "Logo (SHA-256)": func(l *Letterhead) { l.LogoSHA = "ab" },
		"Page size": func(l *Letterhead) { l.PageSize = "Letter" }, "Footer": func(l *Letterhead) { l.Footer = []string{"Registered in Vienna"} },
		"Fields": func(l *Letterhead) { l.Fields = map[FieldID]string{"siret": "552 100 554 00013"} },
		"Labels": func(l *Letterhead) { l.Labels = map[string]map[string]string{"en": {"title": "Payslip"}} },
	} {
		now := before
		change(&now.Company)
		changes := now.Changes(before)
		if now.Equal(before) || now.Digest() == before.Digest() || len(changes) != 1 || changes[0].Name != name {
			t.Errorf("%s: equal %v, changes %+v", name, now.Equal(before), changes)
		}
		if proposal := NewSettingsProposal(now, "ada"); proposal.Content != nil {
			read, err := proposal.Settings()
			if err != nil || !read.Equal(now) {
				t.Errorf("%s is lost in a proposal: %v", name, err)
			}
		}
	}
}
