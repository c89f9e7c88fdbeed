package console

// notices are what an act came to, as the page after it says it. The word before
// stands in that page's URL (redirect), so that it is a word of ours and says
// nothing of anybody.
var notices = map[string]Notice{
	"signed-out":       {Kind: "info", Title: "You are signed out."},
	"invited":          {Kind: "success", Title: "The invitations are written.", Text: "A worker sends them; each person's page shows whether it was sent."},
	"nobody-invited":   {Kind: "info", Title: "There was nobody to invite."},
	"person-invited":   {Kind: "success", Title: "The invitation is written.", Text: "A worker sends it within a minute."},
	"invitation-waits": {Kind: "info", Title: "An invitation to them still waits to be sent."},
	"person-reminded":  {Kind: "success", Title: "The reminder is written.", Text: "A worker sends it within a minute."},
	"profile-kept":     {Kind: "success", Title: "The mail profile is kept.", Text: "The next slip goes that way."},
	"file-counts":      {Kind: "success", Title: "The next import sets the address of its file."},
	"report-settled":   {Kind: "success", Title: "The report is settled."},
	"use-ended":        {Kind: "success", Title: "Its use has ended.", Text: "The employee is told by mail."},
	"roster-imported":  {Kind: "success", Title: "The file is in the roster."},
	"roster-discarded": {Kind: "info", Title: "The file is deleted.", Text: "The roster is as it was."},
	"no-answer":        {Kind: "info", Title: "It is kept that nobody answered.", Text: "The certificate goes on waiting."},
	"compared":         {Kind: "success", Title: "Compared and certified.", Text: "Slips that waited for it go by themselves."},
	"compared-once":    {Kind: "success", Title: "Your comparison is kept.", Text: "So close to a pay date a second person must compare it too; until then nothing is sealed to it."},
	"denied":           {Kind: "danger", Title: "It is kept that this is not their key, and HR is told.", Text: "End its use now, unless you know better."},
}
