package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

// Tests are the tests of a package: [testing.M], or something around it.
type Tests interface {
	Run() int // gives the exit code
}

// Around is the tests, and after them the end of the Chromium that they share, if
// they used one. It is what TestMain runs.
func Around(tests Tests) Tests { return around{tests} }

type around struct{ tests Tests }

// Run runs the tests.
func (a around) Run() int {
	entered.Store(true)
	code := a.tests.Run()
	if b := started.Load(); b != nil {
		_ = chromedp.Cancel(b.ctx) // ends it in good order, so that its profile can be removed
		b.stop()
	}
	return code
}

// chromium is one that runs.
type chromium struct {
	ctx  context.Context // contexts of tabs are made of it
	stop func()
}

var (
	entered atomic.Bool // Around runs
	started atomic.Pointer[chromium]
	start   = sync.OnceValue(func() error {
		allocator, stop := chromedp.NewExecAllocator(context.Background(), flags()...)
		ctx, _ := chromedp.NewContext(allocator) // Around ends it
		if err := chromedp.Do(ctx); err != nil {
			stop()
			return fmt.Errorf("start Chromium: %w", err)
		}
		started.Store(&chromium{ctx, stop})
		return nil
	})
)

// open gives the one Chromium of the test binary: to start one takes a second of
// a processor, to open a tab in it a tenth of that.
func open(t testing.TB) context.Context {
	t.Helper()
	if !entered.Load() {
		t.Fatal("this package needs: func TestMain(m *testing.M) { os.Exit(browsertest.Around(m).Run()) }")
	}
	if program() == "" {
		lacking(t, "Chromium; on Debian: apt-get install chromium")
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	return started.Load().ctx
}

// program is the path of Chromium; "" where there is none.
func program() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// lacking ends a test that cannot run on this machine.
func lacking(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal("this test needs " + what)
	}
	t.Skip("this test needs " + what)
}

func flags() []chromedp.ExecAllocatorOption {
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options,
		chromedp.ExecPath(program()),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("ignore-certificate-errors", true), // the server's certificate is the test's own
		chromedp.Flag("host-resolver-rules", "MAP *.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		chromedp.Flag("accept-lang", "en"),
		chromedp.DisableGPU,
	)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root with it
	}
	return options
}
