package mailer

import (
	"strings"

	"github.com/payseal/payseal/payroll"
)

// wording is all that notices say in one language. Nothing in it tells a
// period, an amount, an employee number or a name other than the company's.
//
// What stands in braces is filled in: {company}, {contact} and {origin}; where
// it is due {link}, {page}, {code}, {until}, {end}, {minutes}, {file}, {from}
// and the counts of the digest. A link, a page's address and a code are
// paragraphs of their own, so that no program takes a full stop for a part.
type wording struct {
	rightToLeft bool

	caution  string // ends every notice
	genuine  string // how to see that a mail with a link is genuine
	unknown  string // what to do about a change that one did not make
	lookHere string // before {page}
	mendHere string // the same where a slip waits

	held       heldText
	invitation passage
	link       passage
	confirmOld passage
	confirmNew passage
	changes    map[string]passage // by topic
	reminder   passage
	handIn     string // where to hand in a key, before {page}
	handInTo   string // the same without a form
	digest     passage
	counts     string // of the digest
	report     passage
	alarm      passage
	proofCode  passage
	signInCode passage
	neverTell  string // ends every letter with a code
	file       passage
}

// passage is a subject and the paragraphs below it.
type passage struct {
	subject string
	text    []string
}

// heldText says that a slip waits.
type heldText struct {
	subject string
	waiting string
	ask     string
	reasons map[payroll.HoldReason]string
}

// wordings are by primary language subtag.
var wordings = map[string]*wording{
	"en": &english, "de": &german, "fr": &french, "es": &spanish, "hi": &hindi, "ar": &arabic,
}

// wordingFor is the wording of a BCP 47 tag and the name of its language in the
// form's addresses; one for which there is no text gives English.
func wordingFor(tag string) (*wording, string) {
	primary, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	primary = strings.ToLower(primary)
	if w := wordings[primary]; w != nil {
		return w, primary
	}
	return &english, "en"
}

// The marks that keep right-to-left text in order wherever it is shown (UAX #9):
// the first makes a paragraph one that runs from the right to programs that look
// at its letters, the isolates keep its order in those that do not look.
const (
	rightToLeftMark = "\u200f"
	isolateRight    = "\u2067"
	isolateAny      = "\u2068"
	isolateEnd      = "\u2069"
)

// fill writes paragraphs, with a blank line after each, and puts the values into
// them. A paragraph without a right-to-left letter, such as a link, stays
// unmarked, so that it can be copied whole. values are pairs of a placeholder and
// what stands for it.
func (w *wording) fill(paragraphs []string, values ...string) string {
	plain := strings.NewReplacer(values...)
	within := plain
	if w.rightToLeft {
		isolated := append([]string(nil), values...)
		for i := 1; i < len(isolated); i += 2 {
			isolated[i] = isolateAny + isolated[i] + isolateEnd
		}
		within = strings.NewReplacer(isolated...)
	}
	var text strings.Builder
	for i, paragraph := range paragraphs {
		if i > 0 {
			text.WriteString("\n\n")
		}
		if w.rightToLeft && strings.ContainsFunc(paragraph, readsLeftwards) {
			text.WriteString(w.marked(within.Replace(paragraph)))
		} else {
			text.WriteString(plain.Replace(paragraph))
		}
	}
	return strings.ReplaceAll(text.String()+"\n", "\n", "\r\n")
}

// readsLeftwards reports the letters of Hebrew, Arabic and their relatives.
func readsLeftwards(r rune) bool { return r >= 0x0590 && r <= 0x08ff }

// marked puts the marks around every line of a right-to-left paragraph.
func (w *wording) marked(paragraph string) string {
	lines := strings.Split(paragraph, "\n")
	for i, line := range lines {
		lines[i] = rightToLeftMark + isolateRight + line + isolateEnd
	}
	return strings.Join(lines, "\n")
}
