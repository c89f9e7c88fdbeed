package letter

// words are the labels of the page and the sentences of the letter in one
// language.
type words struct {
	language               string // BCP 47, for the document
	rightToLeft            bool   // the page is mirrored
	slipNumber             string // with {id}
	leave, tax             string
	dateForm, monthForm    string // with {d}, {m} and {y}
	months                 [12]string
	title                  string
	payDate                string
	number, designation    string
	department, joined     string
	account, employee      string
	netPay, gross, deduct  string
	yearToDate             string
	earnings, deductions   string
	employer, employerNote string
	quantity, amount       string
	totalEarnings          string
	totalDeductions        string
	hours, information     string
	continued              string
	questions              string // with {contact}
	fingerprint            string
	page                   string // with {n} and {of}
	attached               string // the letter, with {month} and {company}
	ask                    string // the letter, with {contact}
	genuine                string // the letter
	signature              string // the letter, with {fingerprint}
	correction             string // what a slip is that takes another's place
	replaces               string // with {date} and {id}
	reason                 string // with {reason}
}

// wordsOf finds the labels for a language. English, German, French and Spanish
// are there; every other language reads English labels with its own numbers.
func wordsOf(primary, regional string) *words {
	switch {
	case regional == "en-us":
		american := english
		american.dateForm = "{m} {d}, {y}"
		return &american
	case primary == "de":
		return &german
	case primary == "fr":
		return &french
	case primary == "es":
		return &spanish
	case primary == "ar":
		return &arabic
	}
	return &english
}

var english = words{
	language: "en", dateForm: "{d} {m} {y}", monthForm: "{m} {y}",
	months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December"},
	title: "Salary slip", slipNumber: "Slip no. {id}", leave: "Leave", tax: "Tax", payDate: "Pay date",
	number: "Employee no.", designation: "Position", department: "Department", joined: "Date joined",
	account: "Paid to", employee: "Employee",
	netPay: "Net pay", gross: "Gross pay", deduct: "Deductions", yearToDate: "Year to date",
	earnings: "Earnings", deductions: "Deductions",
	employer: "Employer contributions", employerNote: "For information, not part of your pay",
	quantity: "Quantity", amount: "Amount",
	totalEarnings: "Total earnings", totalDeductions: "Total deductions",
	hours: "Hours", information: "Further information",
	continued: "continued", questions: "Questions? {contact}", fingerprint: "Company key", page: "Page {n} of {of}",
	attached: "Attached is your salary slip for {month} from {company}. It is meant for you alone.",
	ask:      "If anything on it looks wrong, or if you have a question, please ask: {contact}",
	genuine: "This letter was signed by your company and encrypted to your key. Your mail program can show that the " +
		"signature is good. If it cannot, do not trust the letter, and ask.",
	signature:  "The company's key has this fingerprint:\n{fingerprint}",
	correction: "Correction", replaces: "This slip replaces the one of {date} (no. {id}).", reason: "Reason: {reason}",
}

var german = words{
	language: "de", dateForm: "{d}. {m} {y}", monthForm: "{m} {y}",
	months: [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August",
		"September", "Oktober", "November", "Dezember"},
	title: "Gehaltsabrechnung", slipNumber: "Nr. {id}", leave: "Urlaub", tax: "Steuer", payDate: "Zahltag",
	number: "Personalnummer", designation: "Tätigkeit", department: "Abteilung", joined: "Eintritt",
	account: "Überweisung auf", employee: "Name",
	netPay: "Auszahlung", gross: "Brutto", deduct: "Abzüge", yearToDate: "Kumuliert",
	earnings: "Bezüge", deductions: "Abzüge",
	employer: "Arbeitgeberbeiträge", employerNote: "Zur Information, nicht Teil Ihrer Bezüge",
	quantity: "Menge", amount: "Betrag",
	totalEarnings: "Summe der Bezüge", totalDeductions: "Summe der Abzüge",
	hours: "Stunden", information: "Weitere Angaben",
	continued: "Fortsetzung", questions: "Fragen? {contact}", fingerprint: "Schlüssel der Firma", page: "Seite {n} von {of}",
	attached: "Im Anhang finden Sie Ihre Gehaltsabrechnung für {month} von {company}. Sie ist nur für Sie bestimmt.",
	ask:      "Wenn etwas darin nicht stimmt oder Sie Fragen haben, wenden Sie sich bitte an: {contact}",
	genuine: "Dieser Brief wurde von Ihrer Firma signiert und für Ihren Schlüssel verschlüsselt. Ihr Mailprogramm kann " +
		"zeigen, dass die Signatur gültig ist. Wenn nicht, vertrauen Sie dem Brief nicht und fragen Sie nach.",
	signature:  "Der Schlüssel der Firma hat diesen Fingerabdruck:\n{fingerprint}",
	correction: "Korrektur", replaces: "Diese Abrechnung ersetzt die vom {date} (Nr. {id}).", reason: "Grund: {reason}",
}

