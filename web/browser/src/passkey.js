// Passkeys (WebAuthn) on the console's pages. A form with data-passkey="get" or
// "create" asks data-begin for what the browser's own dialogue needs, puts the
// answer into its field "response", and is sent as any other form is.

import { find } from "./page.js"

const options = {
  get: json => ({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(json) }),
  create: json => ({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json) }),
}

// A browser that cannot say it this way is an old one; it has other ways in.
const able = () => globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON && navigator.credentials

async function ask(form) {
  const begun = await fetch(form.dataset.begin, { method: "POST", body: new URLSearchParams(new FormData(form)) })
  if (!begun.ok || begun.redirected) throw new Error(`status ${begun.status}`)
  const { publicKey } = await begun.json()
  const kind = form.dataset.passkey
  const credential = await navigator.credentials[kind](options[kind](publicKey))
  find("[name=response]", form).value = JSON.stringify(credential)
}

async function submit(event) {
  event.preventDefault()
  const form = event.currentTarget
  const problem = find("[data-problem]", form)
  if (form.getAttribute("aria-busy") === "true") return
  form.setAttribute("aria-busy", "true")
  problem.hidden = true
  try {
    await ask(form)
    form.submit()
  } catch {
    problem.hidden = false
  } finally {
    form.removeAttribute("aria-busy")
  }
}

if (able()) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", submit)
    form.hidden = false
  }
  for (const words of document.querySelectorAll("[data-no-passkey]")) words.hidden = true
}
