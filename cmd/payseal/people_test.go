package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/payroll"
)

func migrated(ctx context.Context, url string) error {
	store, err := postgres.Open(ctx, url, nil)
	if err != nil {
		return err
	}
	defer store.Close()
	return store.Migrate(ctx)
}

// TestPeopleScripts runs one operator's story for each file in testdata/people,
// each on a database of its own ($PAYSEAL_DATABASE_URL) with an empty one beside
// it ($EMPTY_DATABASE_URL).
func TestPeopleScripts(t *testing.T) {
	t.Parallel()
	stories, err := filepath.Glob("testdata/people/*.txtar")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, story := range stories {
		t.Run(strings.TrimSuffix(filepath.Base(story), ".txtar"), func(t *testing.T) {
			t.Parallel()
			url, empty := pgtest.New(t, migrated), pgtest.New(t, nil)
			testscript.Run(t, testscript.Params{
				Files: []string{story},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"exits": exits, "fingerprint": nameFingerprint, "mode": mode, "relay": startRelay, "mail": takeMail, "notice": takeNotice,
					"sql": meddle, "proves": startProving, "code": showCode,
				},
				Setup: func(env *testscript.Env) error {
					if filepath.Base(story) == "private.txtar" {
						// As root, Postgres runs as another user, who must get there.
						if err := os.Chmod(filepath.Dir(env.WorkDir), 0o711); err != nil {
							return err
						}
						return setUpStory(env)
					}
					env.Setenv("PAYSEAL_DATABASE_URL", url)
					env.Setenv("EMPTY_DATABASE_URL", empty)
					return setUpStory(env)
				},
			})
		})
	}
}

// exits runs a program that must end with the exit code: exits CODE PROGRAM ARG...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	code := 0
	var ended *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &ended) {
		code = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// nameFingerprint puts the first fingerprint of a gpg listing into a variable:
// fingerprint NAME LISTING.
func nameFingerprint(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fingerprint NAME LISTING")
	}
	_, rest, _ := strings.Cut(ts.ReadFile(args[1]), "\nfpr:")
	fields := strings.Split(rest, ":")
	if len(fields) < 9 {
		ts.Fatalf("no fingerprint in %s", args[1])
	}
	ts.Setenv(args[0], fields[8])
}

// startRelay starts a relay: relay CAFILE PORTVARIABLE.
func startRelay(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: relay CAFILE PORTVARIABLE")
	}
	relay, err := smtptest.Serve(smtptest.Options{})
	ts.Check(err)
	ts.Defer(func() { _ = relay.Close() })
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), relay.CAPEM(), 0o600))
	ts.Setenv(args[1], strconv.Itoa(relay.Port()))
	relays.Store(ts.Getenv("WORK"), relay)
}

// meddle changes the story's database behind the program's back: sql STATEMENT.
func meddle(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sql STATEMENT")
	}
	store, err := postgres.Open(context.Background(), ts.Getenv("PAYSEAL_DATABASE_URL"), nil)
	ts.Check(err)
	defer store.Close()
	_, err = store.Pool().Exec(context.Background(), args[0])
	ts.Check(err)
}

// startProving gives an admin what proves their name: an account of their own with
// one-time codes, and a token for commands: proves NAME TOKEN. The story's names
// must be proven already.
func startProving(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: proves NAME TOKEN")
	}
	store := storyStore(ts)
	defer store.Close()
	ctx, name := context.Background(), payroll.AdminName(args[0])
	_, err := store.Pool().Exec(ctx, `update admins set enrolled_at = now() where name = $1`, name)
	ts.Check(err)
	ts.Check(store.SealAccess(ctx))
	ts.Check(store.AddFactor(ctx, name, payroll.NewFactor{Kind: payroll.FactorTOTP, Content: []byte(storySeed)}, "a hash"))
	token := payroll.Token{Admin: name, Label: "story", Scopes: []payroll.Scope{payroll.ScopeCommand}}
	ts.Check(store.CreateToken(ctx, token, payroll.HashToken(args[1]), time.Hour))
}

// storySeed is the seed of everybody's one-time codes in the stories.
const storySeed = "JBSWY3DPEHPK3PXP"

// showCode lets the app of everybody in the story show a code that has not counted
// yet, as PAYSEAL_CODE: code.
func showCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: code")
	}
	store := storyStore(ts)
	defer store.Close()
	_, err := store.Pool().Exec(context.Background(), `update admin_factors set last_step = 0`)
	ts.Check(err)
	ts.Check(store.SealAccess(context.Background()))
	code, err := totp.GenerateCode(storySeed, time.Now())
	ts.Check(err)
	ts.Setenv("PAYSEAL_CODE", code)
}

// storyStore is the story's database under the vault in its folder.
func storyStore(ts *testscript.TestScript) *postgres.Store {
	store, err := postgres.Open(context.Background(), ts.Getenv("PAYSEAL_DATABASE_URL"), nil)
	ts.Check(err)
	vault, err := openVault(config.Vault{MasterKeyFile: ts.MkAbs("master.key")})
	ts.Check(err)
	store.Unlock(vault)
	return store
}

// relays are the stories' relays by their work folders.
var relays sync.Map

// takeMail writes the encrypted part of the last mail with one that the story's
// relay took for an address: mail ADDRESS FILE.
func takeMail(ts *testscript.TestScript, neg bool, args []string) {
	relay, found := relays.Load(ts.Getenv("WORK"))
	if neg || len(args) != 2 || !found {
		ts.Fatalf("usage: mail ADDRESS FILE, after relay")
	}
	for _, m := range slices.Backward(relay.(*smtptest.Relay).Messages()) {
		if _, armored, found := bytes.Cut(m.Data, []byte("-----BEGIN PGP MESSAGE-----")); found && slices.Contains(m.To, args[0]) {
			ts.Check(os.WriteFile(ts.MkAbs(args[1]), append([]byte("-----BEGIN PGP MESSAGE-----"), armored...), 0o600))
			return
		}
	}
	ts.Fatalf("no encrypted mail for %s", args[0])
}

// takeNotice writes the text of the last mail in the clear that the story's relay
// took for an address, once it has: notice ADDRESS FILE.
func takeNotice(ts *testscript.TestScript, neg bool, args []string) {
	relay, found := relays.Load(ts.Getenv("WORK"))
	if neg || len(args) != 2 || !found {
		ts.Fatalf("usage: notice ADDRESS FILE, after relay")
	}
	tries := time.NewTicker(10 * time.Millisecond)
	defer tries.Stop()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-tries.C {
		if text, sent := lastNotice(ts, relay.(*smtptest.Relay).Messages(), args[0]); sent {
			ts.Check(os.WriteFile(ts.MkAbs(args[1]), text, 0o600))
			return
		}
	}
	ts.Fatalf("no notice for %s", args[0])
}

func lastNotice(ts *testscript.TestScript, mails []smtptest.Message, to string) ([]byte, bool) {
	for _, m := range slices.Backward(mails) {
		parsed, err := mail.ReadMessage(bytes.NewReader(m.Data))
		ts.Check(err)
		if !slices.Contains(m.To, to) || !strings.HasPrefix(parsed.Header.Get("Content-Type"), "text/plain") {
			continue
		}
		body := parsed.Body
		if parsed.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			body = quotedprintable.NewReader(body)
		}
		text, err := io.ReadAll(body)
		ts.Check(err)
		return text, true
	}
	return nil, false
}
