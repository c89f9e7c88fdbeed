package payroll

import "time"

// NoticeID is a random UUID in its usual text form.
type NoticeID string

// NoticeKind is what a notice is for.
type NoticeKind string

// The kinds of notices. Those with a link or a code carry one secret each, which
// the worker makes when it sends the mail and of which only the hash is kept.
const (
	NoticeInvitation  NoticeKind = "invitation"   // link: enrol
	NoticeLink        NoticeKind = "link"         // link: the employee asked for a fresh one
	NoticeSignInCode  NoticeKind = "sign_in_code" // code, sealed to the current certificate
	NoticeProofCode   NoticeKind = "proof_code"   // code, sealed to the candidate
	NoticeSpecimen    NoticeKind = "specimen"     // a test slip, sealed; nothing secret in it
	NoticeConfirmOld  NoticeKind = "confirm_old"  // link, to the old address: may the address change?
	NoticeConfirmNew  NoticeKind = "confirm_new"  // link, to the new address
	NoticeChange      NoticeKind = "change"       // something changed; Topic says what
	NoticeReminder    NoticeKind = "reminder"     // the certificate ends soon; Topic says in how many days
	NoticeDigest      NoticeKind = "digest"       // to HR: readiness in numbers
	NoticeReportAlert NoticeKind = "report"       // to HR: an employee reported something
	NoticeAlarm       NoticeKind = "alarm"        // to HR: there is an alarm to look at
)

// NoticeTopics are what a notice of kind change tells.
const (
	TopicCertificateSubmitted = "certificate_submitted" // a new one was handed in and climbs
	TopicCertificateCurrent   = "certificate_current"   // from now on slips are sealed to another one
	TopicCertificateRefreshed = "certificate_refreshed" // the same one with a new expiry
	TopicCertificateRevoked   = "certificate_revoked"   // slips are no longer sealed to it
	TopicAddressChanged       = "address_changed"       // told at the old and at the new address
)

// Notice is one mail that is no salary slip: a fixed text, or a code or specimen
// that is sealed. Nothing in it tells of pay.
type Notice struct {
	ID          NoticeID
	Kind        NoticeKind
	Employee    Employee    // zero for a notice to HR; only number, name, email and language are set
	To          Address     // where it goes, which may be an address that was the employee's before
	Language    string      // BCP 47, "" for the company's
	Topic       string      // more about the kind, from a fixed set of words
	Fingerprint Fingerprint // the certificate that it is sealed to, or speaks of; "" if none
	Certificate []byte      // as keystore stores it, for kinds that are sealed
	Profile     MailProfile // how a sealed one is to be sent: the employee's, or that which a specimen tries
	Tries       int         // that have ended
	Created     time.Time
}

// SecretLink reports whether a notice of this kind carries a link with a token.
func (k NoticeKind) SecretLink() bool {
	return k == NoticeInvitation || k == NoticeLink || k == NoticeConfirmOld || k == NoticeConfirmNew
}

// SecretCode reports whether a notice of this kind carries a code. Such a notice
// is always sealed.
func (k NoticeKind) SecretCode() bool { return k == NoticeSignInCode || k == NoticeProofCode }

// Sealed reports whether a notice of this kind only ever leaves sealed.
func (k NoticeKind) Sealed() bool { return k.SecretCode() || k == NoticeSpecimen }

// NoticeState is how far a notice has come.
type NoticeState string

// The states of a notice.
const (
	NoticeQueued  NoticeState = "queued"
	NoticeSent    NoticeState = "sent"    // accepted by the relay
	NoticeRefused NoticeState = "refused" // by the relay, for good
	NoticeDropped NoticeState = "dropped" // there was nobody to send it to, or nothing any more to say
)

// MailProfile is how an employee's mail program wants its slips. An empty field
// means the company's default.
type MailProfile struct {
	Structure    string `json:"structure,omitempty"`    // "combined" or "nested"
	Presentation string `json:"presentation,omitempty"` // "inline": PGP/MIME; "attachment": an encrypted file
}

// The words of a mail profile.
const (
	StructureCombined      = "combined"
	StructureNested        = "nested"
	PresentationInline     = "inline"
	PresentationAttachment = "attachment"
)

// Seen is what an employee says of the test slip.
type Seen string

// What an employee may have seen.
const (
	SeenGood        Seen = "good"        // it opened and the signature was shown as good
	SeenOpened      Seen = "opened"      // it opened, and nothing or nothing good was said of the signature
	SeenAttachments Seen = "attachments" // only attachments were shown
	SeenNothing     Seen = "nothing"     // nothing arrived, or an empty mail
)

// Next is the profile to try after an employee saw this with a slip that was
// sent with profile p, given what the company's default structure is. It
// reports false when there is nothing to change.
func (s Seen) Next(p MailProfile, companyStructure string) (MailProfile, bool) {
	structure := p.Structure
	if structure == "" {
		structure = companyStructure
	}
	other := StructureNested
	if structure == StructureNested {
		other = StructureCombined
	}
	switch {
	case s == SeenOpened && p.Presentation != PresentationAttachment:
		return MailProfile{Structure: other, Presentation: p.Presentation}, true
	case s == SeenAttachments && p.Presentation != PresentationAttachment:
		return MailProfile{Structure: StructureCombined, Presentation: PresentationAttachment}, true
	case s == SeenNothing && p.Presentation == PresentationAttachment:
		return MailProfile{Structure: StructureCombined, Presentation: PresentationInline}, true
	case s == SeenNothing:
		return MailProfile{Structure: other, Presentation: p.Presentation}, true
	}
	return p, false
}
