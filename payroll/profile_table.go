package payroll

// Profiles is the table of what a country's law or custom wants on a slip; the
// first row is for every other country. A further country is a further row, and
// needs no other change.
var Profiles = []Profile{
	{
		Country: "", Law: "no law in particular: what most slips show",
		Fields: []ProfileField{
			{ID: "address", Kind: FieldText, Section: SectionEmployee, Labels: labels("Address", "de", "Anschrift", "fr", "Adresse", "es", "Dirección",
				"it", "Indirizzo", "nl", "Adres", "pl", "Adres", "pt", "Morada", "hi", "पता", "ar", "العنوان", "ja", "住所", "zh", "地址", "zh-Hant", "地址")},
			{ID: "tax_id", Kind: FieldText, Section: SectionEmployee, Labels: labels("Tax ID", "de", "Steuer-ID", "fr", "Numéro fiscal", "es", "NIF",
				"it", "Codice fiscale", "nl", "Burgerservicenummer", "pl", "NIP lub PESEL", "pt", "NIF", "hi", "कर पहचान संख्या", "ar", "الرقم الضريبي", "ja", "納税者番号", "zh", "纳税人识别号", "zh-Hant", "稅籍編號")},
			{ID: "insurance_number", Kind: FieldText, Section: SectionEmployee, Labels: labels("Social insurance no.", "de", "Versicherungsnummer", "fr", "N° de sécurité sociale",
				"es", "N.º de afiliación", "it", "Posizione INPS", "nl", "Verzekeringsnummer", "pl", "Numer ubezpieczenia", "pt", "N.º de segurança social", "hi", "बीमा संख्या",
				"ar", "رقم التأمينات الاجتماعية", "ja", "被保険者番号", "zh", "社会保障号", "zh-Hant", "社會保險號碼")},
			{ID: "working_days", Kind: FieldNumber, Section: SectionAttendance, Labels: labels("Working days", "de", "Arbeitstage", "fr", "Jours ouvrés", "es", "Días laborables",
				"it", "Giorni lavorativi", "nl", "Werkdagen", "pl", "Dni robocze", "pt", "Dias úteis", "hi", "कार्य दिवस", "ar", "أيام العمل", "ja", "所定労働日数", "zh", "应出勤天数", "zh-Hant", "應出勤天數")},
			{ID: "paid_days", Kind: FieldNumber, Section: SectionAttendance, Labels: labels("Paid days", "de", "Bezahlte Tage", "fr", "Jours payés", "es", "Días pagados",
				"it", "Giorni retribuiti", "nl", "Betaalde dagen", "pl", "Dni płatne", "pt", "Dias pagos", "hi", "भुगतान किए गए दिन", "ar", "الأيام المدفوعة", "ja", "支給対象日数", "zh", "计薪天数", "zh-Hant", "計薪天數")},
			{ID: "unpaid_days", Kind: FieldNumber, Section: SectionAttendance, Labels: labels("Leave without pay", "de", "Unbezahlte Tage", "fr", "Absences non payées", "es", "Días sin sueldo",
				"it", "Assenze non retribuite", "nl", "Onbetaald verlof", "pl", "Urlop bezpłatny", "pt", "Dias sem vencimento", "hi", "अवैतनिक अवकाश", "ar", "إجازة بدون راتب", "ja", "欠勤日数", "zh", "无薪假天数", "zh-Hant", "無薪假天數")},
			{ID: "leave_balance", Kind: FieldNumber, Section: SectionLeave, Labels: labels("Leave balance", "de", "Resturlaub", "fr", "Solde de congés", "es", "Saldo de vacaciones",
				"it", "Ferie residue", "nl", "Verlofsaldo", "pl", "Pozostały urlop", "pt", "Saldo de férias", "hi", "शेष अवकाश", "ar", "رصيد الإجازات", "ja", "有給休暇残日数", "zh", "剩余假期", "zh-Hant", "剩餘休假")},
			{ID: "leave_taken", Kind: FieldNumber, Section: SectionLeave, Labels: labels("Leave taken", "de", "Genommener Urlaub", "fr", "Congés pris", "es", "Vacaciones disfrutadas",
				"it", "Ferie godute", "nl", "Opgenomen verlof", "pl", "Urlop wykorzystany", "pt", "Férias gozadas", "hi", "लिया गया अवकाश", "ar", "الإجازات المأخوذة", "ja", "有給休暇取得日数", "zh", "已休假期", "zh-Hant", "已休天數")},
		},
	},
	{
		Country: "GB", Law: "Employment Rights Act 1996 s. 8",
		Needs: []Need{NeedGross, NeedItemised},
		Fields: []ProfileField{
			{ID: "ni_number", Kind: FieldText, Section: SectionEmployee, Labels: labels("NI number")},
			{ID: "tax_code", Kind: FieldText, Section: SectionEmployee, Labels: labels("Tax code")},
			{ID: "tax_period", Kind: FieldText, Section: SectionEmployee, Labels: labels("Tax period")},
			{ID: "payment_method", Kind: FieldText, Section: SectionEmployee, Labels: labels("Payment method")},
			{ID: "paye_reference", Kind: FieldText, Section: SectionEmployer, Labels: labels("PAYE reference")},
		},
	},
	{
		Country: "DE", Law: "Entgeltbescheinigungsverordnung § 1",
		Needs: []Need{NeedGross, NeedItemised, NeedJoined},
		Fields: []ProfileField{
			{ID: "address", Kind: FieldText, Section: SectionEmployee, Required: true, Labels: labels("Address", "de", "Anschrift")},
			{ID: "birth_date", Kind: FieldDate, Section: SectionEmployee, Required: true, Labels: labels("Date of birth", "de", "Geburtsdatum")},
			{ID: "insurance_number", Kind: FieldText, Section: SectionEmployee, Required: true, Labels: labels("Social insurance no.", "de", "Versicherungsnummer")},
			{ID: "contribution_group", Kind: FieldText, Section: SectionEmployee, Required: true, Labels: labels("Contribution group", "de", "Beitragsgruppenschlüssel")},
			{ID: "health_insurer", Kind: FieldText, Section: SectionEmployee, Required: true, Labels: labels("Collecting office", "de", "Einzugsstelle")},
			{ID: "childless_surcharge", Kind: FieldText, Section: SectionEmployee, Labels: labels("Childless surcharge", "de", "Beitragszuschlag Kinderlose")},
			{ID: "transition_range", Kind: FieldText, Section: SectionEmployee, Labels: labels("Transition range", "de", "Übergangsbereich")},
			{ID: "multiple_employment", Kind: FieldText, Section: SectionEmployee, Labels: labels("Multiple employment", "de", "Mehrfachbeschäftigung")},
			{ID: "tax_days", Kind: FieldNumber, Section: SectionAttendance, Required: true, Labels: labels("Tax days", "de", "Steuertage")},
			{ID: "sv_days", Kind: FieldNumber, Section: SectionAttendance, Required: true, Labels: labels("Insurance days", "de", "SV-Tage")},
			{ID: "tax_id", Kind: FieldText, Section: SectionTax, Required: true, Labels: labels("Tax ID", "de", "Steuer-ID")},
			{ID: "tax_class", Kind: FieldText, Section: SectionTax, Required: true, Labels: labels("Tax class", "de", "Steuerklasse")},
			{ID: "tax_factor", Kind: FieldText, Section: SectionTax, Labels: labels("Factor", "de", "Faktor")},
			{ID: "child_allowances", Kind: FieldNumber, Section: SectionTax, Labels: labels("Child allowances", "de", "Kinderfreibeträge")},
			{ID: "church_tax", Kind: FieldText, Section: SectionTax, Labels: labels("Church tax", "de", "Kirchensteuermerkmal")},
			{ID: "tax_allowance_month", Kind: FieldMoney, Section: SectionTax, Labels: labels("Tax allowance, month", "de", "Steuerfreibetrag Monat")},
			{ID: "tax_allowance_year", Kind: FieldMoney, Section: SectionTax, Labels: labels("Tax allowance, year", "de", "Steuerfreibetrag Jahr")},
			{ID: "statutory_net", Kind: FieldMoney, Section: SectionSums, Required: true, Labels: labels("Statutory net", "de", "Gesetzliches Netto")},
		},
	},
	{
		Country: "IN", Law: "Code on Wages 2019, Central Rules, Form V",
		Needs: []Need{NeedGross, NeedItemised},
		Fields: []ProfileField{
			{ID: "uan", Kind: FieldText, Section: SectionEmployee, Required: true, Labels: labels("UAN", "hi", "यूएएन")},
			{ID: "pan", Kind: FieldText, Section: SectionEmployee, Labels: labels("PAN", "hi", "पैन")},
			{ID: "pf_number", Kind: FieldText, Section: SectionEmployee, Labels: labels("PF number", "hi", "पीएफ संख्या")},
			{ID: "esi_number", Kind: FieldText, Section: SectionEmployee, Labels: labels("ESI number", "hi", "ईएसआई संख्या")},
			{ID: "wage_rate", Kind: FieldMoney, Section: SectionEmployee, Required: true, Labels: labels("Rate of wages", "hi", "वेतन दर")},
			{ID: "paid_days", Kind: FieldNumber, Section: SectionAttendance, Required: true, Labels: labels("Paid days", "hi", "भुगतान किए गए दिन")},
			{ID: "overtime_wages", Kind: FieldMoney, Section: SectionSums, Labels: labels("Overtime wages", "hi", "समयोपरि मजदूरी")},
			{ID: "establishment", Kind: FieldText, Section: SectionEmployer, Labels: labels("Establishment", "hi", "प्रतिष्ठान")},
		},
	},
	{
		Country: "FR", Law: "Code du travail R. 3243-1 to 3243-5",
		Needs: []Need{NeedGross, NeedItemised, NeedHours, NeedDesignation},
		Fields: []ProfileField{
			{ID: "classification", Kind: FieldText, Section: SectionEmployee, Required: true, Labels: labels("Classification", "fr", "Classification")},
			{ID: "insurance_number", Kind: FieldText, Section: SectionEmployee, Labels: labels("Social security no.", "fr", "N° de sécurité sociale")},
			{ID: "net_before_tax", Kind: FieldMoney, Section: SectionSums, Required: true, Labels: labels("Net pay before income tax", "fr", "Net à payer avant impôt sur le revenu")},
			{ID: "net_social", Kind: FieldMoney, Section: SectionSums, Required: true, Labels: labels("Net social amount", "fr", "Montant net social")},
			{ID: "employer_cost", Kind: FieldMoney, Section: SectionSums, Required: true, Labels: labels("Total paid by the employer", "fr", "Total versé par l’employeur")},
			{ID: "siret", Kind: FieldText, Section: SectionEmployer, Required: true, Labels: labels("SIRET", "fr", "SIRET")},
			{ID: "ape", Kind: FieldText, Section: SectionEmployer, Required: true, Labels: labels("APE code", "fr", "Code APE")},
			{ID: "collective_agreement", Kind: FieldText, Section: SectionEmployer, Required: true, Labels: labels("Collective agreement", "fr", "Convention collective")},
		},
		Forbidden: []string{"grève", "greve", "strike", "délégation", "delegation"},
	},
	{
		Country: "US-CA", Law: "California Labor Code 226(a) and 246(i)",
		Needs: []Need{NeedGross, NeedItemised, NeedHours, NeedRates},
		Fields: []ProfileField{
			{ID: "ssn_last4", Kind: FieldText, Section: SectionEmployee, Labels: labels("SSN, last four", "es", "SSN, últimos cuatro")},
			{ID: "sick_leave_balance", Kind: FieldNumber, Section: SectionLeave, Required: true, Labels: labels("Sick leave available", "es", "Licencia por enfermedad disponible")},
		},
	},
}

// labels is a field's name in English and, by pairs, in other languages.
func labels(english string, others ...string) map[string]string {
	made := map[string]string{"en": english}
	for i := 0; i+1 < len(others); i += 2 {
		made[others[i]] = others[i+1]
	}
	return made
}
