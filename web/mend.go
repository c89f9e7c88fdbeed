package web

import (
	"strings"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// mends are the commands that mend a refused certificate, the same in every
// language. EMAIL and FINGERPRINT are filled in.
var mends = map[string][]keystore.Code{
	"gpg --armor --export EMAIL": {
		keystore.CodeEmpty, keystore.CodeSeveralBlocks, keystore.CodeMessage, keystore.CodeSignature, keystore.CodeRevocationFile,
		keystore.CodeWrongLabel, keystore.CodeKeybox, keystore.CodeNotOpenPGP, keystore.CodeMalformed, keystore.CodeNoSelfSignature,
		keystore.CodeArmorChecksum, keystore.CodeNoUserID, keystore.CodeUserIDInvalid, keystore.CodeSubkeyUnbound,
	},
	"gpg --armor --export-options export-minimal --export EMAIL": {keystore.CodeTooLarge, keystore.CodeFlood},
	"gpg --armor --export FINGERPRINT":                           {keystore.CodeSeveralKeys},
	"gpg --armor --output key.asc --export EMAIL":                {keystore.CodeUTF16},
	"gpg --quick-add-key FINGERPRINT cv25519 encr": {
		keystore.CodeWeakSubkey, keystore.CodeNoSubkey, keystore.CodeSubkeyRevoked, keystore.CodeSubkeySHA1,
	},
	"gpg --cert-digest-algo SHA256 --quick-set-expire FINGERPRINT 2y": {keystore.CodeSHA1},
	"gpg --quick-add-uid FINGERPRINT 'Your Name <EMAIL>'":             {keystore.CodeWrongAddress, keystore.CodeHiddenAddress},
	"gpg --quick-set-expire FINGERPRINT 2y":                           {keystore.CodeExpired},
	"gpg --quick-set-expire FINGERPRINT 2y '*'":                       {keystore.CodeSubkeyExpired},
}

// mend is the command for a verdict; "" if none helps.
func mend(v keystore.Verdict, email payroll.Address) string {
	for command, codes := range mends {
		for _, code := range codes {
			if code != v.Code {
				continue
			}
			command = strings.ReplaceAll(command, "EMAIL", string(email))
			if v.Fingerprint != "" {
				command = strings.ReplaceAll(command, "FINGERPRINT", string(v.Fingerprint))
			}
			return command
		}
	}
	return ""
}