var french = words{
	language: "fr", dateForm: "{d} {m} {y}", monthForm: "{m} {y}",
	months: [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
		"septembre", "octobre", "novembre", "décembre"},
	title: "Bulletin de paie", slipNumber: "N° {id}", leave: "Congés", tax: "Impôt", payDate: "Date de paiement",
	number: "Matricule", designation: "Emploi", department: "Service", joined: "Date d’entrée",
	account: "Versé sur", employee: "Salarié",
	netPay: "Net à payer", gross: "Brut", deduct: "Retenues", yearToDate: "Cumul annuel",
	earnings: "Rémunération", deductions: "Retenues",
	employer: "Cotisations patronales", employerNote: "Pour information, hors rémunération",
	quantity: "Quantité", amount: "Montant",
	totalEarnings: "Total brut", totalDeductions: "Total des retenues",
	hours: "Heures", information: "Autres informations",
	continued: "suite", questions: "Une question ? {contact}", fingerprint: "Clé de l’entreprise", page: "Page {n} sur {of}",
	attached: "Vous trouverez ci-joint votre bulletin de paie de {month}, {company}. Il est destiné à vous seul.",
	ask:      "Si quelque chose vous semble inexact, ou pour toute question : {contact}",
	genuine: "Cette lettre a été signée par votre entreprise et chiffrée pour votre clé. Votre logiciel de messagerie peut " +
		"montrer que la signature est valable. Sinon, ne vous y fiez pas et demandez.",
	signature:  "L’empreinte de la clé de l’entreprise :\n{fingerprint}",
	correction: "Rectification", replaces: "Ce bulletin remplace celui du {date} (n° {id}).", reason: "Motif : {reason}",
}

var spanish = words{
	language: "es", dateForm: "{d} de {m} de {y}", monthForm: "{m} de {y}",
	months: [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
		"septiembre", "octubre", "noviembre", "diciembre"},
	title: "Recibo de salario", slipNumber: "N.º {id}", leave: "Vacaciones", tax: "Impuestos", payDate: "Fecha de pago",
	number: "N.º de empleado", designation: "Puesto", department: "Departamento", joined: "Fecha de ingreso",
	account: "Abonado en", employee: "Nombre",
	netPay: "Líquido a percibir", gross: "Total devengado", deduct: "Deducciones", yearToDate: "Acumulado",
	earnings: "Devengos", deductions: "Deducciones",
	employer: "Aportaciones de la empresa", employerNote: "A título informativo, no forman parte del salario",
	quantity: "Cantidad", amount: "Importe",
	totalEarnings: "Total devengado", totalDeductions: "Total a deducir",
	hours: "Horas", information: "Otros datos",
	continued: "continuación", questions: "¿Preguntas? {contact}", fingerprint: "Clave de la empresa", page: "Página {n} de {of}",
	attached: "Adjuntamos su recibo de salario de {month}, {company}. Es solo para usted.",
	ask:      "Si algo no le parece correcto, o si tiene preguntas: {contact}",
	genuine: "Esta carta fue firmada por su empresa y cifrada para su clave. Su programa de correo puede mostrar que la " +
		"firma es válida. Si no, no se fíe de ella y pregunte.",
	signature:  "La clave de la empresa tiene esta huella:\n{fingerprint}",
	correction: "Rectificación", replaces: "Este recibo sustituye al del {date} (n.º {id}).", reason: "Motivo: {reason}",
}

var arabic = words{
	language: "ar", rightToLeft: true, dateForm: "{d} {m} {y}", monthForm: "{m} {y}",
	months: [12]string{"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس",
		"سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"},
	title: "قسيمة الراتب", slipNumber: "رقم القسيمة {id}", leave: "الإجازات", tax: "الضريبة", payDate: "تاريخ الدفع",
	number: "رقم الموظف", designation: "المسمى الوظيفي", department: "القسم", joined: "تاريخ الالتحاق",
	account: "حُوِّل إلى", employee: "الموظف",
	netPay: "صافي الراتب", gross: "الإجمالي", deduct: "الاستقطاعات", yearToDate: "منذ بداية السنة",
	earnings: "المستحقات", deductions: "الاستقطاعات",
	employer: "مساهمات صاحب العمل", employerNote: "للعلم فقط، وليست جزءًا من راتبك",
	quantity: "الكمية", amount: "المبلغ",
	totalEarnings: "مجموع المستحقات", totalDeductions: "مجموع الاستقطاعات",
	hours: "الساعات", information: "معلومات أخرى",
	continued: "تابع", questions: "هل لديك سؤال؟ {contact}", fingerprint: "مفتاح الشركة", page: "صفحة {n} من {of}",
	attached: "مرفق طيه قسيمة راتبك لشهر {month} من {company}. وهي لك وحدك.",
	ask:      "إذا وجدت خطأ فيها، أو كان لديك سؤال، فاسأل: {contact}",
	genuine: "وقّعت شركتك هذه الرسالة وشفّرتها بمفتاحك. يستطيع برنامج بريدك أن يبيّن أن التوقيع صحيح. " +
		"فإن لم يفعل فلا تثق بالرسالة، واسأل.",
	signature:  "بصمة مفتاح الشركة:\n{fingerprint}",
	correction: "تصحيح", replaces: "تحل هذه القسيمة محل قسيمة {date} (رقم {id}).", reason: "السبب: {reason}",
}
