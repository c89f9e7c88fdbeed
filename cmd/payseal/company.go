package main

import (
	"fmt"
	"os"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/keystore"
)

// companyOf are the company's certificates, today's first and then those of
// earlier keys, from the public file of a host without the signing key, else from
// that key's file. No passphrase is asked for.
func companyOf(c config.Config) ([]keystore.Certificate, error) {
	if c.Web.CompanyCertificateFile != "" {
		file, err := os.ReadFile(c.Web.CompanyCertificateFile)
		if err != nil {
			return nil, fmt.Errorf("read web.company_certificate_file: %w", err)
		}
		return keystore.ReadCompany(file)
	}
	key, _, err := signerKey(c.Signer)
	if err != nil {
		return nil, fmt.Errorf("read the company's certificate (web.company_certificate_file, or the public half of signer.file): %w", err)
	}
	return keystore.ReadCompany(key)
}
