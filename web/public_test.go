package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// publicPages are the pages for everybody.
func publicPages() []string {
	pages := []string{"/", "/company-key", "/really-hr", "/guides"}
	for _, name := range guideNames {
		pages = append(pages, "/guides/"+name)
	}
	return pages
}

// TestPublicPages renders every page for everybody in every language; a word that
// is missing fails the test.
func TestPublicPages(t *testing.T) {
	t.Parallel()
	f := newForm(t, func(s *Server) { s.Publish = PublishCompany })
	v := f.visitor(t)
	for _, lang := range Languages {
		for _, page := range publicPages() {
			a := v.get(t, "/"+lang+page)
			if a.status != http.StatusOK || a.header.Get("Content-Language") != lang || strings.Count(a.body, "<h1>") != 1 {
				t.Errorf("/%s%s: %d %v", lang, page, a.status, a.header)
			}
			for _, other := range Languages {
				if !strings.Contains(a.body, `href="/`+other+page+`" lang="`+other+`"`) {
					t.Errorf("/%s%s does not lead to its %s version", lang, page, other)
				}
			}
			if strings.Contains(a.body, "style=") || strings.Contains(a.body, "onclick=") || strings.Contains(a.body, "://") && strings.Contains(a.body, `src="http`) {
				t.Errorf("/%s%s has something of its own that its policy forbids", lang, page)
			}
		}
	}
}

// TestCompanyKey: the file is the certificate whose fingerprint the page shows.
func TestCompanyKey(t *testing.T) {
	t.Parallel()
	f := newForm(t, nil)
	v := f.visitor(t)
	file := v.get(t, "/company-key.asc")
	if file.header.Get("Content-Type") != "application/pgp-keys" {
		t.Errorf("it is %s", file.header.Get("Content-Type"))
	}
	senders, err := keystore.ReadSenders([]byte(file.body))
	must(t, err)
	if len(senders) != 1 || senders[0].Fingerprint() != f.Certificate.Fingerprint() {
		t.Errorf("it holds %d certificates", len(senders))
	}
	page := v.get(t, "/en/company-key").body
	for _, group := range strings.Fields(f.Certificate.Fingerprint().Grouped()) {
		if !strings.Contains(page, "<span>"+group+"</span>") {
			t.Errorf("the page lacks %s", group)
		}
	}
	if strings.Contains(page, "gpg --locate") {
		t.Error("the page names a directory that is not there")
	}
}

// TestFormerKeys: whoever has older slips finds the keys that signed them.
func TestFormerKeys(t *testing.T) {
	t.Parallel()
	former := payroll.Fingerprint("")
	f := newForm(t, func(s *Server) {
		judged, verdict := keystore.Judge(publicKey(t, newPerson(t, "ACME Payroll <payroll@acme.example>")), "payroll@acme.example", s.Now())
		if !verdict.Accepted() {
			t.Fatalf("%+v", verdict)
		}
		former = judged.Fingerprint()
		s.Certifiers = append(s.Certifiers, judged)
	})
	page := f.visitor(t).get(t, "/en/company-key").body
	for _, group := range strings.Fields(former.Grouped()) {
		if !strings.Contains(page, "<span>"+group+"</span>") {
			t.Errorf("the page lacks %s", group)
		}
	}
}
