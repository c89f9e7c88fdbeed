package console

// Frame is what layout.html is given around a page. A page defines "title" and
// "main", and may define "lead" (the sentence below the heading), "actions" (the
// buttons beside it) and "head" (scripts).
type Frame struct {
	Company   string    // its name
	SignedIn  bool      // without it there is neither navigation nor account
	Nav       []NavLink // the primary navigation, of navigation
	Account   Account
	Trail     []Link   // the pages above this one; empty on those of the navigation
	Flash     []Notice // what the last act came to
	StepUp    *StepUp
	TwoPeople *TwoPeople
	Narrow    bool // a page with one form: sign-in, step-up
	Data      any  // the page's own
}

// place is the path to which the page belongs: a review, though of a run, belongs
// to the approvals, as its trail says.
func (f *Frame) place(path string) string {
	if len(f.Trail) > 0 {
		return f.Trail[0].Href
	}
	return path
}

// Account is who is signed in.
type Account struct {
	Name  string
	Roles []string // in words
}

// NavLink is one place of the primary navigation.
type NavLink struct {
	Name, Href, Icon string
	Count            string // how many wait there for the visitor; "" for none
	Here             bool
}

// places are the primary navigation in its order.
var places = []NavLink{
	{Name: "Home", Href: "/", Icon: "home"},
	{Name: "People", Href: "/people", Icon: "people"},
	{Name: "Calls", Href: "/calls", Icon: "phone"},
	{Name: "Runs", Href: "/runs", Icon: "run"},
	{Name: "Approvals", Href: "/approvals", Icon: "stamp"},
	{Name: "Schedules", Href: "/schedules", Icon: "calendar"},
	{Name: "Audit", Href: "/audit", Icon: "book"},
	{Name: "Settings", Href: "/settings", Icon: "gear"},
	{Name: "Health", Href: "/health", Icon: "pulse"},
}

// navigation is the primary navigation of somebody who may open the paths for
// which may says so; path is the page that they are on. counts says what waits
// where, by path.
func navigation(may func(path string) bool, path string, counts map[string]string) []NavLink {
	var links []NavLink
	for _, place := range places {
		if !may(place.Href) {
			continue
		}
		place.Here = below(path, place.Href)
		place.Count = counts[place.Href]
		links = append(links, place)
	}
	return links
}

// below reports whether the path is the place, or a page under it.
func below(path, place string) bool {
	if place == "/" || path == place {
		return path == place
	}
	return len(path) > len(place) && path[:len(place)] == place && path[len(place)] == '/'
}
