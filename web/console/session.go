package console

import (
	"net/http"

	"github.com/payseal/payseal/payroll"
)

// cookieName begins with __Host-: browsers take such a cookie only over https,
// for this host alone and for all its paths (RFC 6265bis §4.1.3.2).
const cookieName = "__Host-payseal-console"

// sessionSecret is the hash of the cookie's token, if one came.
func sessionSecret(r *http.Request) (payroll.SecretHash, bool) {
	cookie, err := r.Cookie(cookieName)
	if err != nil || cookie.Value == "" || len(cookie.Value) > 64 {
		return payroll.SecretHash{}, false
	}
	return payroll.HashToken(cookie.Value), true
}

// remember gives the visitor the token of their session. It ends with the
// browser, or when the database says so.
func remember(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// forget takes the cookie back.
func forget(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: -1,
	})
}
