package web

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payseal/payseal/web/door"
)

// zeros is a file of that many bytes in the frame of a form, of which it counts
// what was read.
type zeros struct {
	left, read int64
	frame      *strings.Reader
}

const frame = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"key.asc\"\r\n\r\n"

func newZeros(size int64) *zeros { return &zeros{left: size, frame: strings.NewReader(frame)} }

func (z *zeros) Read(b []byte) (n int, err error) {
	switch {
	case z.frame.Len() > 0:
		n, err = z.frame.Read(b)
	case z.left == 0:
		return 0, io.EOF
	default:
		n = int(min(int64(len(b)), z.left))
		clear(b[:n])
		z.left -= int64(n)
	}
	atomic.AddInt64(&z.read, int64(n))
	return n, err
}

// TestAGigabyte is refused before 20 MB of it have been read, however its size is
// told, and whatever asks for it.
func TestAGigabyte(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := f.entered(t, kiran)
	const gigabyte = 1 << 30
	second := *v.client // over HTTP/2
	second.Transport = f.site.Client().Transport
	for _, path := range []string{"/en/certificate", "/en/proof", "/en/link", "/en/certificate/found"} {
		for i, told := range []int64{gigabyte, -1, gigabyte, -1} {
			body := newZeros(gigabyte)
			r := v.request(t, http.MethodPost, path, body)
			r.ContentLength = told // -1: chunked
			if path == "/en/certificate" {
				r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
			}
			client := []*http.Client{v.client, &second}[i/2]
			response, err := client.Do(r)
			if err != nil {
				t.Errorf("%s, told %d: %v", path, told, err)
				continue
			}
			_ = response.Body.Close()
			if response.ProtoMajor != i/2+1 {
				t.Errorf("HTTP/%d was spoken", response.ProtoMajor)
			}
			if read := atomic.LoadInt64(&body.read); response.StatusCode != http.StatusRequestEntityTooLarge || read > 20<<20 {
				t.Errorf("%s, told %d: %d after %d bytes", path, told, response.StatusCode, read)
			}
		}
	}
	if a := v.get(t, "/en/certificate"); a.status != http.StatusOK {
		t.Errorf("afterwards: %d", a.status)
	}
}

// TestAShortBody: one that ends before its told length changes nothing.
func TestAShortBody(t *testing.T) {
	t.Parallel()
	f := newForm(t, nil)
	connection := dial(t, f)
	_, err := fmt.Fprintf(connection, "POST /en/link HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nemail=kiran", f.Origin.Host)
	must(t, err)
	must(t, connection.CloseWrite())
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err == nil {
		_ = response.Body.Close()
	}
	if err == nil && response.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", response.StatusCode)
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	f := newForm(t, func(s *Server) { s.Desk = nobody{} })
	v := f.visitor(t)
	for kind, status := range map[string]int{
		"application/x-www-form-urlencoded; charset=utf-8": http.StatusUnprocessableEntity, // a form, without an address
		"application/json":                http.StatusBadRequest,
		"text/plain":                      http.StatusBadRequest,
		"":                                http.StatusBadRequest,
		"multipart/form-data; boundary=b": http.StatusBadRequest,
	} {
		r := v.request(t, http.MethodPost, "/en/link", strings.NewReader("email=%ZZ"[:6]))
		r.Header.Set("Content-Type", kind)
		if a := v.do(t, r); a.status != status {
			t.Errorf("%q: %d, want %d", kind, a.status, status)
		}
	}
	if a := v.do(t, v.request(t, http.MethodPost, "/en/link", strings.NewReader("email=%ZZ"))); a.status != http.StatusBadRequest {
		t.Errorf("a broken form: %d", a.status)
	}
}

func dial(t testing.TB, f *form) *tls.Conn {
	t.Helper()
	connection, err := (&tls.Dialer{Config: f.site.Client().Transport.(*http.Transport).TLSClientConfig}).DialContext(t.Context(), "tcp", f.Origin.Host)
	must(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	return connection.(*tls.Conn)
}

// TestSlowUploads: 200 connections that send a byte now and then do not stop a
// normal one. They are real ones; how slow they are does not matter, since none
// of them ever comes to its end.
func TestSlowUploads(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := f.entered(t, kiran)
	const many = 200
	token := v.cookie()
	for i := range many {
		connection := dial(t, f)
		head := fmt.Sprintf("POST /en/certificate HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nCookie: %s=%s\r\n"+
			"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n--b\r\n", f.Origin.Host, cookieName, token)
		if i%2 == 0 {
			head = head[:40] // not even the header is complete
		}
		_, err := io.WriteString(connection, head)
		must(t, err)
		go trickle(t.Context(), connection)
	}
	if a := v.upload(t, "/en/certificate", publicKey(t, newPerson(t, "Kiran A <kiran@acme.example>")), ""); a.status != http.StatusOK {
		t.Errorf("a normal one: %d", a.status)
	}
}

// trickle sends bytes one at a time until the connection ends.
func trickle(ctx context.Context, connection net.Conn) {
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			if _, err := connection.Write([]byte("x")); err != nil {
				return
			}
		}
	}
}

// TestASlowConnectionIsEnded: with the limits made short, a half request is
// answered or cut off, not waited for.
func TestASlowConnectionIsEnded(t *testing.T) {
	t.Parallel()
	f := newForm(t, nil)
	server := f.HTTP()
	server.ReadHeaderTimeout, server.ReadTimeout = 50*time.Millisecond, 50*time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	for _, half := range []string{
		"GET /en/link HT",
		"POST /en/link HTTP/1.1\r\nHost: " + f.Origin.Host + "\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail",
	} {
		connection, err := net.Dial("tcp", listener.Addr().String())
		must(t, err)
		_, err = io.WriteString(connection, half)
		must(t, err)
		answer, _ := io.ReadAll(connection) // ends only when the server ends it
		if strings.Contains(string(answer), " 200 ") || strings.Contains(string(answer), " 303 ") {
			t.Errorf("half a request was taken: %s", answer)
		}
		_ = connection.Close()
	}
}

// FuzzUploaded: whatever comes as a form with a file is read or refused.
func FuzzUploaded(f *testing.F) {
	f.Add("b", []byte(frame+"hello\r\n--b--\r\n"))
	f.Add("b", []byte(frame))
	f.Add("b", []byte("--b\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nx\r\n--b--"))
	f.Add("", []byte("----"))
	f.Fuzz(func(t *testing.T, boundary string, body []byte) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", mime.FormatMediaType("multipart/form-data", map[string]string{"boundary": boundary}))
		raw, err := uploaded(r)
		if err != nil && !errors.Is(err, door.ErrNoForm) || len(raw) > len(body) {
			t.Errorf("%d bytes, %v", len(raw), err)
		}
	})
}
