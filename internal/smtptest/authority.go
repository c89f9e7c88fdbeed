package smtptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// authority is a certificate authority that lives as long as its relay. Its
// secret is gone when the one certificate is made.
type authority struct {
	certificate *x509.Certificate
	pem         []byte
}

func (a authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// newAuthority makes an authority and a server certificate for the names.
func newAuthority(names []string, expires time.Time) (authority, tls.Certificate, error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authority{}, tls.Certificate{}, err
	}
	start := time.Now().Add(-time.Hour)
	if !start.Before(expires) {
		start = expires.Add(-time.Hour)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "smtptest authority"},
		NotBefore: start, NotAfter: expires.Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &caKey.PublicKey, caKey)
	if err != nil {
		return authority{}, tls.Certificate{}, err
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		return authority{}, tls.Certificate{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authority{}, tls.Certificate{}, err
	}
	leaf, err := x509.CreateCertificate(rand.Reader, leafTemplate(names, start, expires), ca, &key.PublicKey, caKey)
	if err != nil {
		return authority{}, tls.Certificate{}, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return authority{certificate: ca, pem: text}, tls.Certificate{Certificate: [][]byte{leaf}, PrivateKey: key}, nil
}

func leafTemplate(names []string, start, expires time.Time) *x509.Certificate {
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]},
		NotBefore: start, NotAfter: expires,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, name)
		}
	}
	return leaf
}
