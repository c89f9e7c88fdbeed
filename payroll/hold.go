package payroll

// HoldReason says why a slip is not sent. The empty reason holds nothing.
type HoldReason string

// The reasons to hold a slip.
const (
	HoldNoCertificate      HoldReason = "no_certificate"
	HoldNotVerified        HoldReason = "not_verified"
	HoldNotCertified       HoldReason = "not_certified"
	HoldExpired            HoldReason = "expired"
	HoldRevoked            HoldReason = "revoked"
	HoldTooWeak            HoldReason = "too_weak"
	HoldUnusable           HoldReason = "unusable"
	HoldCertificateChanged HoldReason = "certificate_changed"
	HoldAddressChanged     HoldReason = "address_changed"
	HoldAddressUnnamed     HoldReason = "address_not_in_certificate"
	HoldContentChanged     HoldReason = "content_changed"
	HoldLetterheadChanged  HoldReason = "letterhead_changed"
	HoldUnwritable         HoldReason = "unwritable"
	HoldTwin               HoldReason = "twin"
	HoldChangeFreeze       HoldReason = "change_freeze"
	HoldLeft               HoldReason = "left"
	HoldOnPaper            HoldReason = "on_paper"
	HoldTampered           HoldReason = "tampered"
)

// holdSentences tell HR what the reason is and how to remove it.
var holdSentences = map[HoldReason]string{
	HoldNoCertificate:      "the employee has no certificate yet; add and verify one, and the slip goes by itself",
	HoldNotVerified:        "the employee's certificate is not verified; compare its fingerprint (payseal keys verify), and the slip goes by itself",
	HoldNotCertified:       "neither the company's key nor one before it has certified the stored certificate; add the employee's certificate again and compare its fingerprint (payseal keys add, keys verify), and the slip goes by itself",
	HoldExpired:            "the employee's certificate has expired; once the same certificate is added with a new expiry, the slip goes by itself",
	HoldRevoked:            "the employee's certificate is revoked; add and verify a new one, then approve the slip again",
	HoldTooWeak:            "the employee's certificate is too weak; add and verify a stronger one, then approve the slip again",
	HoldUnusable:           "the employee's certificate cannot be used for encryption; add and verify another, then approve the slip again",
	HoldCertificateChanged: "the certificate is not the one that was approved; approve the slip again",
	HoldAddressChanged:     "the mail address is not the one that was approved; approve the slip again",
	HoldAddressUnnamed:     "the employee's certificate does not name their mail address; once a copy that does is added (payseal keys add), the slip goes by itself",
	HoldContentChanged:     "the stored slip is not the one that was approved; void the run and import it again",
	HoldLetterheadChanged:  "the letterhead is not the one that was approved; restore it, or approve the slip again",
	HoldUnwritable:         "the letter cannot be made, for example because no font has a character; mend that (payseal runs preview shows it), then approve the slip again",
	HoldTwin:               "two employees are easily taken for each other; look at them and acknowledge it (payseal runs acknowledge)",
	HoldChangeFreeze:       "the certificate or the address changed too close to the pay date; two people must release it (payseal runs release), or compare the certificate's fingerprint (payseal keys verify), and the slip goes by itself",
	HoldLeft:               "the employee had left before the period; approve this very slip (payseal runs approve RUN NUMBER), or send it on paper",
	HoldOnPaper:            "the employee gets the slip on paper, by choice",
	HoldTampered:           "what is stored is not what was approved: it was changed in the database, not by payseal; find out by whom, then approve this very slip again (payseal runs approve RUN NUMBER), or correct it if its contents do not open",
}

// Sentence says what the reason is and how to remove it.
func (h HoldReason) Sentence() string { return holdSentences[h] }
