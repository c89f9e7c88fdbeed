package console

import (
	"net/http"
	"slices"
)

// NoticeText is one kind of mail that is no slip, with made-up values in it.
type NoticeText struct {
	Kind    string // in words: "Invitation"
	Sealed  bool   // it only ever leaves encrypted
	Subject string
	Text    string
}

// Language is one in which notices are written.
type Language struct {
	Tag, Name   string // the name in the language itself
	RightToLeft bool
}

// NoticeLanguages are those that there are texts in.
var NoticeLanguages = []Language{
	{"en", "English", false}, {"de", "Deutsch", false}, {"fr", "Français", false}, {"es", "Español", false}, {"hi", "हिन्दी", false}, {"ar", "العربية", true},
}

// noticesView is what settings-notices.html shows.
type noticesView struct {
	Tabs     Tabs
	Language Language
	Direct   string // "ltr" or "rtl"
	Notices  []NoticeText
}

func (noticesView) frame(f *Frame) { f.Trail = settingsTrail }

func (s *Server) noticesPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	i := slices.IndexFunc(NoticeLanguages, func(l Language) bool { return l.Tag == r.URL.Query().Get("language") })
	view := noticesView{Language: NoticeLanguages[max(i, 0)], Direct: "ltr", Tabs: Tabs{Label: "Languages"}}
	if view.Language.RightToLeft {
		view.Direct = "rtl"
	}
	for _, l := range NoticeLanguages {
		view.Tabs.Tabs = append(view.Tabs.Tabs, Tab{Name: l.Name, Href: "/settings/notices?language=" + l.Tag, Here: l == view.Language})
	}
	if s.Notices != nil {
		var err error
		if view.Notices, err = s.Notices(view.Language.Tag); err != nil {
			return err
		}
	}
	return s.render(w, v, http.StatusOK, "settings-notices", view)
}
