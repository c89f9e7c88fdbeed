package console

import (
	"net/http"
	"strings"

	"github.com/payseal/payseal/payroll"
)

func (s *Server) apiRoutes() []route {
	return []route{{method: "GET", path: "/api", handle: s.apiPage}}
}

// apiPageData is what api.html shows.
type apiPageData struct {
	Base   string
	Groups []apiGroup
}

// apiGroup are the operations about one thing.
type apiGroup struct {
	Title string
	Table Table
}

var apiTitles = map[string]string{
	"me": "The token itself", "employees": "Employees", "certificates": "Certificates and phone checks", "uploads": "Payroll files", "runs": "Runs",
	"slips": "Slips", "calendar": "Schedules, holidays, retention", "health": "Alarms and health", "audit": "Audit log", "admins": "Admins and proposals", "settings": "Settings",
}

// apiPage lists the operations of the document, with whether the visitor's roles
// are enough for each.
func (s *Server) apiPage(w http.ResponseWriter, _ *http.Request, v *visit) error {
	page := apiPageData{Base: s.Origin.JoinPath(apiPrefix).String()}
	at := make(map[string]int)
	for _, o := range s.api.table {
		i, known := at[o.tag]
		if !known {
			i = len(page.Groups)
			at[o.tag] = i
			page.Groups = append(page.Groups, apiGroup{Title: apiTitles[o.tag], Table: Table{Caption: apiTitles[o.tag], Quiet: true, Columns: []Column{
				{Name: "Operation"}, {Name: "What it does"}, {Name: "Scope"}, {Name: "Roles"},
			}}})
		}
		op := s.api.document.Paths[o.path]
		described := op.Get
		switch o.method {
		case http.MethodPost:
			described = op.Post
		case http.MethodPut:
			described = op.Put
		case http.MethodDelete:
			described = op.Delete
		}
		page.Groups[i].Table.Rows = append(page.Groups[i].Table.Rows, Row{Cells: []Cell{
			{Text: o.method + " " + o.path, Code: true}, {Text: described.Summary, Hint: described.Description}, scopeCell(o.scope), rolesCell(o.roles, v),
		}})
	}
	return s.render(w, v, http.StatusOK, "api", page)
}

func scopeCell(scope payroll.Scope) Cell {
	if scope == "" {
		return Cell{Missing: "any token"}
	}
	return Cell{Chip: &Chip{Word: string(scope)}}
}

func rolesCell(roles []payroll.Role, v *visit) Cell {
	words := "everybody"
	if roles != nil && len(roles) < len(payroll.Roles) {
		words = strings.Join(roleWords(roles), ", ")
	}
	cell := Cell{Text: words}
	if roles != nil && !v.is(roles...) {
		cell.Hint = "Not with your roles"
	}
	return cell
}
