package console

// notices are what an act came to, as the page after it says it. The word before
// stands in that page's URL (redirect), so that it is a word of ours and says
// nothing of anybody.
var notices = map[string]Notice{
	"signed-out": {Kind: "info", Title: "You are signed out."},
}
