// Is this mail really from the company? The browser checks its signature on this
// computer: nothing of the mail or of a key is sent anywhere. What was found is
// said in the page's own words; nothing of the mail is ever shown as a page.

import * as openpgp from "openpgp"
import { find, words } from "./page.js"
import { forget, readSecretKey, unlock } from "./keys.js"
import { addresses, block, bytesIn, canonical, contentOf, field, leaves, parseMail, textOf } from "./mail.js"

const form = find("#check-mail")
const result = find("#check-result")
const mailFile = find("#mail-file")
const keyFile = form.querySelector("#secret-key-file")
const passphrase = form.querySelector("#secret-key-passphrase")

const mostMail = 40 << 20 // bytes
const config = { maxDecompressedMessageSize: 200 << 20 } // bytes; a mail must not fill the memory

// Finding is what came out: the name of an outcome of the page, and facts to show.
class Finding extends Error {
  constructor(outcome, facts = {}) {
    super(outcome)
    this.facts = facts
  }
}

// examine finds what there is to check in a mail, and checks it.
async function examine(bytes, company, secret) {
  const text = textOf(bytes)
  const mail = parseMail(text)
  if (!mail) {
    if (looksEncrypted(text) || text.startsWith("-----BEGIN PGP SIGNED MESSAGE-----")) {
      return examineParts([{ headers: [], type: "", parameters: {}, body: text, parts: [] }], null, company, secret)
    }
    throw new Finding("unreadable")
  }
  if (mail.type === "multipart/signed") return detached(mail, mail, company, secret)
  return examineParts(leaves(mail), mail, company, secret, signedPart(mail))
}

// signedPart is a multipart/signed further in: lists and gateways wrap mails.
function signedPart(entity) {
  if (entity.type === "multipart/signed") return entity
  for (const part of entity.parts) {
    const found = signedPart(part)
    if (found) return found
  }
}

async function examineParts(parts, mail, company, secret, signed) {
  const whole = mail?.type === "multipart/encrypted"
  for (const part of parts) {
    const content = contentOf(part)
    if (looksEncrypted(content) && (whole || !/^text\/html/.test(part.type))) {
      return encrypted(content, mail, company, secret, whole)
    }
  }
  if (signed) return detached(signed, mail, company, secret, true)
  for (const part of parts) {
    const clear = block(contentOf(part), "SIGNED MESSAGE", "SIGNATURE")
    if (clear) return clearSigned(clear, mail, company)
  }
  throw new Finding("unsigned", facts(mail))
}

// An encrypted message begins with the packet of a session key (RFC 9580 §5.1).
const looksEncrypted = content => content.includes("-----BEGIN PGP MESSAGE-----") || /^(?:\x84|\x85|\x86|\xc1)[\s\S]{0,5}[\x03\x06]/.test(content)

async function encrypted(content, mail, company, secret, whole) {
  if (!secret) throw new Finding("encrypted", facts(mail))
  const armored = block(content, "MESSAGE", "MESSAGE")
  let opened
  try {
    const message = await openpgp.readMessage(armored ? { armoredMessage: armored } : { binaryMessage: bytesIn(content) })
    opened = await openpgp.decrypt({ message, decryptionKeys: secret, verificationKeys: company, format: "binary", date: null, config })
  } catch {
    throw new Finding("locked", facts(mail))
  }
  const inner = parseMail(textOf(opened.data))
  if (opened.signatures.length) {
    return judge(opened.signatures, company, secret, facts(inner?.type ? inner : mail), { mail, inner: whole ? inner : null, whole })
  }
  if (inner?.type === "multipart/signed") return detached(inner, mail, company, secret)
  throw new Finding("unsigned", facts(inner ?? mail))
}

// detached checks a multipart/signed (RFC 3156 §5): the signature is over the raw
// bytes of its first part.
async function detached(entity, mail, company, secret, inside = false) {
  const [signed, signature] = entity.parts
  const armored = signature && block(contentOf(signature), "SIGNATURE", "SIGNATURE")
  if (!armored) throw new Finding(signature?.type === "application/pgp-signature" ? "bad" : "unsigned", facts(mail))
  const content = bytesIn(canonical(signed.raw))
  let checked
  try {
    checked = await openpgp.verify({
      message: await openpgp.createMessage({ binary: content }),
      signature: await openpgp.readSignature({ armoredSignature: armored }),
      verificationKeys: company,
      format: "binary",
      date: null,
    })
  } catch {
    throw new Finding("bad", facts(mail))
  }
  const inner = protectedIn(signed) ? signed : null
  return judge(checked.signatures, company, secret, facts(inner ?? mail), { mail, inner, whole: !inside })
}

async function clearSigned(text, mail, company) {
  let checked
  try {
    const message = await openpgp.readCleartextMessage({ cleartextMessage: new TextDecoder().decode(bytesIn(text)) })
    checked = await openpgp.verify({ message, verificationKeys: company, date: null })
  } catch {
    throw new Finding("bad", facts(mail))
  }
  return judge(checked.signatures, company, null, facts(mail), { mail, inner: null, whole: !mail })
}

// protectedIn reports whether a signed part repeats the mail's header (RFC 9788).
const protectedIn = part => Boolean(part && (part.parameters["protected-headers"] || part.parameters.hp))

const facts = mail => (mail ? { from: field(mail, "from"), to: field(mail, "to"), subject: field(mail, "subject") } : {})

