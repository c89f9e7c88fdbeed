package keystore

import (
	"crypto/sha1" // the Web Key Directory names it, and nothing rests on it
	"encoding/base32"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// zBase32 is the alphabet of Z-Base-32 (RFC 6189 §5.1.6).
var zBase32 = base32.NewEncoding("ybndrfg8ejkmcpqxot1uwisza345h769").WithPadding(base32.NoPadding)

// WKDHash is the name under which a Web Key Directory keeps the certificate of an
// address: 32 characters from its local part, in which A to Z count as a to z
// (draft-koch-openpgp-webkey-service §3.1). "" for no address.
func WKDHash(a payroll.Address) string {
	local, _, found := strings.Cut(string(a), "@")
	if !found || local == "" {
		return ""
	}
	sum := sha1.Sum([]byte(lowerASCII(local)))
	return zBase32.EncodeToString(sum[:])
}

func lowerASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}
