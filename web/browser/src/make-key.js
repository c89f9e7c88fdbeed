// Makes an OpenPGP key on the employee's own computer. What leaves the page is the
// public half, in the form at its end, and that only after the backup was read
// back and opened. The secret half and its passphrase are sent to nobody and
// stored nowhere but in the files that the employee saves.

import * as openpgp from "openpgp"
import { find, groups, Mistake, save, say } from "./page.js"
import { forget, plain, readSecretKey, unlock } from "./keys.js"
import { enough, score, suggestion } from "./strength.js"

const page = find("#make-key")
const { name, email } = page.dataset
const fields = {
  passphrase: find("#passphrase"),
  again: find("#passphrase-again"),
  file: find("#backup-file"),
  proof: find("#backup-passphrase"),
}

// The server's clock counts: a key from a computer whose clock is wrong would be
// refused as made in the future.
const ahead = Date.parse(page.dataset.now) - Date.now()
const now = () => new Date(Date.now() + ahead)

// settings make a key that programs of the last ten years read: version 4,
// Ed25519 and Curve25519 as GnuPG 2.2 writes them, no AEAD. The passphrase is
// stretched with iterated SHA-256 (33 MB); Argon2 would need WebAssembly, which
// the page's policy forbids, and GnuPG could not read it.
const settings = {
  v6Keys: false,
  aeadProtect: false,
  s2kType: openpgp.enums.s2k.iterated,
  s2kIterationCountByte: 240,
}

let made = null // {fingerprint, certificate, secret, revocation}, all text
const saved = new Set()
let backedUp = false

function twoYears(from) {
  const until = new Date(from)
  until.setUTCFullYear(until.getUTCFullYear() + 2)
  return Math.round((until - from) / 1000)
}

async function make(passphrase) {
  const date = now()
  const { privateKey, publicKey, revocationCertificate } = await openpgp.generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    userIDs: [{ name, email }],
    keyExpirationTime: twoYears(date),
    passphrase: plain(passphrase),
    date,
    format: "object",
    config: settings,
  })
  const [userID] = publicKey.getUserIDs()
  if (userID !== `${name} <${email}>`) throw new Error("the key names somebody else")
  const key = {
    fingerprint: publicKey.getFingerprint().toUpperCase(),
    certificate: publicKey.armor(),
    secret: privateKey.armor(),
    revocation: revocationCertificate,
  }
  forget(privateKey)
  return key
}

// prove opens the backup as it was read back, and lets it decrypt a message that
// was encrypted with the certificate which will be handed in.
async function prove(file, passphrase) {
  const locked = await readSecretKey(file)
  if (locked.getFingerprint().toUpperCase() !== made.fingerprint) throw new Mistake("other-key", fields.file)
  const key = await unlock(locked, passphrase)
  const text = crypto.randomUUID()
  const encrypted = await openpgp.encrypt({
    message: await openpgp.createMessage({ text, date: now() }),
    encryptionKeys: await openpgp.readKey({ armoredKey: made.certificate }),
    date: now(),
    config: settings,
  })
  const { data } = await openpgp.decrypt({
    message: await openpgp.readMessage({ armoredMessage: encrypted }),
    decryptionKeys: key,
    date: now(),
  })
  forget(key)
  if (data !== text) throw new Mistake("damaged", fields.file)
}

// show leads to a step: the others are hidden, and its heading gets the focus, so
// that a screen reader reads on from there.
function show(step) {
  const steps = [...page.querySelectorAll("[data-step]")]
  const here = steps.findIndex(section => section.dataset.step === step)
  steps.forEach((section, i) => (section.hidden = i !== here))
  find("#make-key-lead").hidden = here > 0
  find("h2", steps[here]).focus()
}

// The words for a mistake, and the field that it is about.
const about = {
  "no-file": fields.file,
  "no-key": fields.file,
  "several-keys": fields.file,
  "public-key": fields.file,
  revocation: fields.file,
  "too-large": fields.file,
  "no-passphrase": fields.proof,
  "wrong-passphrase": fields.proof,
}

function refuse(section, error) {
  const field = error.field ?? about[error.message]
  const known = error instanceof Mistake
  if (!known) console.error(error.name) // without its message, which may quote what it was about
  say(find("[data-mistake]", section), known ? error.message : "failed")
  field?.setAttribute("aria-invalid", "true")
  field?.closest(".field")?.classList.add("invalid")
  field?.focus()
}