// judge weighs the signatures: one good one by the company is enough; otherwise
// the worst is told.
async function judge(signatures, company, secret, known, where) {
  const verdicts = await Promise.all(signatures.map(signature => verdictOf(signature, company)))
  const best = ["good", "revoked", "expired", "bad", "stranger"].map(name => verdicts.find(v => v.outcome === name)).find(Boolean)
  if (!best) throw new Finding("unsigned", known)
  const shown = { ...known, signed: best.signed, signer: best.key?.getUserIDs()[0], fingerprint: best.key ? grouped(best.key) : best.keyID }
  if (best.outcome !== "good") throw new Finding(best.outcome, shown)
  if (secret && best.recipients.length && !best.recipients.some(fingerprint => fingerprintsOf(secret).includes(fingerprint))) {
    throw new Finding("not_for_you", shown)
  }
  return sender(shown, where)
}

// sender compares whom the mail names as its sender with the company. Without a
// signed header, the one outside is all there is, and anybody can write it.
function sender(shown, { mail, inner, whole }) {
  const signedHeader = inner && field(inner, "from") ? inner : null
  const from = signedHeader ?? mail
  if (from) {
    const [address, ...more] = addresses(field(from, "from"))
    if (more.length || address !== form.dataset.address.toLowerCase()) throw new Finding("other_from", shown)
  }
  throw new Finding(whole && (signedHeader || !mail) ? "good" : "good_part", shown)
}

async function verdictOf({ keyID, verified, signature }, company) {
  const key = company.find(one => one.getKeys(keyID).length > 0)
  const packet = (await signature.catch(() => null))?.packets[0]
  const verdict = { outcome: "good", key, keyID: keyID.toHex().toUpperCase(), signed: packet?.created, recipients: recipientsOf(packet) }
  if (!key) return { ...verdict, outcome: "stranger" }
  if (await key.isRevoked(undefined, undefined, new Date())) return { ...verdict, outcome: "revoked" }
  try {
    await verified
    return verdict
  } catch {
    return { ...verdict, outcome: (await validThen(key, keyID, packet)) ? "bad" : "expired" }
  }
}

// validThen reports whether the company's key could sign when the signature says
// that it was made.
async function validThen(key, keyID, packet) {
  try {
    await key.getSigningKey(keyID, packet?.created ?? new Date())
    return true
  } catch {
    return false
  }
}

// recipientsOf are the fingerprints of whom a signature was made for: the hashed
// subpackets of type 35 (RFC 9580 §5.2.3.36), which OpenPGP.js keeps as they came.
function recipientsOf(packet) {
  return (packet?.unknownSubpackets ?? []).filter(({ type }) => type === 35).map(({ body }) => hex(body.subarray(1)))
}

const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("")
const fingerprintsOf = key => key.getKeys().map(part => part.getFingerprint())
const grouped = key => key.getFingerprint().toUpperCase().match(/.{4}/g).join(" ")

// companyKeys fetches the company's certificate, which must be the one whose
// fingerprint the page names, and the ones before it, with which older mails were
// signed.
async function companyKeys() {
  const [current, former] = await Promise.all([form.dataset.certificate, form.dataset.former].map(fetchText))
  const key = await openpgp.readKey({ armoredKey: current })
  if (key.getFingerprint().toUpperCase() !== form.dataset.fingerprint.replaceAll(" ", "").toUpperCase()) throw new Error("another key")
  const blocks = former.match(/-----BEGIN PGP PUBLIC KEY BLOCK-----[^-]*-----END PGP PUBLIC KEY BLOCK-----/g) ?? []
  return [key, ...(await Promise.all(blocks.map(armoredKey => openpgp.readKey({ armoredKey }))))]
}

async function fetchText(path) {
  const answer = await fetch(path, { credentials: "omit", cache: "no-cache" })
  if (!answer.ok) throw new Error("no key")
  return answer.text()
}

async function secretKey() {
  if (!keyFile?.files.length) return null
  try {
    return await unlock(await readSecretKey(keyFile.files[0]), passphrase.value)
  } catch {
    throw new Finding("locked")
  }
}

async function check() {
  const [file] = mailFile.files
  if (!file || file.size === 0 || file.size > mostMail) throw new Finding("unreadable")
  const [bytes, company] = await Promise.all([file.arrayBuffer(), companyKeys()])
  const secret = await secretKey()
  try {
    await examine(new Uint8Array(bytes), company, secret)
  } finally {
    forget(secret)
  }
}

function show(outcome, known = {}) {
  const found = words(outcome, {}, "outcome")
  const details = document.querySelector("template[data-facts]")?.content.cloneNode(true)
  const signed = known.signed?.toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" })
  const slots = { ...known, signed }
  let any = false
  for (const slot of details?.querySelectorAll("[data-slot]") ?? []) {
    const value = slots[slot.dataset.slot]
    slot.textContent = value ?? ""
    slot.closest("[data-row]").hidden = !value
    any ||= Boolean(value)
  }
  result.dataset.outcome = outcome
  result.replaceChildren(found, ...(any ? [details] : []))
}

form.addEventListener("submit", async event => {
  event.preventDefault()
  show("busy")
  try {
    await check()
  } catch (error) {
    if (!(error instanceof Finding)) console.error(error.name)
    show(error instanceof Finding ? error.message : "failed", error.facts)
  }
})

// A mail may be dropped anywhere on its field; dropped beside it, the browser
// must not open it as a page.
const drop = form.querySelector("#mail-drop")
for (const name of ["dragover", "drop"]) {
  addEventListener(name, event => {
    event.preventDefault()
    drop?.toggleAttribute("data-over", name === "dragover" && drop.contains(event.target))
    if (name === "drop" && drop?.contains(event.target) && event.dataTransfer.files.length === 1) mailFile.files = event.dataTransfer.files
  })
}
addEventListener("pagehide", () => form.reset())
