package browsertest

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator plugs in an authenticator for passkeys that knows its user at
// once, as a fingerprint sensor that is always touched. From then on the tab asks
// no other.
func (tab *Tab) Authenticator() {
	tab.t.Helper()
	tab.Run(
		does(webauthn.Enable, webauthn.EnableParams{}),
		func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
				Options: &webauthn.VirtualAuthenticatorOptions{
					Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21,
					Transport: "internal", HasResidentKey: true, HasUserVerification: true,
					AutomaticPresenceSimulation: true, IsUserVerified: true,
				},
			})
			return chromedp.Void{}, err
		},
	)
}