// attempt does one step's work once, and says what hinders it.
async function attempt(section, work) {
  const buttons = section.querySelectorAll("button")
  say(find("[data-mistake]", section))
  section.querySelectorAll("[aria-invalid]").forEach(field => field.removeAttribute("aria-invalid"))
  section.querySelectorAll(".invalid").forEach(field => field.classList.remove("invalid"))
  buttons.forEach(button => (button.disabled = true))
  section.setAttribute("aria-busy", "true")
  try {
    await work()
  } catch (error) {
    buttons.forEach(button => (button.disabled = false))
    refuse(section, error)
  } finally {
    section.removeAttribute("aria-busy")
    buttons.forEach(button => (button.disabled = false))
    say(find("[data-progress]", section))
  }
}

// seen lets the browser paint what was just said before the work begins.
const seen = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)))

function judge() {
  const passphrase = fields.passphrase.value
  const grade = score(passphrase, [name, email])
  find("#strength").value = passphrase ? Math.max(grade, 0.2) : 0
  say(find("#strength-words"), passphrase ? `strength-${grade}` : "")
  return grade
}

function checkPassphrase() {
  const { passphrase, again } = fields
  if (!passphrase.value) throw new Mistake("empty", passphrase)
  if (passphrase.value !== passphrase.value.trim()) throw new Mistake("blanks", passphrase)
  if (judge() < enough) throw new Mistake("weak", passphrase)
  if (passphrase.value !== again.value) throw new Mistake("differ", again)
}

function reveal(open) {
  const button = find("#show-passphrase")
  for (const field of [fields.passphrase, fields.again]) field.type = open ? "text" : "password"
  button.setAttribute("aria-pressed", String(open))
}

const section = step => find(`[data-step="${step}"]`, page)

find("form", section("passphrase")).addEventListener("submit", event => {
  event.preventDefault()
  attempt(section("passphrase"), async () => {
    checkPassphrase()
    say(find("[data-progress]", section("passphrase")), "making")
    await seen()
    made = await make(fields.passphrase.value)
    fields.passphrase.value = fields.again.value = ""
    reveal(false)
    judge()
    for (const place of page.querySelectorAll("[data-fingerprint]")) place.replaceChildren(...groups(made.fingerprint))
    show("backup")
  })
})

fields.passphrase.addEventListener("input", judge)
find("#show-passphrase").addEventListener("click", () => reveal(fields.passphrase.type === "password"))
find("#suggest-passphrase").addEventListener("click", () => {
  fields.passphrase.value = fields.again.value = suggestion()
  reveal(true)
  judge()
  fields.passphrase.focus()
})

for (const button of page.querySelectorAll("[data-save]")) {
  button.addEventListener("click", () => {
    const kind = button.dataset.save // "backup" or "revocation"
    save(`payseal-${kind}.asc`, kind === "backup" ? made.secret : made.revocation)
    saved.add(kind)
    say(find(`[data-saved="${kind}"]`, page), "saved")
    find("#backup-done").disabled = saved.size < 2
  })
}
find("#backup-done").addEventListener("click", () => show("check"))
find("#backup-again").addEventListener("click", () => show("backup"))

find("form", section("check")).addEventListener("submit", event => {
  event.preventDefault()
  attempt(section("check"), async () => {
    say(find("[data-progress]", section("check")), "checking")
    await seen()
    await prove(fields.file.files[0], fields.proof.value)
    backedUp = true
    find("textarea", section("hand-in")).value = made.certificate
    find("button", section("hand-in")).disabled = false
    wipe()
    show("hand-in")
  })
})

// wipe forgets everything secret.
function wipe() {
  fields.passphrase.value = fields.again.value = fields.proof.value = fields.file.value = ""
  if (made) made = { fingerprint: made.fingerprint, certificate: made.certificate }
}

addEventListener("beforeunload", event => {
  if (made && !backedUp) event.preventDefault()
})
addEventListener("pagehide", wipe)
addEventListener("pageshow", event => {
  if (event.persisted) location.reload() // back again: there is nothing left to go on with
})

find("#waiting", page).hidden = true
show("passphrase")
