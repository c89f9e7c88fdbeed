package mailer

import "github.com/payseal/payseal/payroll"

var french = wording{
	caution:  "Ce message a été rédigé par un programme et ne contient aucune donnée de paie. {company} ne vous demandera jamais votre mot de passe ni votre clé secrète.",
	genuine:  "Pour vérifier que ce message est authentique : le lien ci-dessus commence par {origin} et la barre d'adresse de votre navigateur aussi, une fois la page ouverte. En cas de doute, ne l'ouvrez pas et demandez à {contact}, à un numéro ou une adresse que vous connaissiez déjà avant ce message.",
	unknown:  "Si vous n'en êtes pas à l'origine et ne vous y attendiez pas, signalez-le immédiatement : {contact}.",
	lookHere: "Vous pouvez le vérifier sur cette page :",
	mendHere: "Ouvrez cette page pour voir ce que vous pouvez faire :",
	held: heldText{
		subject: "Votre bulletin de paie de {company} est en attente",
		waiting: "Votre bulletin de paie de {company} est prêt, mais il ne peut pas encore vous être envoyé.",
		ask:     "Si vous avez besoin d'aide, adressez-vous à : {contact}. Dès que la question sera réglée, le bulletin vous sera envoyé sans autre démarche.",
		reasons: map[payroll.HoldReason]string{
			payroll.HoldNoCertificate:      "Motif : nous n'avons pas encore de certificat OpenPGP à votre nom. Les bulletins ne sont envoyés que chiffrés.",
			payroll.HoldNotVerified:        "Motif : votre certificat OpenPGP n'a pas encore été vérifié. Son empreinte doit être comparée avec vous, de vive voix ou par téléphone.",
			payroll.HoldExpired:            "Motif : votre certificat OpenPGP a expiré. Prolongez-le, ou créez-en un nouveau, et remettez-en la partie publique.",
			payroll.HoldRevoked:            "Motif : votre certificat OpenPGP a été révoqué. Remettez la partie publique d'un nouveau certificat.",
			payroll.HoldTooWeak:            "Motif : votre certificat OpenPGP ne répond plus aux exigences actuelles. Remettez la partie publique d'un certificat plus robuste.",
			payroll.HoldUnusable:           "Motif : votre certificat OpenPGP ne permet pas le chiffrement. Remettez la partie publique d'un certificat qui le permet.",
			payroll.HoldCertificateChanged: "Motif : votre certificat OpenPGP a changé et ce changement doit être confirmé. Si vous n'en êtes pas à l'origine, signalez-le immédiatement.",
			payroll.HoldChangeFreeze:       "Motif : votre certificat ou votre adresse a changé peu avant la paie ; pour votre sécurité, le bulletin attend que deux personnes aient examiné le changement. Si vous n'avez rien changé, signalez-le immédiatement.",
		},
	},
	invitation: passage{"{company} : préparez vos bulletins de paie chiffrés", []string{
		"{company} envoie les bulletins de paie par courriel, chiffrés de sorte que vous seul puissiez les lire. Pour cela, il vous faut une clé à vous. La mise en place prend une dizaine de minutes et ne demande aucune connaissance particulière.",
		"Pour commencer, ouvrez cette page :",
		"{link}",
		"Le lien est pour vous seul et ne sert qu'une fois, jusqu'au {until}. Merci de ne pas transférer ce message.",
	}},
	link: passage{"{company} : le lien que vous avez demandé", []string{
		"Un lien a été demandé vers la page où vous gérez la clé de vos bulletins de paie chiffrés de {company}. Le voici :",
		"{link}",
		"Le lien est pour vous seul et ne sert qu'une fois, jusqu'au {until}. Merci de ne pas transférer ce message.",
		"Si vous ne l'avez pas demandé, ne faites rien : sans ce message, personne ne peut utiliser le lien.",
	}},
	confirmOld: passage{"{company} : votre adresse doit-elle changer ?", []string{
		"Quelqu'un a demandé que {company} envoie vos bulletins de paie à une autre adresse. Ce message est envoyé à votre adresse actuelle.",
		"Si c'est vous, confirmez-le sur cette page :",
		"{link}",
		"Le lien ne sert qu'une fois, jusqu'au {until}. Rien ne change avant que les deux adresses, celle-ci et la nouvelle, l'aient confirmé.",
		"Si ce n'est pas vous, n'ouvrez pas le lien et signalez-le immédiatement : {contact}.",
	}},
	confirmNew: passage{"{company} : confirmez votre nouvelle adresse", []string{
		"Cette adresse a été indiquée comme la nouvelle adresse pour les bulletins de paie de {company}.",
		"Si c'est vous, confirmez-le sur cette page :",
		"{link}",
		"Le lien ne sert qu'une fois, jusqu'au {until}. Rien ne change avant que les deux adresses, l'ancienne et celle-ci, l'aient confirmé.",
		"Si cela ne vous dit rien, quelqu'un s'est trompé en tapant : ignorez ce message, vous n'en entendrez plus parler.",
	}},
	changes: map[string]passage{
		payroll.TopicCertificateSubmitted: {"{company} : une clé a été remise pour vos bulletins de paie", []string{
			"Une nouvelle clé (un certificat OpenPGP) a été remise pour vos bulletins de paie de {company}. Elle ne sert pas encore : elle sera d'abord vérifiée avec vous, et d'ici là rien d'autre ne change.",
		}},
		payroll.TopicCertificateCurrent: {"{company} : une clé a été vérifiée et sert désormais", []string{
			"Désormais, vos bulletins de paie de {company} sont chiffrés pour la clé (le certificat OpenPGP) qui a été vérifiée. Si vous en aviez une autre, gardez-la : les bulletins précédents ne s'ouvrent qu'avec elle.",
		}},
		payroll.TopicCertificateRefreshed: {"{company} : votre clé a été renouvelée", []string{
			"La clé (le certificat OpenPGP) de vos bulletins de paie de {company} a été remise de nouveau avec des indications récentes, comme une date de fin plus lointaine. C'est la même clé ; vous n'avez rien à faire.",
		}},
		payroll.TopicCertificateRevoked: {"{company} : votre clé ne sert plus", []string{
			"La clé (le certificat OpenPGP) de vos bulletins de paie de {company} a été retirée. Plus rien n'est chiffré pour elle. Les bulletins restent en attente jusqu'à ce qu'une nouvelle clé à vous ait été vérifiée.",
		}},
		payroll.TopicAddressChanged: {"{company} : votre adresse a été changée", []string{
			"L'adresse à laquelle {company} envoie vos bulletins de paie a été changée. Ce message est envoyé à l'ancienne adresse et à la nouvelle.",
		}},
	},
	reminder: passage{"{company} : votre clé expire le {end}", []string{
		"La clé (le certificat OpenPGP) pour laquelle vos bulletins de paie de {company} sont chiffrés expire le {end}. Après cette date, plus rien ne peut être chiffré pour elle, et vos bulletins devront attendre.",
		"Prolongez-la dans le logiciel avec lequel vous l'avez créée, ou créez-en une nouvelle.",
	}},
	handIn:   "Remettez-en ensuite la partie publique sur cette page :",
	handInTo: "Remettez-en ensuite la partie publique à : {contact}.",
	digest: passage{"{company} : qui est prêt pour les prochains bulletins", []string{
		"Voici où en sont les salariés de {company} avant la paie du {end} :",
	}},
	counts: "Prêts : {ready}\nPas prêts : {waiting}\nClés qui expirent avant les deux prochaines paies : {ending}",
	report: passage{"{company} : un salarié a signalé quelque chose", []string{
		"Un salarié de {company} a signalé quelque chose dans le formulaire des bulletins de paie chiffrés. Par prudence, le signalement n'est pas dans ce message ; payseal le montre : payseal reports",
	}},
	alarm: passage{"{company} : payseal a déclenché une alerte", []string{
		"payseal a déclenché une alerte chez {company} : quelque chose qui avait été approuvé a été modifié, ou n'a pas eu lieu au moment prévu. Par prudence, ce message ne dit pas quoi. Consultez la console ou lancez : payseal alarms",
	}},
	proofCode: passage{"{company} : votre code", []string{
		"Vous avez ouvert un message chiffré pour votre clé. Voici le code qui le prouve :",
		"{code}",
		"Tapez-le sur la page où vous avez remis votre clé. Il est valable {minutes} minutes.",
		"Si vous n'avez pas remis de clé, quelqu'un l'a peut-être fait en votre nom : n'utilisez pas le code et signalez-le immédiatement : {contact}.",
	}},
	signInCode: passage{"{company} : votre code de connexion", []string{
		"Voici votre code pour vous connecter à la page où vous gérez votre clé :",
		"{code}",
		"Tapez-le sur la page où vous l'avez demandé. Il est valable {minutes} minutes.",
		"Si vous ne l'avez pas demandé, ne l'utilisez pas. Si cela se reproduit, signalez-le : {contact}.",
	}},
	neverTell: "Ne communiquez ce code à personne, pas même au téléphone. Personne chez {company} ne vous le demandera jamais.",
	file: passage{"", []string{
		"Vous trouverez ci-joint un fichier chiffré de {company}. Vous seul pouvez l'ouvrir.",
		"Enregistrez {file} et ouvrez-le avec le logiciel qui contient votre clé, comme Kleopatra, GPG Keychain ou OpenKeychain. Il en fait un fichier lisible et dit si la signature est valable et vient de {from}.",
		"Si la signature n'est pas dite valable, ne vous fiez pas au fichier et demandez à : {contact}.",
	}},
}
