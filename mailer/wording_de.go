package mailer

import "github.com/payseal/payseal/payroll"

var german = wording{
	caution:  "Diese Nachricht wurde von einem Programm verfasst und enthält keine Gehaltsdaten. {company} fragt Sie niemals nach Ihrem Passwort oder Ihrem geheimen Schlüssel.",
	genuine:  "So erkennen Sie, dass diese Nachricht echt ist: Der Link oben beginnt mit {origin} und ebenso die Adresszeile Ihres Browsers, wenn Sie ihn geöffnet haben. Im Zweifel öffnen Sie ihn nicht und fragen nach: {contact}, und zwar unter einer Nummer oder Adresse, die Sie schon vor dieser Nachricht kannten.",
	unknown:  "Falls Sie das nicht waren und nicht damit gerechnet haben, melden Sie es bitte sofort: {contact}.",
	lookHere: "Auf dieser Seite können Sie nachsehen:",
	mendHere: "Auf dieser Seite sehen Sie, was Sie tun können:",
	held: heldText{
		subject: "Ihre Gehaltsabrechnung von {company} wartet",
		waiting: "Ihre Gehaltsabrechnung von {company} liegt bereit, kann Ihnen aber noch nicht zugesandt werden.",
		ask:     "Wenn Sie Hilfe brauchen, wenden Sie sich bitte an: {contact}. Sobald das geklärt ist, wird Ihnen die Abrechnung ohne weiteres Zutun zugesandt.",
		reasons: map[payroll.HoldReason]string{
			payroll.HoldNoCertificate:      "Grund: Von Ihnen liegt noch kein OpenPGP-Zertifikat vor. Abrechnungen werden ausschließlich verschlüsselt versandt.",
			payroll.HoldNotVerified:        "Grund: Ihr OpenPGP-Zertifikat ist noch nicht überprüft. Sein Fingerabdruck muss mit Ihnen persönlich oder am Telefon verglichen werden.",
			payroll.HoldExpired:            "Grund: Ihr OpenPGP-Zertifikat ist abgelaufen. Verlängern Sie es oder erstellen Sie ein neues und reichen Sie den öffentlichen Teil ein.",
			payroll.HoldRevoked:            "Grund: Ihr OpenPGP-Zertifikat wurde widerrufen. Reichen Sie den öffentlichen Teil eines neuen ein.",
			payroll.HoldTooWeak:            "Grund: Ihr OpenPGP-Zertifikat genügt den heutigen Anforderungen nicht mehr. Reichen Sie den öffentlichen Teil eines stärkeren ein.",
			payroll.HoldUnusable:           "Grund: Mit Ihrem OpenPGP-Zertifikat kann nicht verschlüsselt werden. Reichen Sie den öffentlichen Teil eines geeigneten ein.",
			payroll.HoldCertificateChanged: "Grund: Ihr OpenPGP-Zertifikat hat sich geändert, und die Änderung muss bestätigt werden. Falls Sie nichts geändert haben, melden Sie das bitte sofort.",
			payroll.HoldChangeFreeze:       "Grund: Ihr Zertifikat oder Ihre Mailadresse wurde kurz vor dem Zahltag geändert; zu Ihrer Sicherheit wartet die Abrechnung, bis zwei Personen die Änderung angesehen haben. Falls Sie nichts geändert haben, melden Sie das bitte sofort.",
		},
	},
	invitation: passage{"{company}: Richten Sie Ihre verschlüsselte Gehaltsabrechnung ein", []string{
		"{company} verschickt Gehaltsabrechnungen per Mail, so verschlüsselt, dass nur Sie sie lesen können. Dafür brauchen Sie einen eigenen Schlüssel. Ihn einzurichten dauert etwa zehn Minuten; Vorkenntnisse sind nicht nötig.",
		"Auf dieser Seite geht es los:",
		"{link}",
		"Der Link ist nur für Sie bestimmt und funktioniert einmal, bis {until}. Bitte leiten Sie diese Nachricht nicht weiter.",
	}},
	link: passage{"{company}: der Link, den Sie angefordert haben", []string{
		"Es wurde ein Link zu der Seite angefordert, auf der Sie den Schlüssel für Ihre verschlüsselten Gehaltsabrechnungen von {company} verwalten. Hier ist er:",
		"{link}",
		"Der Link ist nur für Sie bestimmt und funktioniert einmal, bis {until}. Bitte leiten Sie diese Nachricht nicht weiter.",
		"Wenn Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun: Ohne diese Nachricht kann niemand den Link benutzen.",
	}},
	confirmOld: passage{"{company}: Soll Ihre Mailadresse geändert werden?", []string{
		"Jemand hat {company} gebeten, Ihre Gehaltsabrechnungen künftig an eine andere Mailadresse zu senden. Diese Nachricht geht an Ihre bisherige Adresse.",
		"Wenn Sie das waren, bestätigen Sie es auf dieser Seite:",
		"{link}",
		"Der Link funktioniert einmal, bis {until}. Nichts ändert sich, bevor beide Adressen, diese und die neue, zugestimmt haben.",
		"Wenn Sie das nicht waren, öffnen Sie den Link nicht und melden Sie es bitte sofort: {contact}.",
	}},
	confirmNew: passage{"{company}: Bestätigen Sie Ihre neue Mailadresse", []string{
		"Diese Mailadresse wurde als neue Adresse für Gehaltsabrechnungen von {company} angegeben.",
		"Wenn Sie das waren, bestätigen Sie es auf dieser Seite:",
		"{link}",
		"Der Link funktioniert einmal, bis {until}. Nichts ändert sich, bevor beide Adressen, die bisherige und diese, zugestimmt haben.",
		"Wenn Ihnen das nichts sagt, hat sich jemand vertippt: Beachten Sie diese Nachricht nicht, Sie hören dann nichts mehr davon.",
	}},
	changes: map[string]passage{
		payroll.TopicCertificateSubmitted: {"{company}: Für Ihre Gehaltsabrechnung wurde ein Schlüssel eingereicht", []string{
			"Für Ihre Gehaltsabrechnungen von {company} wurde ein neuer Schlüssel (ein OpenPGP-Zertifikat) eingereicht. Er wird noch nicht benutzt: Erst wird er mit Ihnen überprüft, und bis dahin ändert sich sonst nichts.",
		}},
		payroll.TopicCertificateCurrent: {"{company}: Ein Schlüssel wurde überprüft und ist jetzt in Gebrauch", []string{
			"Von jetzt an werden Ihre Gehaltsabrechnungen von {company} für den Schlüssel (das OpenPGP-Zertifikat) verschlüsselt, der überprüft wurde. Wenn Sie vorher einen anderen hatten, heben Sie ihn auf: Frühere Abrechnungen lassen sich nur mit ihm öffnen.",
		}},
		payroll.TopicCertificateRefreshed: {"{company}: Ihr Schlüssel wurde erneuert", []string{
			"Der Schlüssel (das OpenPGP-Zertifikat) für Ihre Gehaltsabrechnungen von {company} wurde mit neuen Angaben, etwa einem späteren Ablaufdatum, noch einmal eingereicht. Es ist derselbe Schlüssel; Sie brauchen nichts zu tun.",
		}},
		payroll.TopicCertificateRevoked: {"{company}: Ihr Schlüssel wird nicht mehr benutzt", []string{
			"Der Schlüssel (das OpenPGP-Zertifikat) für Ihre Gehaltsabrechnungen von {company} wurde aus dem Verkehr gezogen. Nichts wird mehr für ihn verschlüsselt. Abrechnungen warten auf Sie, bis ein neuer Schlüssel von Ihnen überprüft ist.",
		}},
		payroll.TopicAddressChanged: {"{company}: Ihre Mailadresse wurde geändert", []string{
			"Die Mailadresse, an die {company} Ihre Gehaltsabrechnungen sendet, wurde geändert. Diese Nachricht geht an die bisherige und an die neue Adresse.",
		}},
	},
	reminder: passage{"{company}: Ihr Schlüssel läuft am {end} ab", []string{
		"Der Schlüssel (das OpenPGP-Zertifikat), für den Ihre Gehaltsabrechnungen von {company} verschlüsselt werden, läuft am {end} ab. Danach kann für ihn nichts mehr verschlüsselt werden, und Ihre Abrechnungen müssen warten.",
		"Verlängern Sie ihn in dem Programm, mit dem Sie ihn erstellt haben, oder erstellen Sie einen neuen.",
	}},
	handIn:   "Reichen Sie dann den öffentlichen Teil auf dieser Seite ein:",
	handInTo: "Reichen Sie dann den öffentlichen Teil ein bei: {contact}.",
	digest: passage{"{company}: Wer für die nächste Abrechnung bereit ist", []string{
		"So steht es um die Beschäftigten von {company} vor dem Zahltag {end}:",
	}},
	counts: "Bereit: {ready}\nNicht bereit: {waiting}\nSchlüssel, die vor den nächsten zwei Zahltagen ablaufen: {ending}",
	report: passage{"{company}: Jemand aus der Belegschaft hat etwas gemeldet", []string{
		"Über das Formular für verschlüsselte Gehaltsabrechnungen von {company} ist eine Meldung eingegangen. Aus Vorsicht steht sie nicht in dieser Nachricht; payseal zeigt sie: payseal reports",
	}},
	alarm: passage{"{company}: payseal hat Alarm geschlagen", []string{
		"payseal hat bei {company} Alarm geschlagen: Etwas Freigegebenes wurde verändert, oder etwas ist nicht geschehen, als es geschehen sollte. Worum es geht, steht aus Vorsicht nicht in dieser Nachricht. Sehen Sie in der Konsole nach, oder rufen Sie auf: payseal alarms",
	}},
	proofCode: passage{"{company}: Ihr Code", []string{
		"Sie haben eine Nachricht geöffnet, die für Ihren Schlüssel verschlüsselt ist. Hier ist der Code, der das beweist:",
		"{code}",
		"Tippen Sie ihn auf der Seite ein, auf der Sie Ihren Schlüssel eingereicht haben. Er gilt {minutes} Minuten.",
		"Wenn Sie keinen Schlüssel eingereicht haben, hat das vielleicht jemand in Ihrem Namen getan: Benutzen Sie den Code nicht und melden Sie es bitte sofort: {contact}.",
	}},
	signInCode: passage{"{company}: Ihr Code zum Anmelden", []string{
		"Hier ist Ihr Code, um sich auf der Seite anzumelden, auf der Sie Ihren Schlüssel verwalten:",
		"{code}",
		"Tippen Sie ihn auf der Seite ein, auf der Sie ihn angefordert haben. Er gilt {minutes} Minuten.",
		"Wenn Sie ihn nicht angefordert haben, benutzen Sie ihn nicht. Kommt das noch einmal vor, melden Sie es bitte: {contact}.",
	}},
	neverTell: "Sagen Sie den Code niemandem, auch nicht am Telefon. Niemand von {company} wird Sie jemals danach fragen.",
	file: passage{"", []string{
		"Im Anhang ist eine verschlüsselte Datei von {company}. Nur Sie können sie öffnen.",
		"Speichern Sie {file} und öffnen Sie die Datei mit dem Programm, in dem Ihr Schlüssel liegt, zum Beispiel Kleopatra, GPG Keychain oder OpenKeychain. Es macht daraus eine lesbare Datei und sagt, ob die Signatur gültig und von {from} ist.",
		"Wird die Signatur nicht gültig genannt, vertrauen Sie der Datei nicht und fragen Sie nach: {contact}.",
	}},
}
