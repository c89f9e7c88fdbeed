package mailer

import "github.com/payseal/payseal/payroll"

// heldText is one language's wording. Nothing in it tells a period, an amount,
// an employee number or a name other than the company's.
type heldText struct {
	subject string
	waiting string
	ask     string
	caution string
	reasons map[payroll.HoldReason]string
}

// heldTexts are by primary language subtag.
var heldTexts = map[string]heldText{
	"en": {
		subject: "Your salary slip from {company} is waiting",
		waiting: "Your salary slip from {company} is ready, but it cannot be sent to you yet.",
		ask:     "Please ask {contact}. As soon as this is settled, the slip is sent to you without further request.",
		caution: "This message was written by a program and holds no pay data. {company} never asks for your password or your secret key.",
		reasons: map[payroll.HoldReason]string{
			payroll.HoldNoCertificate:      "Reason: there is no OpenPGP certificate for you yet. Slips are only ever sent encrypted.",
			payroll.HoldNotVerified:        "Reason: your OpenPGP certificate has not been verified yet. Its fingerprint must be compared with you in person or by phone.",
			payroll.HoldExpired:            "Reason: your OpenPGP certificate has expired. Extend it, or make a new one, and hand in its public half.",
			payroll.HoldRevoked:            "Reason: your OpenPGP certificate has been revoked. Hand in the public half of a new one.",
			payroll.HoldTooWeak:            "Reason: your OpenPGP certificate no longer meets today's requirements. Hand in the public half of a stronger one.",
			payroll.HoldUnusable:           "Reason: your OpenPGP certificate cannot be used for encryption. Hand in the public half of one that can.",
			payroll.HoldCertificateChanged: "Reason: your OpenPGP certificate has changed and the change must be confirmed. If you did not change it, say so at once.",
			payroll.HoldChangeFreeze:       "Reason: your certificate or your mail address changed shortly before payday; the slip waits for some days for your safety. If you did not change anything, say so at once.",
		},
	},
	"de": {
		subject: "Ihre Gehaltsabrechnung von {company} wartet",
		waiting: "Ihre Gehaltsabrechnung von {company} liegt bereit, kann Ihnen aber noch nicht zugesandt werden.",
		ask:     "Bitte wenden Sie sich an: {contact}. Sobald das geklärt ist, wird Ihnen die Abrechnung ohne weiteres Zutun zugesandt.",
		caution: "Diese Nachricht wurde von einem Programm verfasst und enthält keine Gehaltsdaten. {company} fragt Sie niemals nach Ihrem Passwort oder Ihrem geheimen Schlüssel.",
		reasons: map[payroll.HoldReason]string{
			payroll.HoldNoCertificate:      "Grund: Von Ihnen liegt noch kein OpenPGP-Zertifikat vor. Abrechnungen werden ausschließlich verschlüsselt versandt.",
			payroll.HoldNotVerified:        "Grund: Ihr OpenPGP-Zertifikat ist noch nicht überprüft. Sein Fingerabdruck muss mit Ihnen persönlich oder am Telefon verglichen werden.",
			payroll.HoldExpired:            "Grund: Ihr OpenPGP-Zertifikat ist abgelaufen. Verlängern Sie es oder erstellen Sie ein neues und reichen Sie den öffentlichen Teil ein.",
			payroll.HoldRevoked:            "Grund: Ihr OpenPGP-Zertifikat wurde widerrufen. Reichen Sie den öffentlichen Teil eines neuen ein.",
			payroll.HoldTooWeak:            "Grund: Ihr OpenPGP-Zertifikat genügt den heutigen Anforderungen nicht mehr. Reichen Sie den öffentlichen Teil eines stärkeren ein.",
			payroll.HoldUnusable:           "Grund: Mit Ihrem OpenPGP-Zertifikat kann nicht verschlüsselt werden. Reichen Sie den öffentlichen Teil eines geeigneten ein.",
			payroll.HoldCertificateChanged: "Grund: Ihr OpenPGP-Zertifikat hat sich geändert, und die Änderung muss bestätigt werden. Falls Sie nichts geändert haben, melden Sie das bitte sofort.",
			payroll.HoldChangeFreeze:       "Grund: Ihr Zertifikat oder Ihre Mailadresse wurde kurz vor dem Zahltag geändert; zu Ihrer Sicherheit wartet die Abrechnung einige Tage. Falls Sie nichts geändert haben, melden Sie das bitte sofort.",
		},
	},
	"fr": {
		subject: "Votre bulletin de paie de {company} est en attente",
		waiting: "Votre bulletin de paie de {company} est prêt, mais il ne peut pas encore vous être envoyé.",
		ask:     "Veuillez vous adresser à : {contact}. Dès que la question sera réglée, le bulletin vous sera envoyé sans autre démarche.",
		caution: "Ce message a été rédigé par un programme et ne contient aucune donnée de paie. {company} ne vous demandera jamais votre mot de passe ni votre clé secrète.",
		reasons: map[payroll.HoldReason]string{
			payroll.HoldNoCertificate:      "Motif : nous n'avons pas encore de certificat OpenPGP à votre nom. Les bulletins ne sont envoyés que chiffrés.",
			payroll.HoldNotVerified:        "Motif : votre certificat OpenPGP n'a pas encore été vérifié. Son empreinte doit être comparée avec vous, de vive voix ou par téléphone.",
			payroll.HoldExpired:            "Motif : votre certificat OpenPGP a expiré. Prolongez-le, ou créez-en un nouveau, et remettez-en la partie publique.",
			payroll.HoldRevoked:            "Motif : votre certificat OpenPGP a été révoqué. Remettez la partie publique d'un nouveau certificat.",
			payroll.HoldTooWeak:            "Motif : votre certificat OpenPGP ne répond plus aux exigences actuelles. Remettez la partie publique d'un certificat plus robuste.",
			payroll.HoldUnusable:           "Motif : votre certificat OpenPGP ne permet pas le chiffrement. Remettez la partie publique d'un certificat qui le permet.",
			payroll.HoldCertificateChanged: "Motif : votre certificat OpenPGP a changé et ce changement doit être confirmé. Si vous n'en êtes pas à l'origine, signalez-le immédiatement.",
			payroll.HoldChangeFreeze:       "Motif : votre certificat ou votre adresse a changé peu avant la paie ; pour votre sécurité, le bulletin attend quelques jours. Si vous n'avez rien changé, signalez-le immédiatement.",
		},
	},
	"es": {
		subject: "Su recibo de salario de {company} está en espera",
		waiting: "Su recibo de salario de {company} está listo, pero todavía no se le puede enviar.",
		ask:     "Diríjase a: {contact}. En cuanto se resuelva, el recibo se le enviará sin que tenga que volver a pedirlo.",
		caution: "Este mensaje lo ha escrito un programa y no contiene datos salariales. {company} nunca le pedirá su contraseña ni su clave secreta.",
		reasons: map[payroll.HoldReason]string{
			payroll.HoldNoCertificate:      "Motivo: todavía no hay ningún certificado OpenPGP suyo. Los recibos se envían únicamente cifrados.",
			payroll.HoldNotVerified:        "Motivo: su certificado OpenPGP todavía no se ha verificado. Su huella debe compararse con usted en persona o por teléfono.",
			payroll.HoldExpired:            "Motivo: su certificado OpenPGP ha caducado. Prorróguelo, o cree uno nuevo, y entregue su parte pública.",
			payroll.HoldRevoked:            "Motivo: su certificado OpenPGP ha sido revocado. Entregue la parte pública de uno nuevo.",
			payroll.HoldTooWeak:            "Motivo: su certificado OpenPGP ya no cumple los requisitos actuales. Entregue la parte pública de uno más robusto.",
			payroll.HoldUnusable:           "Motivo: su certificado OpenPGP no sirve para cifrar. Entregue la parte pública de uno que sirva.",
			payroll.HoldCertificateChanged: "Motivo: su certificado OpenPGP ha cambiado y el cambio debe confirmarse. Si no lo ha cambiado usted, avise de inmediato.",
			payroll.HoldChangeFreeze:       "Motivo: su certificado o su dirección de correo cambió poco antes del día de pago; por su seguridad, el recibo espera unos días. Si no ha cambiado nada, avise de inmediato.",
		},
	},
}
