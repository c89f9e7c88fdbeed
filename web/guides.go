package web

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
)

// pictureFiles are our own drawings. They stand in the page itself, so that they
// take its colours, in the dark too.
//
//go:embed pages/pictures
var pictureFiles embed.FS

// guide tells how to use one mail program. Its words are in the catalog "guide",
// under the program's name.
type guide struct {
	Name         string // in the path and in the catalog
	Own          []step // bringing in one's own key
	Trust        []step // importing and trusting the company's
	Open         []step // opening a slip
	Note         string // a word of the catalog; "" for none
	TrustPicture template.HTML
	OpenPicture  template.HTML
}

// step is one thing to do.
type step struct {
	Word    string // of the catalog
	Command string // to be typed; "" for none
}

// guideNames are in the order in which the guides are listed.
var guideNames = []string{"thunderbird", "outlook", "mailvelope", "apple", "android", "gpg"}

// guides are all of them. Every one has the same steps, which the numbers in its
// pictures stand for.
func (s *Server) guides() map[string]guide {
	commands := map[string]string{
		"gpg_own_1":   "gpg --import payseal-backup.asc",
		"gpg_trust_2": "gpg --import company-key.asc",
		"gpg_trust_3": "gpg --fingerprint " + string(s.Certificate.Address()),
		"gpg_trust_4": "gpg --quick-lsign-key " + string(s.Certificate.Fingerprint()),
		"gpg_open_1":  "gpg --decrypt slip.eml > slip.mime",
	}
	all := make(map[string]guide)
	for _, name := range guideNames {
		steps := func(part string, from, to int) (list []step) {
			for n := from; n <= to; n++ {
				word := fmt.Sprintf("%s_%s_%d", name, part, n)
				list = append(list, step{Word: "guide." + word, Command: commands[word]})
			}
			return list
		}
		all[name] = guide{
			Name: name, Own: steps("own", 1, 1), Open: steps("open", 1, 2),
			Trust:        append([]step{{Word: "guide.step_download"}}, steps("trust", 2, 4)...),
			TrustPicture: picture(name + "-trust"), OpenPicture: picture(name + "-open"),
		}
	}
	webmail := all["mailvelope"]
	webmail.Note = "guide.mailvelope_note"
	all["mailvelope"] = webmail
	return all
}

// picture is the inside of one drawing's svg element.
func picture(name string) template.HTML {
	content, err := pictureFiles.ReadFile("pages/pictures/" + name + ".svg")
	if err != nil {
		panic(err) // embedded
	}
	return template.HTML(content) //nolint:gosec // our own file
}

// guideRoutes are the guides to mail programs.
func (s *Server) guideRoutes() []route {
	routes := []route{{method: http.MethodGet, path: "/guides", handle: s.guideList}}
	for name, g := range s.guides() {
		routes = append(routes, route{method: http.MethodGet, path: "/guides/" + name, handle: s.showGuide(g)})
	}
	return routes
}

func (s *Server) guideList(w http.ResponseWriter, _ *http.Request, v *visit) error {
	return s.render(w, v, http.StatusOK, "guides", guideNames)
}

func (s *Server) showGuide(g guide) handler {
	return func(w http.ResponseWriter, _ *http.Request, v *visit) error {
		return s.render(w, v, http.StatusOK, "guide", struct {
			guide
			Key companyKey
		}{g, s.companyKey()})
	}
}
