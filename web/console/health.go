package console

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/payseal/payseal/payroll"
)

// healthRoles look after the machinery.
var healthRoles = []payroll.Role{payroll.RoleOperator, payroll.RoleAuditor}

func (s *Server) healthRoutes() []route {
	return []route{{method: "GET", path: "/health", handle: s.health, roles: healthRoles}}
}

// Disk is the room on the disk of the private database, in bytes.
type Disk struct{ Free, All uint64 }

// healthData is what health.html shows.
type healthData struct {
	Stats                   []Stat
	Alarms, Workers, Unsure Table
	Relay, Database, Keys   []Fact
	Canary, Post            []Fact
	At                      time.Time
}

// When a number on the page becomes a warning.
const (
	oldestWarn = 10 * time.Minute // for the oldest slip that is due
	skewWarn   = 2 * time.Second  // between this machine's clock and the database's
	keyWarn    = 60 * 24 * time.Hour
	diskWarn   = 2 << 30
	outboxWarn = time.Hour
)

func (s *Server) health(w http.ResponseWriter, r *http.Request, v *visit) error {
	before := s.Now()
	h, err := s.Desk.Health(r.Context())
	if err != nil {
		return err
	}
	skew := max(before.Sub(h.Now), h.Now.Sub(s.Now()), 0).Round(time.Millisecond)
	alarms, err := s.Desk.Alarms(r.Context(), false)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "health", healthData{
		Stats: healthStats(h, len(alarms)), Alarms: alarmTable(alarms, v), Workers: workerTable(h), Unsure: unsureTable(h.Unsure),
		Relay: relayPulse(h), Database: s.databaseFacts(h.Database, skew), Keys: s.keyFacts(h.Now, h.AuditSeen),
		Canary: s.canaryFacts(h), Post: postFacts(h), At: h.Now,
	})
}

func healthStats(h payroll.Health, alarms int) []Stat {
	unsure, alive := 0, 0
	for _, u := range h.Unsure {
		unsure += u.Slips
	}
	for _, w := range h.Workers {
		if !w.Dead(h.Now) {
			alive++
		}
	}
	stats := []Stat{
		{Name: "Slips due", Value: count(h.Due), Icon: "inbox"},
		{Name: "Workers", Value: count(alive), Icon: "pulse", Hint: deadHint(len(h.Workers) - alive)},
		{Name: "Unsure slips", Value: count(unsure), Icon: "question"},
		{Name: "Open alarms", Value: count(alarms), Icon: "stop", Href: "/alarms"},
	}
	if h.Oldest != nil {
		age := h.Now.Sub(*h.Oldest)
		if stats[0].Hint = "the oldest for " + spanWords(age); age > oldestWarn {
			stats[0].Tone = ToneWarn
		}
	}
	if alive == 0 {
		stats[1].Tone = ToneBad
	}
	if unsure > 0 {
		stats[2].Tone = ToneWarn
	}
	if alarms > 0 {
		stats[3].Tone = ToneBad
	}
	return stats
}

func deadHint(dead int) string {
	if dead == 0 {
		return ""
	}
	return count(dead) + " silent"
}

func workerTable(h payroll.Health) Table {
	t := Table{Caption: "Every worker process", Quiet: true, Columns: []Column{{Name: "Machine"}, {Name: "State"}, {Name: "Since"}, {Name: "Last seen"}},
		Empty: &Empty{Title: "No worker is up", Text: "Nothing is sent until one runs: payseal worker."}}
	for _, w := range h.Workers {
		chip, tone := Chip{"Alive", "check", ToneGood}, TonePlain
		if w.Dead(h.Now) {
			chip, tone = Chip{"Silent", "stop", ToneBad}, ToneBad
		}
		t.Rows = append(t.Rows, Row{Tone: tone, Cells: []Cell{{Text: w.Host, Hint: string(w.ID)}, {Chip: &chip}, {At: w.Since}, {Text: agoWords(h.Now, w.Seen)}}})
	}
	return t
}

// agoWords says how long ago something was.
func agoWords(now, at time.Time) string {
	if ago := now.Sub(at); ago >= time.Minute {
		return spanWords(ago) + " ago"
	}
	return "just now"
}

func unsureTable(unsure []payroll.UnsureRun) Table {
	t := Table{Caption: "Runs with unsure slips", Quiet: true, Columns: []Column{{Name: "Run"}, {Name: "Slips", Number: true}},
		Empty: &Empty{Title: "None", Text: "Of every slip it is known whether the relay took it."}}
	for _, u := range unsure {
		t.Rows = append(t.Rows, Row{Tone: ToneWarn, Cells: []Cell{{Text: fmt.Sprintf("Run %d", u.Run), Href: runPath(u.Run, "slips") + "?state=unsure"}, {Text: count(u.Slips)}}})
	}
	return t
}

func relayPulse(h payroll.Health) []Fact {
	good := Fact{Name: "Last took a slip", Missing: "never"}
	if h.Relay.LastGood != nil {
		good = Fact{Name: "Last took a slip", At: *h.Relay.LastGood, Hint: agoWords(h.Now, *h.Relay.LastGood)}
	}
	facts := []Fact{good}
	for _, o := range []struct {
		kind payroll.Kind
		name string
		tone Tone
	}{{payroll.Accepted, "Accepted", TonePlain}, {payroll.Deferred, "Deferred", ToneWarn}, {payroll.Refused, "Refused", ToneBad}, {payroll.Unsure, "Unsure", ToneWarn}} {
		fact := Fact{Name: o.name, Text: count(h.Relay.Outcomes[o.kind])}
		if o.tone != TonePlain && h.Relay.Outcomes[o.kind] > 0 {
			fact.Chip = &Chip{"Look at it", "warning", o.tone}
		}
		facts = append(facts, fact)
	}
	return facts
}

