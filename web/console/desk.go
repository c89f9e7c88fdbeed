package console

import (
	"context"
	"time"

	"github.com/payseal/payseal/payroll"
)

// Desk is what the console needs of the database; postgres.Store is it. Each
// part stands with the pages that ask for it. What does not exist is
// payroll.ErrNotFound, what the rules forbid payroll.ErrNotAllowed, what is too
// late or too early payroll.ErrWrongState, what is wrong payroll.ErrInvalid.
type Desk interface {
	VisitDesk
	AccountDesk
	PeopleDesk
	UploadDesk
	ApprovalDesk
	RunDesk
	OfficeDesk
	SettingsDesk
	APIDesk
}

// VisitDesk is asked with every request.
type VisitDesk interface {
	// AdminSession is the visit with that cookie, seen now; ErrNotFound if it has
	// ended, or its admin was disabled.
	AdminSession(ctx context.Context, secret payroll.SecretHash, limits payroll.SessionLimits) (payroll.AdminSession, error)
	// TakeStepUp uses up a fresh second factor that was given in this visit for the
	// purpose; ErrNotFound if there is none younger than that.
	TakeStepUp(ctx context.Context, secret payroll.SecretHash, purpose string, fresh time.Duration) error
	// NoteRefusal keeps in the audit log that somebody was refused something, which is
	// a method and a route.
	NoteRefusal(ctx context.Context, by payroll.AdminName, what string) error
}
