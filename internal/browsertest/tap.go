package browsertest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Request is something that a page sent, or a download that it made itself.
type Request struct {
	Method string // "WEBSOCKET" for a frame of a web socket
	URL    string // with its fragment
	Kind   string // Document, Script, Fetch, XHR, Ping (a beacon), WebSocket, ...
	Header map[string]string
	Body   []byte // without what the browser reads from files and blobs as it sends: look for that on the server
}

// Requests are all requests of the tab so far, in their order. A test that no
// secret leaves a page looks into every one of them.
func (tab *Tab) Requests() []Request {
	tab.tap.mu.Lock()
	defer tab.tap.mu.Unlock()
	return append([]Request(nil), tab.tap.requests...)
}

// Dialogs are the kinds of dialogs that pages opened ("beforeunload", "alert");
// each was accepted at once.
func (tab *Tab) Dialogs() []string {
	tab.tap.mu.Lock()
	defer tab.tap.mu.Unlock()
	return append([]string(nil), tab.tap.dialogs...)
}

// tap hears what happens in a tab.
type tap struct {
	mu       sync.Mutex
	requests []Request
	dialogs  []string
	faults   []string
	frame    cdp.FrameID       // the tab's
	names    map[string]string // of its downloads, by their GUID
	done     map[string]bool   // downloads that are complete, by name
	change   chan struct{}     // closed and replaced when done changes
}

func newTap() *tap {
	return &tap{names: map[string]string{}, done: map[string]bool{}, change: make(chan struct{})}
}

// maxBody is up to which size the body of a request is recorded, in bytes.
const maxBody int64 = 64 << 20

// attach opens the tab and hears it from its first event.
func (p *tap) attach(ctx context.Context, downloads string) error {
	if err := chromedp.Listen(ctx, p.hear(ctx)); err != nil {
		return err
	}
	if err := chromedp.ListenBrowser(ctx, p.download); err != nil {
		return err
	}
	size, events := maxBody, true
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{MaxPostDataSize: &size}); err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		return err
	}
	opened := chromedp.FromContext(ctx)
	p.mu.Lock()
	p.frame = cdp.FrameID(opened.Target.TargetID) // the frame of a whole page bears its target's name
	p.mu.Unlock()
	_, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: opened.BrowserContextID, DownloadPath: downloads, EventsEnabled: &events,
	})
	return err
}

// hear returns what listens to the events of the tab.
func (p *tap) hear(ctx context.Context) func(event any) {
	return func(event any) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			p.requests = append(p.requests, read(e))
		case *network.EventWebSocketCreated:
			p.requests = append(p.requests, Request{Method: "WEBSOCKET", URL: e.URL, Kind: "WebSocket"})
		case *network.EventWebSocketFrameSent:
			p.requests = append(p.requests, Request{Method: "WEBSOCKET", Kind: "WebSocket", Body: e.Response.PayloadData})
		case *page.EventJavascriptDialogOpening:
			p.dialogs = append(p.dialogs, string(e.Type))
			go func() { // a listener must not wait for an answer
				_, _ = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
			}()
		case *runtime.EventExceptionThrown:
			p.faults = append(p.faults, "uncaught: "+describe(e.ExceptionDetails))
		case *log.EventEntryAdded:
			if strings.Contains(e.Entry.Text, "Content Security Policy") || strings.Contains(e.Entry.Text, "integrity") {
				p.faults = append(p.faults, e.Entry.Text)
			}
		}
	}
}

func read(e *network.EventRequestWillBeSent) Request {
	r := Request{Method: e.Request.Method, URL: e.Request.URL + e.Request.URLFragment, Kind: string(e.Type), Header: map[string]string{}}
	for name, value := range e.Request.Headers {
		r.Header[name] = fmt.Sprint(value)
	}
	for _, entry := range e.Request.PostDataEntries {
		r.Body = append(r.Body, entry.Bytes...)
	}
	return r
}

// download hears what becomes of downloads, which are the browser's: those of
// other tabs are none of ours.
func (p *tap) download(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *browser.EventDownloadWillBegin:
		if e.FrameID == p.frame {
			p.names[e.GUID] = e.SuggestedFilename
		}
	case *browser.EventDownloadProgress:
		if name, ours := p.names[e.GUID]; ours && e.State == browser.DownloadProgressStateCompleted {
			p.done[name] = true
			close(p.change)
			p.change = make(chan struct{})
		}
	}
}

// await waits until the download of that name is complete.
func (p *tap) await(ctx context.Context, name string) bool {
	for {
		p.mu.Lock()
		done, change := p.done[name], p.change
		p.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-change:
		case <-ctx.Done():
			return false
		}
	}
}

// complained gives the faults so far and forgets them.
func (p *tap) complained() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	faults := p.faults
	p.faults = nil
	return faults
}

// Complaints gives what the pages did wrong so far, and forgives it: for tests in
// which a page must be stopped by its own policy.
func (tab *Tab) Complaints() []string { return tab.tap.complained() }

func describe(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}
