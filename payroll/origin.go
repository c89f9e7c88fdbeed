package payroll

import "context"

// Origin is from where an act comes: which face of payseal, and how whoever acts
// proved who they are. It goes into the audit log with the act.
type Origin struct {
	Face    string // "command", "console" or "api"
	Address string // of the browser or the program that asked; "" for a command
	Proof   string // "passkey", "password+totp", "sso", "token LABEL"; "" where names are not proven

	Who   AdminName // whose act it is; "": nobody's who is looked at once more as it is done
	Roles []Role    // one of which Who must have; nil: whoever is not disabled
}

// Check says with an error why the admin, as they are by now, may not do what they
// have begun.
func (o Origin) Check(now Admin) error {
	if o.Roles == nil && !now.Disabled {
		return nil
	}
	return now.May(o.Roles...)
}

type originKey struct{}

// WithOrigin is a context in which acts come from there.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf is from where acts in the context come; the zero Origin where nobody
// said.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}

// Stamp adds the origin to an act's detail: "from" and "proof".
func (o Origin) Stamp(a Act) Act {
	if o.Face == "" && o.Address == "" && o.Proof == "" {
		return a
	}
	detail := make(map[string]string, len(a.Detail)+2)
	for key, value := range a.Detail {
		detail[key] = value
	}
	detail["from"] = o.Face
	if o.Address != "" {
		detail["from"] += " " + o.Address
	}
	if o.Proof != "" {
		detail["proof"] = o.Proof
	}
	a.Detail = detail
	return a
}
