package console

import "github.com/payseal/payseal/payroll"

// slipChips, runChips and the tables below are the one place where a state gets
// its word, its icon and its tone.
var slipChips = map[payroll.SlipState]Chip{
	payroll.SlipReady:      {"Ready", "dots", TonePlain},
	payroll.SlipQueued:     {"Queued", "clock", ToneLive},
	payroll.SlipSending:    {"Sending", "send", ToneLive},
	payroll.SlipAccepted:   {"Accepted by the relay", "check", ToneGood},
	payroll.SlipDeferred:   {"Deferred", "retry", ToneLive},
	payroll.SlipRefused:    {"Refused", "cross", ToneBad},
	payroll.SlipUnsure:     {"Unsure", "question", ToneWarn},
	payroll.SlipHeld:       {"Held", "hand", ToneWarn},
	payroll.SlipBounced:    {"Bounced", "back", ToneBad},
	payroll.SlipSuperseded: {"Superseded", "swap", TonePlain},
	payroll.SlipWithdrawn:  {"Withdrawn", "minus", TonePlain},
}

var runChips = map[payroll.RunState]Chip{
	payroll.RunDraft:      {"Draft", "pencil", TonePlain},
	payroll.RunSubmitted:  {"Waits for approval", "inbox", ToneWarn},
	payroll.RunRejected:   {"Rejected", "cross", ToneBad},
	payroll.RunApproved:   {"Approved", "stamp", ToneGood},
	payroll.RunSending:    {"Sending", "send", ToneLive},
	payroll.RunPaused:     {"Paused", "pause", ToneWarn},
	payroll.RunComplete:   {"Complete", "check", ToneGood},
	payroll.RunIncomplete: {"Incomplete", "flag", ToneWarn},
	payroll.RunVoid:       {"Void", "minus", TonePlain},
}

var standingChips = map[payroll.CertificateStanding]Chip{
	payroll.CertificateCandidate: {"Candidate", "clock", ToneWarn},
	payroll.CertificateCurrent:   {"Current", "check", ToneGood},
	payroll.CertificateReplaced:  {"Replaced", "swap", TonePlain},
	payroll.CertificateRevoked:   {"Revoked", "cross", ToneBad},
}

var stepChips = map[payroll.Step]Chip{
	payroll.StepSubmitted:        {"Submitted", "inbox", TonePlain},
	payroll.StepAddressProven:    {"Address proven", "mail", TonePlain},
	payroll.StepDecryptionProven: {"Waits for a call", "phone", ToneWarn},
	payroll.StepPhoneChecked:     {"Fingerprint checked", "phone", ToneGood},
	payroll.StepCertified:        {"Certified", "shield", ToneGood},
}

var severityChips = map[payroll.Severity]Chip{
	payroll.SeverityError:   {"Error", "stop", ToneBad},
	payroll.SeverityAsk:     {"Decide", "question", ToneWarn},
	payroll.SeverityWarning: {"Look at it", "warning", ToneWarn},
	payroll.SeverityNote:    {"Note", "note", TonePlain},
}

// chipOf finds the chip of a state; one that a later version wrote is shown as
// it is.
func chipOf[S ~string](chips map[S]Chip, state S) Chip {
	if chip, found := chips[state]; found {
		return chip
	}
	return Chip{Word: string(state), Icon: "question"}
}

func slipChip(s payroll.SlipState) Chip               { return chipOf(slipChips, s) }
func runChip(s payroll.RunState) Chip                 { return chipOf(runChips, s) }
func standingChip(s payroll.CertificateStanding) Chip { return chipOf(standingChips, s) }
func stepChip(s payroll.Step) Chip                    { return chipOf(stepChips, s) }
func severityChip(s payroll.Severity) Chip            { return chipOf(severityChips, s) }

// readyChip is what a person's readiness for a pay date looks like in a list.
func readyChip(r payroll.Readiness) Chip {
	switch {
	case r.Ready && len(r.EndsBefore) > 0:
		return Chip{"Expiring", "clock", ToneWarn}
	case r.Ready:
		return Chip{"Ready", "check", ToneGood}
	case r.Lack == payroll.LackCheck:
		return Chip{"Waits for a call", "phone", ToneWarn}
	case r.Lack == payroll.LackCertificate:
		return Chip{"No certificate", "key", ToneBad}
	case r.Lack == payroll.LackProof:
		return Chip{"Waits for the code", "mail", ToneWarn}
	}
	return Chip{"Not ready", "hand", ToneWarn}
}
