package soak

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"net/mail"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/smtptest"
)

var (
	employees = flag.Int("employees", 300, "size of the company")
	kills     = flag.Int("kills", 2, "how often a worker is killed")
	seed      = flag.Uint64("seed", 1, "of the chances")
)

// faults hit one transaction in ten, at every step of it.
func faults() []smtptest.Fault {
	const chance = 0.1 / 6
	answer := func(at smtptest.Command, reply string) smtptest.Fault {
		return smtptest.Fault{At: at, Do: smtptest.Answer, Reply: reply, Chance: chance}
	}
	return []smtptest.Fault{
		answer(smtptest.Mail, "451 4.3.0 try later"), answer(smtptest.Rcpt, "450 4.2.0 busy"),
		answer(smtptest.Dot, "452 4.3.1 no space"), answer(smtptest.Data, "421 4.3.2 shutting down"),
		{At: smtptest.Rcpt, Do: smtptest.Drop, Chance: chance},
		{At: smtptest.Dot, Do: smtptest.Drop, Chance: chance / 2},
		{At: smtptest.Dot, Do: smtptest.Drop, Taken: true, Chance: chance / 2},
	}
}

// post is what the relay took: the mails of each recipient.
type post struct {
	mutex sync.Mutex
	mails map[string][][]byte
	taken int
	after map[int]func() // what happens when so many mails were taken
	deeds sync.WaitGroup
}

// when plans a deed for the moment at which n mails were taken.
func (p *post) when(n int, deed func()) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.after[n] = deed
}

func (p *post) took(m smtptest.Message) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.mails[m.To[0]] = append(p.mails[m.To[0]], m.Data)
	p.taken++
	if deed := p.after[p.taken]; deed != nil {
		p.deeds.Go(deed)
	}
}

// crew keeps two workers running and kills one now and then.
type crew struct {
	plant   *Plant
	mutex   sync.Mutex
	workers []*exec.Cmd
	closed  bool
	all     sync.WaitGroup
}

// keep runs a worker again whenever it dies, as systemd does.
func (c *crew) keep() {
	c.all.Go(func() {
		for {
			worker := c.plant.Command("worker")
			c.mutex.Lock()
			if c.closed {
				c.mutex.Unlock()
				return
			}
			err := worker.Start()
			c.workers = append(c.workers, worker)
			c.mutex.Unlock()
			if err != nil {
				c.plant.t.Error(err)
				return
			}
			_ = worker.Wait() // it was killed, or told to end
			c.mutex.Lock()
			c.workers = slices.DeleteFunc(c.workers, func(w *exec.Cmd) bool { return w == worker })
			c.mutex.Unlock()
		}
	})
}

func (c *crew) kill() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.workers) > 0 {
		_ = c.workers[rand.IntN(len(c.workers))].Process.Kill()
	}
}

// close ends the workers as an operator does, and waits for them.
func (c *crew) close() {
	c.mutex.Lock()
	c.closed = true
	for _, w := range c.workers {
		_ = w.Process.Signal(syscall.SIGTERM)
	}
	c.mutex.Unlock()
	c.all.Wait()
}

// TestSoak sends a run with two workers while workers are killed, the relay
// fails one transaction in ten and the database restarts once. Nobody may be
// left out, nobody may get another's slip, and no more mails may come twice than
// connections were open at the kills and replies were lost after the final dot.
func TestSoak(t *testing.T) {
	mails := &post{mails: make(map[string][][]byte), after: make(map[int]func())}
	plant := NewPlant(t, *employees, smtptest.Options{Faults: faults(), Seed: *seed, Took: mails.took})
	workers := &crew{plant: plant}
	random := rand.New(rand.NewPCG(*seed, 0)) // chaos that can be repeated
	for range *kills {
		mails.when(1+random.IntN(*employees*9/10), workers.kill)
	}
	restarted := make(chan struct{})
	mails.when(*employees/2, func() {
		plant.StopDatabase()
		plant.StartDatabase()
		close(restarted)
	})
	plant.Payseal("runs", "send", "1", "--as", "olga")
	start := time.Now()
	workers.keep()
	workers.keep()
	<-restarted
	for plant.Command("runs", "status", "1", "--watch").Run() != nil { // a watch ends with the database
		if time.Since(start) > 2*time.Hour {
			t.Fatal("the run does not end")
		}
	}
	took := time.Since(start)
	mails.deeds.Wait()
	workers.close()
	twice := checkPost(t, plant, mails)
	t.Logf("%d employees in %v (%.0f a second); %d mails, %d came twice, lost 0, wrong 0",
		*employees, took.Round(time.Second), float64(*employees)/took.Seconds(), mails.taken, twice)
}

// reported is one line of `runs report --json`.
type reported struct {
	Slip, Employee, State, Outcome string
	Attempts                       int
}

// checkPost compares the ledger with what the relay took, mail by mail.
func checkPost(t *testing.T, plant *Plant, mails *post) (twice int) {
	t.Helper()
	report := make(map[string]reported)
	lines := bufio.NewScanner(strings.NewReader(plant.Payseal("runs", "report", "1", "--json")))
	for lines.Scan() {
		var r reported
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		report[r.Employee] = r
	}
	for _, m := range plant.Members {
		r, got := report[string(m.Number)], mails.mails[string(m.Email)]
		if r.State != "accepted" || len(got) == 0 {
			t.Errorf("employee %s: %s after %d attempts, %d mails", m.Number, r.State, r.Attempts, len(got))
			continue
		}
		twice += len(got) - 1
		for _, eml := range got {
			message, err := mail.ReadMessage(bytes.NewReader(eml))
			if err != nil || message.Header.Get("Message-ID") != "<"+r.Slip+"@acme.example>" {
				t.Errorf("employee %s got a mail that is not of slip %s (%v)", m.Number, r.Slip, err)
			}
			opened, err := m.Open(eml, plant.Company, time.Now())
			if err != nil || opened.Signature != nil {
				t.Errorf("employee %s cannot open the mail: %v, %v", m.Number, err, opened.Signature)
			}
		}
	}
	if len(mails.mails) != len(plant.Members) {
		t.Errorf("%d recipients, %d employees", len(mails.mails), len(plant.Members))
	}
	lostReplies := plant.count(`select count(*) from attempts where outcome = 'unsure' and phase = 'dot'`)
	if bound := *kills*Connections + lostReplies; twice > bound {
		t.Errorf("%d mails came twice, more than %d", twice, bound)
	}
	return twice
}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(m.Run())
}
