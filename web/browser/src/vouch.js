// Signs, on the employee's own computer, the statement that a new certificate
// takes the place of the old one. Only the signed statement goes into the form.

import * as openpgp from "openpgp"
import { find, Mistake, say } from "./page.js"
import { forget, readSecretKey, unlock } from "./keys.js"

const form = find("#vouch-form")
const file = find("#old-key-file", form)
const passphrase = find("#old-key-passphrase", form)
const signed = find("textarea[name=vouch]", form)
const result = find("#vouch-result", form)

// Neither may ever be part of what the form sends.
for (const secret of [file, passphrase]) secret.removeAttribute("name")

async function sign() {
  const locked = await readSecretKey(file.files[0])
  const wanted = (form.dataset.fingerprint ?? "").replaceAll(" ", "").toUpperCase()
  if (wanted && locked.getFingerprint().toUpperCase() !== wanted) throw new Mistake("other-key", file)
  const key = await unlock(locked, passphrase.value)
  try {
    return await openpgp.sign({
      message: await openpgp.createCleartextMessage({ text: form.dataset.statement }),
      signingKeys: key,
      date: new Date(Date.now() - 1000), // never later than the server's clock by a rounded second
    })
  } finally {
    forget(key)
  }
}

form.addEventListener("submit", async event => {
  if (!file.files.length) return // signed elsewhere, and pasted
  event.preventDefault()
  const { submitter } = event
  form.setAttribute("aria-busy", "true")
  say(result)
  try {
    signed.value = await sign()
    file.value = passphrase.value = ""
    say(result, "signed")
    form.requestSubmit(submitter)
  } catch (error) {
    if (!(error instanceof Mistake)) console.error(error.name)
    say(result, error instanceof Mistake ? error.message : "failed")
    ;(error.field ?? (error.message.endsWith("passphrase") ? passphrase : file)).focus()
  } finally {
    form.removeAttribute("aria-busy")
  }
})

addEventListener("pagehide", () => (file.value = passphrase.value = ""))