func postFacts(h payroll.Health) []Fact {
	waits := Fact{Name: "Wait to be sent", Text: count(h.Outbox.Queued)}
	if h.Outbox.Oldest != nil {
		age := h.Now.Sub(*h.Outbox.Oldest)
		if waits.Hint = "the oldest for " + spanWords(age); age > outboxWarn {
			waits.Chip = &Chip{"Late", "warning", ToneWarn}
		}
	}
	refused := Fact{Name: "Refused in the last week", Text: count(h.Outbox.Refused)}
	if h.Outbox.Refused > 0 {
		refused.Chip = &Chip{"Look at it", "warning", ToneWarn}
	}
	return []Fact{waits, refused}
}

func (s *Server) databaseFacts(d payroll.DatabasePulse, skew time.Duration) []Fact {
	steps := Fact{Name: "Schema", Chip: &Chip{"Up to date", "check", ToneGood}}
	if d.MissingSteps > 0 {
		steps = Fact{Name: "Schema", Text: plural(d.MissingSteps, "step") + " missing", Hint: "payseal migrate up", Chip: &Chip{"Old", "stop", ToneBad}}
	}
	clock := Fact{Name: "Clock", Text: "agrees with this machine's", Chip: &Chip{"Good", "check", ToneGood}}
	if skew >= skewWarn {
		clock = Fact{Name: "Clock", Text: skew.String() + " apart from this machine's", Hint: "Let both keep their time by NTP.", Chip: &Chip{"Apart", "warning", ToneWarn}}
	}
	return []Fact{
		{Name: "Postgres", Text: d.Version}, {Name: "Size", Text: sizeWords(uint64(max(d.Bytes, 0)))},
		{Name: "Connections", Text: count(d.Connections) + " of " + count(d.MaxConnections)}, steps, clock, s.diskFact(),
	}
}

// diskFact is the room that is left, where the database is on this machine.
func (s *Server) diskFact() Fact {
	const name = "Disk"
	if s.Disk == nil {
		return Fact{Name: name, Missing: "not on this machine"}
	}
	disk, err := s.Disk()
	if err != nil {
		return Fact{Name: name, Missing: "cannot be measured"}
	}
	fact := Fact{Name: name, Text: sizeWords(disk.Free) + " free of " + sizeWords(disk.All)}
	if disk.Free < diskWarn {
		fact.Chip, fact.Hint = &Chip{"Little left", "warning", ToneBad}, "An attempt that cannot be written down is not made."
	}
	return fact
}

// sizeWords is a number of bytes as people read it.
func sizeWords(n uint64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB"}
	value, unit := n, 0
	for value >= 10_000 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	return grouped(strconv.FormatUint(value, 10)) + " " + units[unit]
}

func (s *Server) keyFacts(now time.Time, walked *time.Time) []Fact {
	vault := Fact{Name: "Vault", Chip: &Chip{"The master key is here", "check", ToneGood}}
	if s.Identity.Vault == nil {
		vault.Chip = &Chip{"Locked", "stop", ToneBad}
	}
	key, ends := Fact{Name: "Signing key", Missing: "none"}, Fact{Name: "It expires", Missing: "never"}
	if s.Signer != nil {
		key = Fact{Name: "Signing key", Fingerprint: s.Signer.Certificate().Fingerprint()}
		if at := s.Signer.Expires(); !at.IsZero() {
			if ends = (Fact{Name: "It expires", At: at}); at.Sub(now) < keyWarn {
				ends.Chip, ends.Hint = &Chip{"Soon", "warning", ToneWarn}, "payseal signer rotate"
			}
		}
	}
	log := Fact{Name: "Audit log", Missing: "no worker has walked it yet"}
	if walked != nil {
		log = Fact{Name: "Audit log last walked", At: *walked}
	}
	return []Fact{vault, key, ends, log}
}

var canaryChips = map[payroll.NoticeState]Chip{
	payroll.NoticeQueued:  {"Waits to be sent", "clock", ToneLive},
	payroll.NoticeSent:    {"Taken by the relay", "check", ToneGood},
	payroll.NoticeRefused: {"Refused by the relay", "cross", ToneBad},
	payroll.NoticeDropped: {"Not sent: no certificate that counts", "hand", ToneBad},
}

func (s *Server) canaryFacts(h payroll.Health) []Fact {
	if s.Canary == "" && h.Canary.Written == nil {
		return []Fact{{Name: "Canary", Missing: "none is configured ([canary])"}}
	}
	facts := []Fact{{Name: "Goes to", Text: string(s.Canary), Href: personPath(s.Canary)}}
	if s.Canary == "" {
		facts = []Fact{{Name: "Goes to", Missing: "nobody any more"}}
	}
	if h.Canary.Written == nil {
		return append(facts, Fact{Name: "The last one", Missing: "none was written yet"})
	}
	chip := chipOf(canaryChips, h.Canary.State)
	last := Fact{Name: "The last one", At: *h.Canary.Written, Hint: agoWords(h.Now, *h.Canary.Written)}
	came := Fact{Name: "What came of it", Chip: &chip}
	if h.Canary.Code != 0 {
		came.Hint = "The relay said " + strconv.Itoa(h.Canary.Code) + "."
	}
	good := Fact{Name: "Last taken", Missing: "never"}
	if h.Canary.LastGood != nil {
		good = Fact{Name: "Last taken", At: *h.Canary.LastGood, Hint: agoWords(h.Now, *h.Canary.LastGood)}
	}
	return append(facts, last, came, good)
}
