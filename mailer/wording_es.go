package mailer

import "github.com/payseal/payseal/payroll"

var spanish = wording{
	caution:  "Este mensaje lo ha escrito un programa y no contiene datos salariales. {company} nunca le pedirá su contraseña ni su clave secreta.",
	genuine:  "Cómo comprobar que este mensaje es auténtico: el enlace de arriba empieza por {origin} y también la barra de direcciones de su navegador cuando lo haya abierto. Si tiene dudas, no lo abra y pregunte a {contact}, en un número o una dirección que ya conociera antes de este mensaje.",
	unknown:  "Si no ha sido usted y no lo esperaba, avise de inmediato: {contact}.",
	lookHere: "Puede verlo en esta página:",
	mendHere: "Abra esta página para ver qué puede hacer:",
	held: heldText{
		subject: "Su recibo de salario de {company} está en espera",
		waiting: "Su recibo de salario de {company} está listo, pero todavía no se le puede enviar.",
		ask:     "Si necesita ayuda, diríjase a: {contact}. En cuanto se resuelva, el recibo se le enviará sin que tenga que volver a pedirlo.",
		reasons: map[payroll.HoldReason]string{
			payroll.HoldNoCertificate:      "Motivo: todavía no hay ningún certificado OpenPGP suyo. Los recibos se envían únicamente cifrados.",
			payroll.HoldNotVerified:        "Motivo: su certificado OpenPGP todavía no se ha verificado. Su huella debe compararse con usted en persona o por teléfono.",
			payroll.HoldExpired:            "Motivo: su certificado OpenPGP ha caducado. Prorróguelo, o cree uno nuevo, y entregue su parte pública.",
			payroll.HoldRevoked:            "Motivo: su certificado OpenPGP ha sido revocado. Entregue la parte pública de uno nuevo.",
			payroll.HoldTooWeak:            "Motivo: su certificado OpenPGP ya no cumple los requisitos actuales. Entregue la parte pública de uno más robusto.",
			payroll.HoldUnusable:           "Motivo: su certificado OpenPGP no sirve para cifrar. Entregue la parte pública de uno que sirva.",
			payroll.HoldCertificateChanged: "Motivo: su certificado OpenPGP ha cambiado y el cambio debe confirmarse. Si no lo ha cambiado usted, avise de inmediato.",
			payroll.HoldChangeFreeze:       "Motivo: su certificado o su dirección de correo cambió poco antes del día de pago; por su seguridad, el recibo espera hasta que dos personas hayan revisado el cambio. Si no ha cambiado nada, avise de inmediato.",
		},
	},
	invitation: passage{"{company}: prepare sus recibos de salario cifrados", []string{
		"{company} envía los recibos de salario por correo, cifrados de modo que solo usted pueda leerlos. Para ello necesita una clave propia. Prepararla lleva unos diez minutos y no hace falta saber nada de antemano.",
		"Para empezar, abra esta página:",
		"{link}",
		"El enlace es solo para usted y sirve una sola vez, hasta el {until}. No reenvíe este mensaje.",
	}},
	link: passage{"{company}: el enlace que ha pedido", []string{
		"Se ha pedido un enlace a la página en la que gestiona la clave de sus recibos de salario cifrados de {company}. Aquí lo tiene:",
		"{link}",
		"El enlace es solo para usted y sirve una sola vez, hasta el {until}. No reenvíe este mensaje.",
		"Si no lo ha pedido, no haga nada: sin este mensaje nadie puede usar el enlace.",
	}},
	confirmOld: passage{"{company}: ¿debe cambiar su dirección de correo?", []string{
		"Alguien ha pedido que {company} envíe sus recibos de salario a otra dirección de correo. Este mensaje va a la dirección que ha tenido hasta ahora.",
		"Si ha sido usted, confírmelo en esta página:",
		"{link}",
		"El enlace sirve una sola vez, hasta el {until}. Nada cambia hasta que las dos direcciones, esta y la nueva, lo hayan confirmado.",
		"Si no ha sido usted, no abra el enlace y avise de inmediato: {contact}.",
	}},
	confirmNew: passage{"{company}: confirme su nueva dirección de correo", []string{
		"Esta dirección de correo se ha indicado como la nueva para los recibos de salario de {company}.",
		"Si ha sido usted, confírmelo en esta página:",
		"{link}",
		"El enlace sirve una sola vez, hasta el {until}. Nada cambia hasta que las dos direcciones, la anterior y esta, lo hayan confirmado.",
		"Si no sabe de qué se trata, alguien se ha equivocado al escribir: no haga caso de este mensaje y no volverá a saber de ello.",
	}},
	changes: map[string]passage{
		payroll.TopicCertificateSubmitted: {"{company}: se ha entregado una clave para sus recibos de salario", []string{
			"Se ha entregado una clave nueva (un certificado OpenPGP) para sus recibos de salario de {company}. Todavía no se usa: antes se comprobará con usted, y hasta entonces no cambia nada más.",
		}},
		payroll.TopicCertificateCurrent: {"{company}: se ha comprobado una clave y ya está en uso", []string{
			"Desde ahora sus recibos de salario de {company} se cifran para la clave (el certificado OpenPGP) que se ha comprobado. Si antes tenía otra, guárdela: los recibos anteriores solo se abren con ella.",
		}},
		payroll.TopicCertificateRefreshed: {"{company}: se ha renovado su clave", []string{
			"La clave (el certificado OpenPGP) de sus recibos de salario de {company} se ha entregado otra vez con datos nuevos, por ejemplo una fecha de fin posterior. Es la misma clave; no tiene que hacer nada.",
		}},
		payroll.TopicCertificateRevoked: {"{company}: su clave ya no se usa", []string{
			"La clave (el certificado OpenPGP) de sus recibos de salario de {company} se ha retirado. Ya no se cifra nada para ella. Los recibos le esperan hasta que se haya comprobado una clave nueva suya.",
		}},
		payroll.TopicAddressChanged: {"{company}: se ha cambiado su dirección de correo", []string{
			"Se ha cambiado la dirección de correo a la que {company} envía sus recibos de salario. Este mensaje va a la dirección anterior y a la nueva.",
		}},
	},
	reminder: passage{"{company}: su clave caduca el {end}", []string{
		"La clave (el certificado OpenPGP) para la que se cifran sus recibos de salario de {company} caduca el {end}. Después no se podrá cifrar nada para ella, y sus recibos tendrán que esperar.",
		"Prorróguela en el programa con el que la creó, o cree una nueva.",
	}},
	handIn:   "Entregue después su parte pública en esta página:",
	handInTo: "Entregue después su parte pública a: {contact}.",
	digest: passage{"{company}: quién está listo para los próximos recibos", []string{
		"Así están los empleados de {company} antes del día de pago {end}:",
	}},
	counts: "Listos: {ready}\nNo listos: {waiting}\nClaves que caducan antes de los dos próximos días de pago: {ending}",
	report: passage{"{company}: un empleado ha avisado de algo", []string{
		"Un empleado de {company} ha avisado de algo en el formulario de los recibos de salario cifrados. Por prudencia el aviso no está en este mensaje; payseal lo muestra: payseal reports",
	}},
	alarm: passage{"{company}: payseal ha dado la alarma", []string{
		"payseal ha dado la alarma en {company}: algo que estaba aprobado se ha modificado, o algo no ocurrió cuando debía. Por prudencia este mensaje no dice qué. Mire la consola o ejecute: payseal alarms",
	}},
	proofCode: passage{"{company}: su código", []string{
		"Ha abierto un mensaje cifrado para su clave. Este es el código que lo demuestra:",
		"{code}",
		"Escríbalo en la página en la que entregó su clave. Vale durante {minutes} minutos.",
		"Si no ha entregado ninguna clave, quizá lo haya hecho otra persona en su nombre: no use el código y avise de inmediato: {contact}.",
	}},
	signInCode: passage{"{company}: su código para entrar", []string{
		"Este es su código para entrar en la página en la que gestiona su clave:",
		"{code}",
		"Escríbalo en la página en la que lo pidió. Vale durante {minutes} minutos.",
		"Si no lo ha pedido, no lo use. Si vuelve a ocurrir, avise: {contact}.",
	}},
	neverTell: "No diga el código a nadie, tampoco por teléfono. Nadie de {company} se lo pedirá nunca.",
	file: passage{"", []string{
		"Se adjunta un archivo cifrado de {company}. Solo usted puede abrirlo.",
		"Guarde {file} y ábralo con el programa que contiene su clave, por ejemplo Kleopatra, GPG Keychain u OpenKeychain. Lo convierte en un archivo legible y dice si la firma es válida y de {from}.",
		"Si no dice que la firma es válida, no se fíe del archivo y pregunte a: {contact}.",
	}},
}
