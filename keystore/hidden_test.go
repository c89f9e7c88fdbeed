package keystore

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

const privateLabel = "PGP PRIVATE KEY BLOCK"

// aSecret is a secret key in binary.
func aSecret(t testing.TB) []byte { return newForge(t, born).secret().user(aliceID).bytes() }

func zipped(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	var w bytes.Buffer
	z := zip.NewWriter(&w)
	for _, entry := range []struct {
		name    string
		content []byte
	}{{"readme.txt", []byte("my keys")}, {name, content}} {
		f, err := z.Create(entry.name)
		if err == nil {
			_, err = f.Write(entry.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var w bytes.Buffer
	z := gzip.NewWriter(&w)
	if _, err := z.Write(content); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

func tarred(t testing.TB, content []byte) []byte {
	t.Helper()
	var w bytes.Buffer
	z := tar.NewWriter(&w)
	err := z.WriteHeader(&tar.Header{Name: "secring.gpg", Size: int64(len(content)), Mode: 0o600})
	if err == nil {
		_, err = z.Write(content)
	}
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

// pdfWith is a PDF with an attachment, compressed or not.
func pdfWith(t testing.TB, content []byte, compressed bool) []byte {
	t.Helper()
	if compressed {
		var w bytes.Buffer
		z := zlib.NewWriter(&w)
		if _, err := z.Write(content); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		content = w.Bytes()
	}
	return []byte("%PDF-1.7\n1 0 obj\n<</Type /EmbeddedFile>>\nstream\r\n" + string(content) + "\nendstream\nendobj\n%%EOF\n")
}

func base64Lines(data []byte) string {
	text := base64.StdEncoding.EncodeToString(data)
	var lines strings.Builder
	for len(text) > 64 {
		lines.WriteString(text[:64] + "\r\n")
		text = text[64:]
	}
	return lines.String() + text + "\r\n"
}

func asJSON(t testing.TB, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// disguises are secret keys as people hand them in without knowing it.
func disguises(t testing.TB) map[string][]byte {
	t.Helper()
	secret := aSecret(t)
	block := armored(privateLabel, secret)
	letter := func(body string) []byte {
		return []byte("From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body + "--x--\r\n")
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := x509.MarshalPKCS1PrivateKey(forgeRSA(t, 2048, 0))
	subkey := newForge(t, born)
	subkey.sub.IsSubkey = true
	if err := subkey.sub.Serialize(&subkey.out); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"a secret subkey alone":                 subkey.bytes(),
		"base64 without its lines":              []byte(base64Lines(secret)),
		"base64 on one line":                    []byte(base64.StdEncoding.EncodeToString(secret)),
		"base64 behind a sentence":              []byte("Here it is:\n\n" + base64Lines(secret)),
		"base64 in base64":                      []byte(base64Lines([]byte(base64Lines(secret)))),
		"base64 beside an armored certificate":  []byte(armored(publicLabel, good(t).bytes()) + "\n" + base64Lines(secret)),
		"the block without its first dashes":    []byte(strings.TrimPrefix(block, "-----")),
		"with the dashes of a word processor":   []byte(strings.ReplaceAll(block, "-----", "\u2014\u2014\u2013")),
		"quoted in a reply":                     []byte("> " + strings.ReplaceAll(block, "\n", "\n> ")),
		"in a web page":                         []byte("<html><body><p>" + strings.ReplaceAll(block, "\n", "<br>\n") + "</body></html>"),
		"in a letter, the block in base64":      letter(base64Lines([]byte(block))),
		"in a letter, the packets in base64":    letter(base64Lines(secret)),
		"in JSON, as Mailvelope keeps it":       asJSON(t, map[string]any{"keyring": map[string]any{"privateKeys": []string{block}}}),
		"in JSON, as a provider exports it":     asJSON(t, []map[string]any{{"ID": "x", "PrivateKey": block, "Primary": 1}}),
		"in JSON, in base64":                    asJSON(t, map[string][]byte{"backup": secret}),
		"UTF-16, little end first, with a mark": utf16Text(block, binary.LittleEndian, true),
		"UTF-16, big end first":                 utf16Text(block, binary.BigEndian, false),
		"UTF-16, base64 without its lines":      utf16Text(base64Lines(secret), binary.LittleEndian, true),
		"in a zip archive":                      zipped(t, "private.asc", []byte(block)),
		"in a zip archive, binary":              zipped(t, "secring.gpg", secret),
		"in a zip archive in another":           zipped(t, "backup.zip", zipped(t, "private.asc", []byte(block))),
		"in a word processor's document":        zipped(t, "word/document.xml", []byte("<w:t>"+strings.ReplaceAll(block, "\n", "</w:t><w:t>")+"</w:t>")),
		"in an older document":                  append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), utf16Text(block, binary.LittleEndian, false)...),
		"compressed":                            gzipped(t, []byte(block)),
		"compressed, binary":                    gzipped(t, secret),
		"in a tar archive":                      tarred(t, secret),
		"in a compressed tar archive":           gzipped(t, tarred(t, secret)),
		"attached to a PDF":                     pdfWith(t, []byte(block), true),
		"attached to a PDF, binary":             pdfWith(t, secret, true),
		"attached to a PDF, not compressed":     pdfWith(t, secret, false),
		"GnuPG's private-keys-v1.d, of old":     []byte("(21:protected-private-key(3:ecc(5:curve7:Ed25519)(5:flags5:eddsa)(1:q33:\x40abc)(9:protected25:openpgp-s2k3-ocb-aes(\x01\x02))))"),
		"GnuPG's private-keys-v1.d":             []byte("Created: 20250101T120000\nKey: (protected-private-key (rsa (n #00C2#)(e #010001#)\n (protected openpgp-s2k3-ocb-aes #1234#)))\n"),
		"GnuPG's private-keys-v1.d, open":       []byte("Key: (private-key (ecc (curve Ed25519)(flags eddsa)(q #40AB#)(d #12#)))\n"),
		"printed by paperkey":                   []byte("# Secret portions of key 1234\n# Base16 data extracted Fri Jan  1\n\n  1: 00 04 8B FC 5E F1 3C D3\n"),
		"of PuTTY":                              []byte("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\nAAAAIGx1\n"),
		"of OpenSSH":                            []byte("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----\n"),
		"of age":                                []byte("# created: 2025-01-01\nAGE-SECRET-KEY-1QQQQQQ\n"),
		"PKCS #8 in PEM":                        pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
		"PKCS #8, encrypted, in PEM":            []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"),
		"PKCS #8":                               pkcs8,
		"PKCS #1":                               pkcs1,
		"SEC 1":                                 sec1,
		"a JSON Web Key":                        []byte(`{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS"}`),
	}
}

func TestSecretsInDisguise(t *testing.T) {
	t.Parallel()
	for name, file := range disguises(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, v := Judge(file, alice, now)
			if v.Code != CodeSecretKey || v.Accepted() || !c.IsZero() {
				t.Errorf("verdict %s", v.Code)
			}
			if _, v := Judge(append([]byte("\xef\xbb\xbf"), file...), alice, now); file[0]&0x80 == 0 && v.Code != CodeSecretKey {
				t.Errorf("behind a byte-order mark: verdict %s", v.Code)
			}
		})
	}
}

// TestSecretsOfPrograms takes the files that gpg and openssl themselves write.
func TestSecretsOfPrograms(t *testing.T) {
	t.Parallel()
	needProgram(t, "openssl")
	g := newGnupg(t)
	g.generate("alice@acme.example", ed25519Key)
	files := map[string][]byte{}
	add := func(name string, raw []byte) { files[name] = raw }
	for name, args := range map[string][]string{
		"export-secret-keys": {"--export-secret-keys"}, "export-secret-subkeys": {"--export-secret-subkeys"},
		"armored": {"--armor", "--export-secret-keys"}, "backup": {"--export-options", "backup", "--export-secret-keys"},
	} {
		out, _ := g.must(nil, args...)
		add(name, []byte(out))
	}
	keys, err := filepath.Glob(filepath.Join(g.home, "private-keys-v1.d", "*.key"))
	if err != nil || len(keys) == 0 {
		t.Fatalf("gpg keeps no keys: %v", err)
	}
	for _, key := range keys {
		raw, err := os.ReadFile(key)
		if err != nil {
			t.Fatal(err)
		}
		add("private-keys-v1.d", raw)
	}
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	for name, args := range map[string][]string{
		"key.der": {"genpkey", "-algorithm", "ed25519", "-outform", "DER", "-out", path("key.der")},
		"locked":  {"genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:x", "-outform", "PEM", "-out", path("locked")},
	} {
		runOpenSSL(t, args...)
		add(name, readFixture(t, path(name)))
	}
	runOpenSSL(t, "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", path("k"), "-out", path("c"), "-subj", "/CN=a", "-days", "9")
	runOpenSSL(t, "pkcs12", "-export", "-inkey", path("k"), "-in", path("c"), "-out", path("p12"), "-passout", "pass:x")
	runOpenSSL(t, "pkcs8", "-topk8", "-in", path("k"), "-outform", "DER", "-out", path("p8"), "-passout", "pass:x")
	add("PKCS #12", readFixture(t, path("p12")))
	add("PKCS #8, encrypted", readFixture(t, path("p8")))
	for name, raw := range files {
		if _, v := Judge(raw, alice, now); v.Code != CodeSecretKey {
			t.Errorf("%s: verdict %s", name, v.Code)
		}
	}
	if _, v := Judge(readFixture(t, path("c")), alice, now); v.Code != CodeX509 {
		t.Errorf("a certificate of openssl: verdict %s", v.Code)
	}
}

func runOpenSSL(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", args[0], err, out)
	}
}

func readFixture(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestNoSecrets are files that look a little like it, and what is said of them.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	certificate := good(t).bytes()
	block := armored(publicLabel, certificate)
	for name, test := range map[string]struct {
		file []byte
		want Code
	}{
		"a zip archive with a certificate":    {zipped(t, "key.asc", []byte(block)), CodeArchive},
		"a zip archive with a binary one":     {zipped(t, "key.pgp", certificate), CodeArchive},
		"a compressed certificate":            {gzipped(t, []byte(block)), CodeArchive},
		"a PDF with a certificate":            {pdfWith(t, []byte(block), true), CodePDF},
		"a certificate in base64":             {[]byte(base64Lines(certificate)), CodeArmorCut},
		"a certificate labelled as private":   {[]byte(armored(privateLabel, certificate)), CodeWrongLabel},
		"text about private keys":             {[]byte("Never send us your PRIVATE KEY, nor a (private key) file."), CodeNotOpenPGP},
		"a public JSON Web Key":               {[]byte(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS"}`), CodeNotOpenPGP},
		"base64 of anything":                  {[]byte(base64Lines(bytes.Repeat([]byte("payroll "), 100))), CodeNotOpenPGP},
		"a photograph in a zip archive":       {zipped(t, "photo.jpg", append([]byte("\xff\xd8\xff\xe0\x00\x10JFIF"), randomBytes(200_000)...)), CodeArchive},
		"a zip archive that is damaged":       {zipped(t, "key.asc", []byte(block))[:100], CodeArchive},
		"an archive that opens to 1 GB":       {gzipped(t, make([]byte, 64<<20)), CodeArchive},
		"a public key of SSH":                 {[]byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJaQ8h4rYyVnSxv4Yyq5vJ0bGm6fS6rjpo7Yb0Zl1cXk alice"), CodeSSH},
		"a certificate in a letter of base64": {[]byte("Content-Transfer-Encoding: base64\n\n" + base64Lines([]byte(block))), CodeNotOpenPGP},
	} {
		if _, v := Judge(test.file, alice, now); v.Code != test.want {
			t.Errorf("%s: verdict %s, want %s", name, v.Code, test.want)
		}
	}
	for _, test := range goodFiles {
		if hidesSecret(test.file(t)) {
			t.Errorf("%s: a secret is seen", test.name)
		}
	}
}

// TestRealCertificatesHideNothing runs the search over what people use.
func TestRealCertificatesHideNothing(t *testing.T) {
	t.Parallel()
	for _, raw := range realCertificates(t) {
		if len(raw) > 150_000 {
			continue // the few that would take as long as all others together
		}
		if hidesSecret([]byte(base64Lines(raw))) { // which looks at the packets too
			t.Errorf("a secret is seen in a certificate of %d bytes", len(raw))
		}
	}
}

// bombs are files that would keep a careless search busy.
func bombs(t testing.TB) map[string][]byte {
	nested := make([]byte, 8<<20)
	for range 6 {
		nested = gzipped(t, nested)
	}
	var many bytes.Buffer
	z := zip.NewWriter(&many)
	for i := range 2000 {
		f, err := z.Create(strings.Repeat("x", i%40) + ".txt")
		if err == nil {
			_, err = io.WriteString(f, strings.Repeat("A", 4000))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"nested":       nested,
		"many entries": many.Bytes()[max(0, many.Len()-MaxFile):],
		"base64":       bytes.Repeat([]byte("QUFB"), MaxFile/4),
		"streams":      append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("stream\n\x78\x9c"), MaxFile/10)...),
		"names":        bytes.Repeat([]byte("BEGIN PRIVAT "), MaxFile/13),
		"members":      bytes.Repeat([]byte(`"kty": "x`), MaxFile/9),
		"brackets":     bytes.Repeat([]byte("(12:"), MaxFile/4),
	}
}

func TestBombsHideNothing(t *testing.T) {
	t.Parallel()
	for name, raw := range bombs(t) {
		if _, v := Judge(raw[:min(len(raw), MaxFile)], alice, now); v.Code == CodeSecretKey || v.Verdict != payroll.VerdictRefuse {
			t.Errorf("%s: verdict %s", name, v.Code)
		}
	}
}

func BenchmarkHidesSecret(b *testing.B) {
	for name, raw := range bombs(b) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Judge(raw[:min(len(raw), MaxFile)], alice, now)
			}
		})
	}
}
