package keystore

import (
	"bytes"
	"fmt"

	"github.com/payseal/payseal/payroll"
)

// ReadCompany reads who may have certified employees' certificates, without any
// passphrase, from the company's public certificate (payseal signer export
// --former) or from the file of its locked key. The first is the company's
// certificate of today; behind it come those of earlier keys, the latest first.
func ReadCompany(file []byte) ([]Certificate, error) {
	if secret, err := parseSecret(file); err == nil {
		certificate, err := publicHalf(secret)
		if err != nil {
			return nil, fmt.Errorf("read company certificate: %w", err)
		}
		return withFormersOf(certificate, file)
	}
	data := file
	if bytes.Contains(file, []byte("-----BEGIN PGP")) {
		blocks := unarmor(file)
		if len(blocks) == 0 || blocks[0].code != "" || blocks[0].label != "PGP PUBLIC KEY BLOCK" {
			return nil, fmt.Errorf("read company certificate: %w: the file does not begin with an OpenPGP certificate", payroll.ErrInvalid)
		}
		data = blocks[0].data
	}
	certificate, err := ReadCertificate(data)
	if err != nil {
		return nil, fmt.Errorf("read company certificate: %w", err)
	}
	return withFormersOf(certificate, file)
}

func withFormersOf(certificate Certificate, file []byte) ([]Certificate, error) {
	formers, err := readFormers(file)
	if err != nil {
		return nil, fmt.Errorf("read company certificate: %w", err)
	}
	return append([]Certificate{certificate}, formers...), nil
}

// WriteCompany is what ReadCompany reads: armored blocks, one after the other.
func WriteCompany(certificates []Certificate) (string, error) {
	var file []byte
	file, err := withFormers(file, certificates)
	return string(file), err
}
