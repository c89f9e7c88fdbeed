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

// Keeping is an employee as a file has them, but for the columns that the file
// lacks ("department"): of these the roster keeps what it has. A column that is
// there and empty empties it.
func (e Employee) Keeping(old Employee, lacks []string) Employee {
	for _, column := range lacks {
		switch column {
		case "phone":
			e.Phone = old.Phone
		case "language":
			e.Language = old.Language
		case "department":
			e.Department = old.Department
		case "designation":
			e.Designation = old.Designation
		case "joined":
			e.Joined = old.Joined
		case "left":
			e.Left = old.Left
		case "country":
			e.Country = old.Country
		case "bank_account":
			e.BankAccount = old.BankAccount
		case "paper":
			e.OnPaper, e.PaperReason = old.OnPaper, old.PaperReason
		}
	}
	return e
}
