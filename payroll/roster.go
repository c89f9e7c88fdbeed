package payroll

// RosterChange is what an import did, or on a dry run would do, to the roster.
// Every list is sorted by number.
type RosterChange struct {
	Added          []EmployeeNumber `json:"added"`
	Changed        []EmployeeNumber `json:"changed"`
	AddressChanged []EmployeeNumber `json:"address_changed"`        // of the changed ones
	AddressKept    []EmployeeNumber `json:"address_kept,omitempty"` // they changed it themselves, and the file has the one before
	Absent         []EmployeeNumber `json:"absent"`                 // in the roster but not in the file; left as they are
	Unchanged      int              `json:"unchanged"`
}
