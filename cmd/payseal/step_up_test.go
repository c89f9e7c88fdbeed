package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// stepUpCommands are the console's acts that take a fresh second factor, as
// docs/roles.md lists them, and the command that does the same; or, after "-", why
// no command takes a code for it.
var stepUpCommands = map[string]string{
	"/runs/{id}/approve":                  "runs approve 1",
	"/runs/{id}/slips/{number}/reapprove": "runs approve 1 7",
	"/runs/{id}/slips/{number}/release":   "runs release 1 7 --reason asked",
	"/runs/{id}/report":                   "runs report 1",
	"/audit/export":                       "audit export",
	"/proposals/{id}/confirm":             "admins confirm 1",
	"/admins/{name}/disable":              "admins disable nobody",

	"/admins/new":                   "- counts once somebody else has confirmed it with a code; see TestAloneWantsACode",
	"/admins/{name}/roles":          "- likewise",
	"/admins/{name}/enable":         "- likewise",
	"/admins/{name}/reset":          "- likewise",
	"/people/certificates/{id}/end": "- it only ever stops slips, and who learns of a lost key must be fast (decision 0093)",

	"/admins/{name}/employee":      "- no command does it",
	"/account/name":                "- one's own account is in the console alone",
	"/account/passkey":             "- likewise",
	"/account/codes":               "- likewise",
	"/account/sso":                 "- likewise",
	"/account/recovery":            "- likewise",
	"/account/factors/{id}":        "- likewise",
	"/account/factors/{id}/remove": "- likewise",
	"/account/tokens/new":          "- likewise",
}

// cast is a database where names are proven, and who acts in it.
type cast struct {
	t     *testing.T
	dir   string
	store *postgres.Store
}

// newCast has a person for each of the roles, with one-time codes and a token.
func newCast(t *testing.T, people map[payroll.AdminName]payroll.Role) *cast {
	t.Helper()
	c := &cast{t: t, dir: t.TempDir()}
	database := pgtest.New(t, migrated)
	for name, content := range map[string]string{
		"database.url": database, "signer.passphrase": "correct horse battery\n",
		"payseal.toml": "[company]\nname = \"ACME\"\n[database]\nurl_file = \"database.url\"\n[vault]\nmaster_key_file = \"master.key\"\n[signer]\nfile = \"signer.asc\"\npassphrase_file = \"signer.passphrase\"\n[console]\norigin = \"https://hr.acme.example\"\n",
	} {
		check(t, os.WriteFile(filepath.Join(c.dir, name), []byte(content), 0o600))
	}
	exitsWith(t, exitYes, "vault", "init", "--out", filepath.Join(c.dir, "master.key"))
	exitsWith(t, exitYes, "signer", "init", "--user-id", "ACME Payroll <payroll@acme.example>",
		"--passphrase-file", filepath.Join(c.dir, "signer.passphrase"), "--out", filepath.Join(c.dir, "signer.asc"))
	var err error
	c.store, err = postgres.Open(t.Context(), database, nil)
	check(t, err)
	t.Cleanup(c.store.Close)
	vault, err := openVault(config.Vault{MasterKeyFile: filepath.Join(c.dir, "master.key")})
	check(t, err)
	c.store.Unlock(vault)
	for name, role := range people {
		_, err := c.store.Pool().Exec(t.Context(), `insert into admins (name, roles, enrolled_at) values ($1, $2, now())`, name, []payroll.Role{role})
		check(t, err)
		check(t, c.store.SealAccess(t.Context()))
		check(t, c.store.AddFactor(t.Context(), name, payroll.NewFactor{Kind: payroll.FactorTOTP, Content: []byte(storySeed)}, "a hash"))
		token := payroll.Token{Admin: name, Label: "test", Scopes: []payroll.Scope{payroll.ScopeCommand}}
		check(t, c.store.CreateToken(t.Context(), token, payroll.HashToken("of "+string(name)), time.Hour))
	}
	return c
}

