package payroll

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// PageDigest is the SHA-256 of a slip's PDF, as it was sealed.
type PageDigest [sha256.Size]byte

// DigestPage is the digest of a PDF.
func DigestPage(pdf []byte) PageDigest { return sha256.Sum256(pdf) }

// String is the digest in hexadecimal.
func (d PageDigest) String() string { return hex.EncodeToString(d[:]) }

// IsZero reports whether nothing is known of the page: the attempt was made
// before payseal kept digests.
func (d PageDigest) IsZero() bool { return d == PageDigest{} }

// SentPage is what the ledger knows of a page that left, or was about to.
type SentPage struct {
	Slip         SlipID         `json:"slip"`
	Run          RunID          `json:"run"`
	Employee     EmployeeNumber `json:"employee"`
	Period       Period         `json:"period"`
	State        SlipState      `json:"state"`
	SentAt       *time.Time     `json:"sent_at,omitempty"`       // when the relay accepted it; nil: it did not, or it is not known
	SupersededBy SlipID         `json:"superseded_by,omitempty"` // the correction that took its place
}

// PageVerdict is the answer to whether a PDF is a slip that was sent.
type PageVerdict string

// The verdicts about a PDF.
const (
	PageGenuine    PageVerdict = "genuine"    // byte for byte what was sent
	PageSuperseded PageVerdict = "superseded" // genuine, but a correction took its place
	PageUnsent     PageVerdict = "unsent"     // made by payseal, but the relay never took it
	PageAltered    PageVerdict = "altered"    // it names a slip of ours, and is not the page that was sent for it
	PageUnknown    PageVerdict = "unknown"    // nothing is known of it
)

// Judge says what a PDF is whose very bytes are in the ledger.
func (p SentPage) Judge() PageVerdict {
	switch {
	case p.SupersededBy != "" || p.State == SlipSuperseded:
		return PageSuperseded
	case p.SentAt == nil:
		return PageUnsent
	}
	return PageGenuine
}
