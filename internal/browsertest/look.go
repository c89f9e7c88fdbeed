package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// picturesVariable names the folder into which pictures go; without it none are
// taken.
const picturesVariable = "PAYSEAL_PICTURES"

// Viewport is the size of the window, in CSS pixels.
type Viewport struct {
	Name          string
	Width, Height int64
	Touch         bool
}

// The viewports that pages are made for.
var (
	Phone   = Viewport{Name: "phone", Width: 360, Height: 740, Touch: true}
	Desktop = Viewport{Name: "desktop", Width: 1280, Height: 800}
)

// Size sets the size of the window.
func (tab *Tab) Size(v Viewport) {
	tab.t.Helper()
	tab.Run(
		does(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: v.Width, Height: v.Height, DeviceScaleFactor: 1, Mobile: v.Touch,
		}),
		does(emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: v.Touch}),
	)
}

// Scheme sets the colours that the visitor prefers: "light" or "dark".
func (tab *Tab) Scheme(scheme string) {
	tab.t.Helper()
	tab.Run(does(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}))
}

// Scripts switches the JavaScript of pages on or off, from the next page on.
func (tab *Tab) Scripts(on bool) {
	tab.t.Helper()
	tab.Run(does(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}))
}

// Languages sets what the browser sends as Accept-Language, for example "ar,en;q=0.5".
func (tab *Tab) Languages(accept string) {
	tab.t.Helper()
	var agent string
	tab.Value("navigator.userAgent", &agent)
	tab.Run(does(emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: accept}))
}

// Pictures writes the whole page as NAME-phone.png and NAME-desktop.png into the
// folder that the environment's PAYSEAL_PICTURES names, and does nothing without
// it. The window keeps the size of a desktop.
func (tab *Tab) Pictures(name string) {
	tab.t.Helper()
	if os.Getenv(picturesVariable) == "" {
		return
	}
	for _, v := range []Viewport{Phone, Desktop} {
		tab.Size(v)
		tab.Picture(name + "-" + v.Name)
	}
}

// Picture writes the whole page, in the window as it is, as NAME.png into the
// folder that the environment's PAYSEAL_PICTURES names, and does nothing without
// it.
func (tab *Tab) Picture(name string) {
	tab.t.Helper()
	if note := tab.shoot(tab.Context, name); strings.Contains(note, "no picture") {
		tab.t.Error(note)
	}
}

// shoot writes a picture of the whole page and says where it is.
func (tab *Tab) shoot(ctx context.Context, name string) string {
	folder := os.Getenv(picturesVariable)
	if folder == "" {
		return ""
	}
	// Two frames later all that has changed is painted; a page without scripts
	// cannot say so, and had time since it was loaded.
	painted, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, _ = chromedp.Run(painted, chromedp.Evaluate[chromedp.Void](
		"new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))", chromedp.EvalAwaitPromise))
	beyond := true
	picture, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &beyond})
	if err != nil {
		return fmt.Sprintf(" (no picture: %v)", err)
	}
	path := filepath.Join(folder, name+".png")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fmt.Sprintf(" (no picture: %v)", err)
	}
	if err := os.WriteFile(path, picture.Data, 0o600); err != nil {
		return fmt.Sprintf(" (no picture: %v)", err)
	}
	return " (picture: " + path + ")"
}

// Overflow fails the test if the page is wider than the window, so that one
// would have to scroll sideways to read it.
func (tab *Tab) Overflow() {
	tab.t.Helper()
	var wide []string
	// A phone shows a page that is too wide smaller, so that innerWidth grows with it.
	tab.Value(`document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
		[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 ||
			e.getBoundingClientRect().left < -1).map(e => e.outerHTML.slice(0, 120))`, &wide)
	for _, element := range wide {
		tab.t.Errorf("wider than the window: %s", element)
	}
}