// says runs a command for somebody, with a code if there is one, and returns what
// it said, whether or not it was done.
func (c *cast) says(by payroll.AdminName, code, command string) string {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), "payseal", append(strings.Fields(command), "--as", string(by))...)
	cmd.Dir, cmd.Env = c.dir, append(os.Environ(), "PAYSEAL_TOKEN=of "+string(by))
	if code != "" {
		cmd.Env = append(cmd.Env, "PAYSEAL_CODE="+code)
	}
	out, _ := cmd.CombinedOutput() // most of them have nothing to act upon
	return string(out)
}

// code is one that has not counted yet.
func (c *cast) code() string {
	c.t.Helper()
	_, err := c.store.Pool().Exec(c.t.Context(), `update admin_factors set last_step = 0`)
	check(c.t, err)
	check(c.t, c.store.SealAccess(c.t.Context()))
	code, err := totp.GenerateCode(storySeed, time.Now())
	check(c.t, err)
	return code
}

// steppedUp is how often a fresh second factor was used.
func (c *cast) steppedUp() (n int) {
	c.t.Helper()
	check(c.t, c.store.Pool().QueryRow(context.Background(), `select count(*) from audit where act = 'account.step_up'`).Scan(&n))
	return n
}

var stepUpRow = regexp.MustCompile("(?m)^\\| POST \\| `([^`]+)` \\| [^|]* \\| ([^|]*) \\| yes \\|$")

// TestStepUpByCommand holds the commands to the console: what takes a fresh second
// factor there takes a one-time code here, for the same roles, or the list says why
// not.
func TestStepUpByCommand(t *testing.T) {
	t.Parallel()
	people := map[payroll.AdminName]payroll.Role{"maria": payroll.RoleMaker, "anton": payroll.RoleApprover, "olga": payroll.RoleOperator, "dia": payroll.RoleAuditor}
	c := newCast(t, people)
	seen := map[string]bool{}
	for _, row := range stepUpRow.FindAllStringSubmatch(readDoc(t, "../../docs/roles.md"), -1) {
		path, roles := row[1], strings.Split(row[2], ", ")
		command, found := stepUpCommands[path]
		if seen[path] = true; !found {
			t.Errorf("%s takes a fresh second factor; say which command does the same", path)
		}
		if !found || strings.HasPrefix(command, "-") {
			continue
		}
		for name, role := range people {
			said := c.says(name, "", command)
			if want := "set PAYSEAL_CODE"; slices.Contains(roles, string(role)) {
				if !strings.Contains(said, want) {
					t.Errorf("%s by %s without a code: %s", command, role, said)
				}
				before := c.steppedUp()
				if said := c.says(name, c.code(), command); strings.Contains(said, "PAYSEAL_CODE") || c.steppedUp() != before+1 {
					t.Errorf("%s by %s with a code: %s", command, role, said)
				}
			} else if !strings.Contains(said, "does not have") {
				t.Errorf("%s by %s: %s", command, role, said)
			}
		}
	}
	for path := range stepUpCommands {
		if !seen[path] {
			t.Errorf("%s takes no fresh second factor in docs/roles.md", path)
		}
	}
}

// TestAloneWantsACode: what needs no second person, since there is none, needs a
// code; and with two a proposal needs none.
func TestAloneWantsACode(t *testing.T) {
	t.Parallel()
	c := newCast(t, map[payroll.AdminName]payroll.Role{"olga": payroll.RoleOperator})
	for _, command := range []string{"admins add anton --role approver", "admins roles olga --role operator --role auditor", "admins reset olga"} {
		if said := c.says("olga", "", command); !strings.Contains(said, "set PAYSEAL_CODE") {
			t.Errorf("%s without a code: %s", command, said)
		}
	}
	if said := c.says("olga", c.code(), "admins add anton --role approver"); !strings.Contains(said, "/enter/") {
		t.Fatalf("the second admin: %s", said)
	}
	_, err := c.store.Pool().Exec(t.Context(), `update admins set enrolled_at = now() where name = 'anton'`)
	check(t, err)
	check(t, c.store.SealAccess(t.Context()))
	if said := c.says("olga", "", "admins add maria --role maker"); !strings.Contains(said, "waits for a second person") {
		t.Errorf("the third admin: %s", said)
	}
}
