package console

import (
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/web/identity"
)

// Identity is how admins prove who they are.
type Identity struct {
	Passkeys *identity.Passkeys
	Breached identity.Breached
	Vault    *keystore.MasterKey // seals the cookie by which a browser is known again

	SSO        *identity.SingleSignOn // nil: none
	SSOName    string                 // what the provider is called on the button; "" for "single sign-on"
	SSOTrusted bool                   // the provider asks for two factors by itself, whether its tokens say so or not
}

func (s *Server) signInRoutes() []route { return nil }
