package mailer

import "github.com/payseal/payseal/payroll"

var english = wording{
	caution:  "This message was written by a program and holds no pay data. {company} never asks for your password or your secret key.",
	genuine:  "How to see that this message is genuine: the link above begins with {origin} and so does the address line of your browser once you have opened it. If you are in doubt, do not open it, and ask {contact}, at a number or an address that you knew before this message came.",
	unknown:  "If you did not do this and did not expect it, tell {contact} at once.",
	lookHere: "You can look at it on this page:",
	mendHere: "Open this page to see what you can do:",
	held: heldText{
		subject: "Your salary slip from {company} is waiting",
		waiting: "Your salary slip from {company} is ready, but it cannot be sent to you yet.",
		ask:     "If you need help, ask {contact}. As soon as this is settled, the slip is sent to you without further request.",
		reasons: map[payroll.HoldReason]string{
			payroll.HoldNoCertificate:      "Reason: there is no OpenPGP certificate for you yet. Slips are only ever sent encrypted.",
			payroll.HoldNotVerified:        "Reason: your OpenPGP certificate has not been verified yet. Its fingerprint must be compared with you in person or by phone.",
			payroll.HoldExpired:            "Reason: your OpenPGP certificate has expired. Extend it, or make a new one, and hand in its public half.",
			payroll.HoldRevoked:            "Reason: your OpenPGP certificate has been revoked. Hand in the public half of a new one.",
			payroll.HoldTooWeak:            "Reason: your OpenPGP certificate no longer meets today's requirements. Hand in the public half of a stronger one.",
			payroll.HoldUnusable:           "Reason: your OpenPGP certificate cannot be used for encryption. Hand in the public half of one that can.",
			payroll.HoldCertificateChanged: "Reason: your OpenPGP certificate has changed and the change must be confirmed. If you did not change it, say so at once.",
			payroll.HoldChangeFreeze:       "Reason: your certificate or your mail address changed shortly before payday; the slip waits for your safety until two people have looked at the change. If you did not change anything, say so at once.",
		},
	},
	invitation: passage{"{company}: set up your encrypted salary slips", []string{
		"{company} sends salary slips by mail, encrypted so that nobody but you can read them. For that you need a key of your own. Setting it up takes about ten minutes, and you need not know anything about it beforehand.",
		"Open this page to begin:",
		"{link}",
		"The link is meant for you alone and works once, until {until}. Please do not forward this message.",
	}},
	link: passage{"{company}: the link that you asked for", []string{
		"A link was asked for to the page on which you look after the key for your encrypted salary slips from {company}. Here it is:",
		"{link}",
		"The link is meant for you alone and works once, until {until}. Please do not forward this message.",
		"If you did not ask for it, do nothing: without this message nobody can use the link.",
	}},
	confirmOld: passage{"{company}: is your mail address to change?", []string{
		"Someone asked that {company} send your salary slips to another mail address. This message goes to the address that you have had so far.",
		"If it was you, confirm it on this page:",
		"{link}",
		"The link works once, until {until}. Nothing changes before both addresses, this one and the new one, have confirmed it.",
		"If it was not you, do not open the link, and tell {contact} at once.",
	}},
	confirmNew: passage{"{company}: confirm your new mail address", []string{
		"This mail address was given as the new one for salary slips from {company}.",
		"If it was you, confirm it on this page:",
		"{link}",
		"The link works once, until {until}. Nothing changes before both addresses, the earlier one and this one, have confirmed it.",
		"If this means nothing to you, somebody made a slip of the pen: ignore this message, and you will not hear of it again.",
	}},
	changes: map[string]passage{
		payroll.TopicCertificateSubmitted: {"{company}: a key was handed in for your salary slips", []string{
			"A new key (an OpenPGP certificate) was handed in for your salary slips from {company}. It is not in use yet: it is checked with you first, and until then nothing else changes.",
		}},
		payroll.TopicCertificateCurrent: {"{company}: a key was checked and is now in use", []string{
			"From now on your salary slips from {company} are encrypted to the key (the OpenPGP certificate) that was checked. If you had another one before, keep it: slips that came earlier open only with that.",
		}},
		payroll.TopicCertificateRefreshed: {"{company}: your key was renewed", []string{
			"The key (the OpenPGP certificate) for your salary slips from {company} was handed in again with new particulars, such as a later end date. It is the same key; you need not do anything.",
		}},
		payroll.TopicCertificateRevoked: {"{company}: your key is no longer used", []string{
			"The key (the OpenPGP certificate) for your salary slips from {company} was taken out of use. Nothing is encrypted to it any more. Slips wait for you until a new key of yours has been checked.",
		}},
		payroll.TopicAddressChanged: {"{company}: your mail address was changed", []string{
			"The mail address to which {company} sends your salary slips was changed. This message goes to the earlier address and to the new one.",
		}},
	},
	reminder: passage{"{company}: your key ends on {end}", []string{
		"The key (the OpenPGP certificate) to which your salary slips from {company} are encrypted ends on {end}. After that no slip can be encrypted to it, and your slips have to wait.",
		"Extend it in the program with which you made it, or make a new one.",
	}},
	handIn:   "Then hand in its public half on this page:",
	handInTo: "Then hand in its public half to {contact}.",
	digest: passage{"{company}: who is ready for the next salary slips", []string{
		"This is how the employees of {company} stand before the pay date {end}:",
	}},
	counts: "Ready: {ready}\nNot ready: {waiting}\nKeys that end before the next two pay dates: {ending}",
	report: passage{"{company}: an employee reported something", []string{
		"An employee of {company} reported something through the form for encrypted salary slips. For safety's sake the report is not in this message; payseal shows it: payseal reports",
	}},
	alarm: passage{"{company}: payseal has raised an alarm", []string{
		"payseal at {company} has raised an alarm: something that was approved was changed, or did not happen when it should. What it is about is not in this message, for safety's sake. Look at the console, or run: payseal alarms",
	}},
	proofCode: passage{"{company}: your code", []string{
		"You have opened a message that is encrypted to your key. Here is the code that proves it:",
		"{code}",
		"Type it into the page on which you handed in your key. It works for {minutes} minutes.",
		"If you did not hand in a key, somebody else may have done it in your name: do not use the code, and tell {contact} at once.",
	}},
	signInCode: passage{"{company}: your code to sign in", []string{
		"Here is your code to sign in to the page on which you look after your key:",
		"{code}",
		"Type it into the page on which you asked for it. It works for {minutes} minutes.",
		"If you did not ask for it, do not use it. If that happens again, tell {contact}.",
	}},
	neverTell: "Never tell the code to anyone, not on the telephone either. Nobody at {company} will ever ask you for it.",
	file: passage{"", []string{
		"Attached is an encrypted file from {company}. Only you can open it.",
		"Save {file} and open it with the program that holds your key, such as Kleopatra, GPG Keychain or OpenKeychain. It makes a readable file of it and says whether the signature is good and made by {from}.",
		"If the signature is not called good, do not trust the file, and ask {contact}.",
	}},
}
