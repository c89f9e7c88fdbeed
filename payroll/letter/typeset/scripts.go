package typeset

// Coverage says how a script, or a set of signs, is drawn on this machine.
type Coverage struct {
	Script  string // "Arabic"
	Family  string // the family that draws it, or empty
	Package string // Debian's package that brings it, or empty for what is built in
}

// Scripts are those that a payroll meets, and what each is drawn with here.
func (f *Fonts) Scripts() []Coverage {
	covered := make([]Coverage, 0, len(samples))
	for _, s := range samples {
		c := Coverage{Script: s.script, Package: s.brought}
		if face := f.pick([]rune(s.letters), false, s.region); face != nil {
			c.Family = face.family
			if face.rank == baseRank {
				c.Package = ""
			}
		}
		covered = append(covered, c)
	}
	return covered
}

// samples are letters that a family must have to be said to cover a script.
var samples = []struct{ script, letters, region, brought string }{
	{"Latin", "AzÄßÇŁşžĐøğȘ", "", ""},
	{"Vietnamese", "ƠưẠệỗữỹ", "", ""},
	{"Greek", "ΑωΆϊΰς", "", ""},
	{"Cyrillic", "АяЁїЎґћқә", "", ""},
	{"Hebrew", "אתםשּ", "", ""},
	{"Armenian", "Աֆև", "", corePackage},
	{"Georgian", "აჰ", "", corePackage},
	{"Arabic", "ابيةپچگیکٹں", "", corePackage},
	{"Devanagari", "अकषज्ञीळ", "", corePackage},
	{"Bengali", "অকৃৎড়", "", corePackage},
	{"Gurmukhi", "ਅਕਸ਼ੀੰ", "", corePackage},
	{"Gujarati", "અકળી", "", corePackage},
	{"Oriya", "ଅକଳୀ", "", corePackage},
	{"Tamil", "அகஸ்ரீழ", "", corePackage},
	{"Telugu", "అకళీ", "", corePackage},
	{"Kannada", "ಅಕಳೀ", "", corePackage},
	{"Malayalam", "അകൾീ", "", corePackage},
	{"Sinhala", "අකළී", "", corePackage},
	{"Thai", "กฮำ์", "", corePackage},
	{"Lao", "ກຮຳ", "", corePackage},
	{"Khmer", "កអ្រី", "", corePackage},
	{"Myanmar", "ကအြီ", "", corePackage},
	{"Ethiopic", "አበገ", "", corePackage},
	{"simplified Chinese", "王张华", "SC", cjkPackage},
	{"traditional Chinese", "王張華", "TC", cjkPackage},
	{"Japanese", "山田さアー", "JP", cjkPackage},
	{"Korean", "김박이", "KR", cjkPackage},
	{"signs of money", "₦₱₴₸₹₺₽₾", "", corePackage},
}
