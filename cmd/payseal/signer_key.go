package main

import (
	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/keystore"
)

// signerCredential is the name of the systemd credential that holds the locked
// signing key.
const signerCredential = "signer"

// signerKey reads the company's locked signing key and says where it was: the
// systemd credential, else the configured file, which only its owner may read.
// The credential's mode is systemd's business: it gives the file to this service
// alone.
func signerKey(c config.Signer) (content []byte, path string, err error) {
	content, path, err = config.Credential(signerCredential)
	if err != nil || path != "" {
		return content, path, err
	}
	content, err = keystore.ReadSecretFile(c.File)
	return content, c.File, err
}
