package web

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// gate names the socket of the form to the copy of this test's program that runs
// in a network of its own.
const gate = "PAYSEAL_TEST_GATE"

// TestGpgLocatesKeys lets gpg find the company's certificate and an employee's by
// address alone, as on any machine: over https on port 443 of the domain that the
// address names. gpg's dirmngr takes no other port and no other authorities than
// the machine's, so it runs in a network of its own, whose hosts and authorities
// are ours.
func TestGpgLocatesKeys(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"unshare", "ip", "gpg", "dirmngr"} {
		if _, err := exec.LookPath(program); err != nil {
			lacking(t, program)
		}
	}
	if err := exec.CommandContext(t.Context(), "unshare", append(nameSpaces(), "true")...).Run(); err != nil {
		lacking(t, "the right to make name spaces (as root, or with user name spaces)")
	}
	d := newDirectory(t, PublishEmployees)
	folder, err := os.MkdirTemp("", "wkd") // a short path, for gpg's sockets
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	pair := newAuthority(t, filepath.Join(folder, "ca.pem"), "acme.example", "openpgpkey.acme.example")
	listener, err := net.Listen("unix", filepath.Join(folder, "form"))
	must(t, err)
	server := d.HTTP()
	served := make(chan error, 1)
	go func() {
		served <- server.Serve(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}}))
	}()
	t.Cleanup(func() { _ = server.Close(); <-served })

	for method, hosts := range map[string]string{"advanced": "acme.example openpgpkey.acme.example", "direct": "acme.example"} {
		home := filepath.Join(folder, method)
		must(t, os.Mkdir(home, 0o700))
		must(t, os.WriteFile(filepath.Join(home, "dirmngr.conf"), []byte("standard-resolver\n"), 0o600))
		must(t, os.WriteFile(filepath.Join(folder, "hosts"), []byte("127.0.0.1 localhost "+hosts+"\n"), 0o600))
		must(t, os.WriteFile(filepath.Join(folder, "resolv.conf"), []byte("nameserver 127.0.0.1\n"), 0o600))
		inOwnNetwork(t, folder, home)
		listed, err := exec.CommandContext(t.Context(), "gpg", "--homedir", home, "--batch", "--with-colons", "--list-keys").Output()
		must(t, err)
		for _, f := range []payroll.Fingerprint{d.Certificate.Fingerprint(), d.employee.Fingerprint} {
			if !strings.Contains(string(listed), "\nfpr:::::::::"+string(f)+":") {
				t.Errorf("%s method: gpg has not found %s:\n%s", method, f, listed)
			}
		}
	}
}

// nameSpaces are unshare's options for what inOwnNetwork needs.
func nameSpaces() []string {
	options := []string{"--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"}
	if os.Getuid() != 0 {
		options = append(options, "--user", "--map-root-user")
	}
	return options
}

// inOwnNetwork runs TestInOwnNetwork in new network, mount and process name
// spaces, which end with it.
func inOwnNetwork(t *testing.T, folder, home string) {
	t.Helper()
	script := `set -e
ip link set lo up
mount --bind "$1/hosts" /etc/hosts
mount --bind "$1/resolv.conf" /etc/resolv.conf
mount --bind "$1/ca.pem" /etc/ssl/certs/ca-certificates.crt
exec "$2" -test.run '^TestInOwnNetwork$' -test.v`
	arguments := append(nameSpaces(), "sh", "-c", script, "sh", folder, os.Args[0])
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "unshare", arguments...)
	command.Env = append(os.Environ(), gate+"="+filepath.Join(folder, "form"), "GNUPGHOME="+home)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("in a network of its own: %v\n%s", err, output)
	}
}

// TestInOwnNetwork is the inside of TestGpgLocatesKeys and nothing by itself: it
// passes port 443 on to the form, and asks gpg.
func TestInOwnNetwork(t *testing.T) {
	socket := os.Getenv(gate)
	if socket == "" {
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:443")
	must(t, err)
	defer listener.Close()
	go func() {
		for {
			outside, err := listener.Accept()
			if err != nil {
				return
			}
			inside, err := net.Dial("unix", socket)
			if err != nil {
				outside.Close()
				continue
			}
			go func() { _, _ = io.Copy(inside, outside); inside.Close() }()
			go func() { _, _ = io.Copy(outside, inside); outside.Close() }()
		}
	}()
	names, err := net.ListenPacket("udp", "127.0.0.1:53")
	must(t, err)
	defer names.Close()
	go knowNoName(names)
	for _, address := range []string{"payroll@acme.example", "kiran@acme.example"} {
		output, err := exec.CommandContext(t.Context(), "gpg", "--batch", "--auto-key-locate", "clear,wkd", "--locate-keys", address).CombinedOutput()
		if err != nil {
			t.Errorf("locate: %v\n%s", err, output)
		}
	}
	output, err := exec.CommandContext(t.Context(), "gpg", "--batch", "--auto-key-locate", "clear,wkd", "--locate-keys", "nobody@acme.example").CombinedOutput()
	if err == nil {
		t.Errorf("gpg found nobody:\n%s", output)
	}
}

// knowNoName is a name server that knows no name. Without any, gpg would hear "try
// again later" of openpgpkey.DOMAIN, and not go on to the direct method.
func knowNoName(questions net.PacketConn) {
	packet := make([]byte, 512)
	for {
		n, from, err := questions.ReadFrom(packet)
		if err != nil {
			return
		}
		end := 12 // of the header; then the name's labels, type and class (RFC 1035 §4.1)
		for end < n && packet[end] != 0 {
			end += int(packet[end]) + 1
		}
		if end += 5; end > n {
			continue
		}
		copy(packet[2:12], []byte{0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0})
		_, _ = questions.WriteTo(packet[:end], from)
	}
}

// newAuthority makes an authority, writes it to a file, and has it name the
// hosts.
func newAuthority(t *testing.T, file string, hosts ...string) tls.Certificate {
	t.Helper()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: hosts[0]}, DNSNames: hosts,
		NotBefore: root.NotBefore, NotAfter: root.NotAfter, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	must(t, err)
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, leafKey.Public(), rootKey)
	must(t, err)
	must(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), 0o600))
	return tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: leafKey}
}

// lacking ends a test that cannot run on this machine.
func lacking(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal("this test needs " + what)
	}
	t.Skip("this test needs " + what)
}
