package payroll

import "errors"

// The few errors that callers tell apart. Everything else is a surprise.
var (
	// ErrNotFound says that the thing that was named does not exist.
	ErrNotFound = errors.New("not found")
	// ErrNotAllowed says that the rules forbid this person to do this, for
	// example to approve a run that the same person imported.
	ErrNotAllowed = errors.New("not allowed")
	// ErrWrongState says that the run or the slip is not in a state in which
	// this can be done.
	ErrWrongState = errors.New("not possible in this state")
	// ErrInvalid says that a value breaks a rule of the business; the wrapping
	// text says which and how to mend it.
	ErrInvalid = errors.New("invalid")

	// ErrTooMany means that something was asked or tried too often; wait.
	ErrTooMany = errors.New("too often")

	// ErrUnavailable says that the database cannot be reached just now. Nothing
	// was done, or it is not known whether it was.
	ErrUnavailable = errors.New("the database does not answer")
)
