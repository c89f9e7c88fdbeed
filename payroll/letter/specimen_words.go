package letter

import "strings"

// specimenWords are the sentences of a test slip in one language.
type specimenWords struct {
	language    string // BCP 47, for the document
	rightToLeft bool
	title       string
	watermark   string
	headline    string
	nobodys     string
	steps       [3]string // with {company}; not where lines run leftwards: one may break in the name
}

// specimenWordsOf finds the sentences for a language; English where there are none.
func specimenWordsOf(tag string) *specimenWords {
	primary, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	for _, w := range []*specimenWords{&specimenGerman, &specimenFrench, &specimenSpanish, &specimenHindi, &specimenArabic} {
		if strings.EqualFold(primary, w.language) {
			return w
		}
	}
	return &specimenEnglish
}

// foot are the words at the foot of the page: those of every slip.
func (w *specimenWords) foot() *words { return wordsOf(w.language) }

var specimenEnglish = specimenWords{
	language: "en", title: "Test slip", watermark: "TEST",
	headline: "This is a test slip.", nobodys: "Nobody's pay is in it. It shows whether your salary slips will reach you.",
	steps: [3]string{
		"You can read this page: your mail program has opened it with your key, and nobody else can.",
		"Now look at what the program says of the signature. It ought to say that it is good and was made by {company}. If it does, you are done.",
		"Say what you saw on the page on which you asked for this test. If the program said nothing of a signature, or not that it is good, say that: another form of mail may suit it better.",
	},
}

var specimenGerman = specimenWords{
	language: "de", title: "Probeabrechnung", watermark: "PROBE",
	headline: "Das ist eine Probe.", nobodys: "Niemandes Gehalt steht darin. Sie zeigt, ob Ihre Gehaltsabrechnungen bei Ihnen ankommen werden.",
	steps: [3]string{
		"Sie können diese Seite lesen: Ihr Mailprogramm hat sie mit Ihrem Schlüssel geöffnet, und niemand sonst kann das.",
		"Sehen Sie jetzt nach, was das Programm zur Signatur sagt. Es sollte sagen, dass sie gültig und von {company} ist. Wenn ja, sind Sie fertig.",
		"Geben Sie auf der Seite, auf der Sie diese Probe angefordert haben, an, was Sie gesehen haben. Wenn das Programm nichts von einer Signatur sagt oder nicht, dass sie gültig ist, geben Sie auch das an: Vielleicht passt eine andere Form der Mail besser dazu.",
	},
}

var specimenFrench = specimenWords{
	language: "fr", title: "Bulletin d’essai", watermark: "ESSAI",
	headline: "Ceci est un essai.", nobodys: "Ce document ne contient la paie de personne. Il montre si vos bulletins de paie vous parviendront.",
	steps: [3]string{
		"Vous pouvez lire cette page : votre logiciel de messagerie l’a ouverte avec votre clé, et personne d’autre ne le peut.",
		"Regardez maintenant ce que le logiciel dit de la signature. Il devrait dire qu’elle est valable et vient de {company}. Si c’est le cas, vous avez terminé.",
		"Indiquez ce que vous avez vu sur la page où vous avez demandé cet essai. Si le logiciel ne dit rien d’une signature, ou pas qu’elle est valable, indiquez-le aussi : une autre forme de courriel lui convient peut-être mieux.",
	},
}

var specimenSpanish = specimenWords{
	language: "es", title: "Recibo de prueba", watermark: "PRUEBA",
	headline: "Esto es una prueba.", nobodys: "No contiene el salario de nadie. Muestra si sus recibos de salario le llegarán.",
	steps: [3]string{
		"Puede leer esta página: su programa de correo la ha abierto con su clave, y nadie más puede hacerlo.",
		"Mire ahora qué dice el programa de la firma. Debería decir que es válida y de {company}. Si lo dice, ha terminado.",
		"Indique lo que ha visto en la página en la que pidió esta prueba. Si el programa no dice nada de una firma, o no dice que sea válida, indíquelo también: quizá le convenga otra forma de correo.",
	},
}

var specimenHindi = specimenWords{
	language: "hi", title: "परीक्षण पर्ची", watermark: "परीक्षण",
	headline: "यह एक परीक्षण पर्ची है।", nobodys: "इसमें किसी का वेतन नहीं है। इससे पता चलता है कि आपकी वेतन पर्चियाँ आप तक पहुँचेंगी या नहीं।",
	steps: [3]string{
		"आप यह पेज पढ़ पा रहे हैं: आपके मेल प्रोग्राम ने इसे आपकी कुंजी से खोला है, और कोई दूसरा इसे नहीं खोल सकता।",
		"अब देखें कि प्रोग्राम हस्ताक्षर के बारे में क्या कहता है। उसे कहना चाहिए कि हस्ताक्षर सही है और {company} का है। अगर ऐसा है, तो काम पूरा हुआ।",
		"जिस पेज पर आपने यह परीक्षण माँगा था, वहाँ बताएँ कि आपने क्या देखा। अगर प्रोग्राम हस्ताक्षर के बारे में कुछ नहीं कहता, या उसे सही नहीं कहता, तो वह भी बताएँ: शायद मेल का कोई दूसरा रूप बेहतर रहे।",
	},
}

var specimenArabic = specimenWords{
	language: "ar", rightToLeft: true, title: "قسيمة تجريبية", watermark: "تجربة",
	headline: "هذه قسيمة تجريبية.", nobodys: "ليس فيها راتب أحد. إنها تبيِّن هل ستصل إليك قسائم راتبك.",
	steps: [3]string{
		"تستطيع قراءة هذه الصفحة: لقد فتحها برنامج بريدك بمفتاحك، ولا يستطيع ذلك أحد سواك.",
		"انظر الآن ماذا يقول البرنامج عن التوقيع. ينبغي أن يقول إنه صحيح وإنه من شركتك. إذا قال ذلك فقد انتهيت.",
		"أخبرنا بما رأيته في الصفحة التي طلبت فيها هذه التجربة. إذا لم يقل البرنامج شيئًا عن توقيع، أو لم يقل إنه صحيح، فأخبرنا بذلك أيضًا: قد يناسبه شكل آخر من البريد.",
	},
}
