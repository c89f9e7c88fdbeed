package keystore

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rsa"
	"math/big"
	"strconv"

	openpgpecdh "github.com/ProtonMail/go-crypto/openpgp/ecdh"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/ProtonMail/go-crypto/openpgp/x25519"
)

// strengthOf says whether a key is strong enough to be relied on: "" or the
// code that speaks against it. thorough adds the tests for a faulty RSA modulus
// that cost a millisecond, and those for a faulty point that cost a tenth of one;
// they are made once, when a certificate is judged. A key that has changed since
// has another fingerprint.
func strengthOf(key *packet.PublicKey, thorough bool) Code {
	switch key.PubKeyAlgo {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSAEncryptOnly, packet.PubKeyAlgoRSASignOnly:
		public, ok := key.PublicKey.(*rsa.PublicKey)
		if !ok {
			return CodeAlgorithm
		}
		return rsaStrength(public, thorough)
	case packet.PubKeyAlgoDSA, packet.PubKeyAlgoElGamal:
		return CodeWeakPrimary
	case packet.PubKeyAlgoECDSA, packet.PubKeyAlgoECDH, packet.PubKeyAlgoEdDSA:
		curve, err := key.Curve()
		if err != nil || !knownCurve(curve) {
			return CodeAlgorithm
		}
	case packet.PubKeyAlgoX25519, packet.PubKeyAlgoEd25519, packet.PubKeyAlgoEd448, packet.PubKeyAlgoX448:
	default:
		return CodeAlgorithm
	}
	if thorough {
		return pointStrength(key)
	}
	return ""
}

// subkeyStrength is strengthOf in the words for a subkey. thorough also asks
// whether a modulus is a prime, which costs some 20 ms.
func subkeyStrength(key *packet.PublicKey, thorough bool) Code {
	code := strengthOf(key, thorough)
	if code == CodeWeakPrimary || code == "" && thorough && isPrime(key) {
		return CodeWeakSubkey
	}
	return code
}

// isPrime reports, by Fermat's test to the base 2, whether an RSA modulus is no
// product at all. Above 4096 bits the question costs more than it is worth.
func isPrime(key *packet.PublicKey) bool {
	public, ok := key.PublicKey.(*rsa.PublicKey)
	if !ok || public.N.BitLen() > 4096 {
		return false
	}
	one := big.NewInt(1)
	less := new(big.Int).Sub(public.N, one)
	return new(big.Int).Exp(big.NewInt(2), less, public.N).Cmp(one) == 0
}

// pointStrength refuses the few points of Curve25519 with which every shared
// secret is zero (RFC 7748 §6.1).
func pointStrength(key *packet.PublicKey) Code {
	var point []byte
	switch public := key.PublicKey.(type) {
	case *x25519.PublicKey:
		point = public.Point
	case *openpgpecdh.PublicKey:
		if public.GetCurve().GetCurveName() != "curve25519" {
			return ""
		}
		point = public.Point
	default:
		return ""
	}
	there, err := ecdh.X25519().NewPublicKey(point)
	if err != nil {
		return CodeAlgorithm
	}
	any, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{0x5a}, 32))
	if err != nil {
		return CodeAlgorithm
	}
	if _, err := any.ECDH(there); err != nil {
		return CodeWeakPrimary
	}
	return ""
}

func knownCurve(curve packet.Curve) bool {
	switch curve {
	case packet.Curve25519, packet.Curve448, packet.CurveNistP256, packet.CurveNistP384, packet.CurveNistP521,
		packet.CurveBrainpoolP256, packet.CurveBrainpoolP384, packet.CurveBrainpoolP512:
		return true
	}
	return false
}

func rsaStrength(key *rsa.PublicKey, thorough bool) Code {
	bits := key.N.BitLen()
	switch {
	case bits < minRSA, bits > maxRSA, key.E < 3, key.E%2 == 0, key.N.Bit(0) == 0:
		return CodeWeakPrimary
	case thorough && (hasSmallFactor(key.N) || closePrimes(key.N)):
		return CodeWeakPrimary
	case isROCA(key.N):
		return CodeROCA
	}
	return ""
}

// smallPrimes are the odd primes below 2000.
var smallPrimes = sieve(2000)

func sieve(below int) []int64 {
	composite := make([]bool, below)
	var primes []int64
	for n := 3; n < below; n += 2 {
		if composite[n] {
			continue
		}
		primes = append(primes, int64(n))
		for m := n * n; m < below; m += 2 * n {
			composite[m] = true
		}
	}
	return primes
}

func hasSmallFactor(n *big.Int) bool {
	var remainder, divisor big.Int
	for _, p := range smallPrimes {
		if remainder.Mod(n, divisor.SetInt64(p)).Sign() == 0 {
			return true
		}
	}
	return false
}

// rocaPrimes are those by which the fault of CVE-2017-15361 shows. The primes of
// such a key are k*M + (65537^a mod M), M being a product of the first primes,
// so the modulus is a power of 65537 modulo each of them. A sound modulus is so
// by chance once in more than 2^27.
const rocaPrimes = 167

// isROCA is the discrete-logarithm fingerprint of Nemec and others (CCS 2017).
func isROCA(n *big.Int) bool {
	var remainder, divisor big.Int
	for _, p := range smallPrimes {
		if p > rocaPrimes {
			break
		}
		if !isPowerOf65537(remainder.Mod(n, divisor.SetInt64(p)).Int64(), p) {
			return false
		}
	}
	return true
}

func isPowerOf65537(x, p int64) bool {
	for power, i := int64(1), int64(0); i < p; i++ {
		if power == x {
			return true
		}
		power = power * (65537 % p) % p
	}
	return false
}

// closePrimes tries Fermat's factorisation for a hundred steps, which finds two
// primes that a faulty generator chose next to each other.
func closePrimes(n *big.Int) bool {
	var a, b, square big.Int
	a.Sqrt(n)
	one := big.NewInt(1)
	for range 100 {
		square.Mul(&a, &a)
		square.Sub(&square, n)
		if square.Sign() >= 0 {
			b.Sqrt(&square)
			if b.Mul(&b, &b).Cmp(&square) == 0 {
				return true
			}
		}
		a.Add(&a, one)
	}
	return false
}

// algorithmOf names a key's algorithm and size for people: "RSA 4096",
// "Ed25519", "ECDH P256".
func algorithmOf(key *packet.PublicKey) string {
	switch key.PubKeyAlgo {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSAEncryptOnly, packet.PubKeyAlgoRSASignOnly:
		return "RSA " + bitsOf(key)
	case packet.PubKeyAlgoDSA:
		return "DSA " + bitsOf(key)
	case packet.PubKeyAlgoElGamal:
		return "ElGamal " + bitsOf(key)
	case packet.PubKeyAlgoECDSA:
		return "ECDSA " + curveOf(key)
	case packet.PubKeyAlgoECDH:
		return "ECDH " + curveOf(key)
	case packet.PubKeyAlgoEdDSA, packet.PubKeyAlgoEd25519:
		return "Ed25519"
	case packet.PubKeyAlgoX25519:
		return "X25519"
	case packet.PubKeyAlgoEd448:
		return "Ed448"
	case packet.PubKeyAlgoX448:
		return "X448"
	}
	return "algorithm " + strconv.Itoa(int(key.PubKeyAlgo))
}

func bitsOf(key *packet.PublicKey) string {
	bits, err := key.BitLength()
	if err != nil {
		return "?"
	}
	return strconv.Itoa(int(bits))
}

func curveOf(key *packet.PublicKey) string {
	curve, err := key.Curve()
	if err != nil {
		return "?"
	}
	return string(curve)
}
