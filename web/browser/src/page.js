// What the scripts of the pages share. Every word that a person reads comes from
// the page, in its language: <template data-word="weak">Too easy to guess</template>.

// find is the one element that the selector names; a page without it is broken.
export function find(selector, within = document) {
  const found = within.querySelector(selector)
  if (!found) throw new Error(`the page has no ${selector}`)
  return found
}

// words gives a copy of the page's words of that name. Each slot, an element with
// data-slot="name", gets the text that stands for its name, and never markup.
export function words(name, slots = {}, attribute = "word") {
  const copy = find(`template[data-${attribute}="${name}"]`).content.cloneNode(true)
  for (const slot of copy.querySelectorAll("[data-slot]")) {
    slot.textContent = slots[slot.dataset.slot] ?? ""
  }
  return copy
}

// say puts words into an element, which is announced if it is live. No name
// empties it.
export function say(element, name, slots) {
  element.replaceChildren(...(name ? [words(name, slots)] : []))
  element.hidden = !name
}

// Mistake is something that the person at the page can mend; its message is the
// name of the words that say how.
export class Mistake extends Error {
  constructor(word, field) {
    super(word)
    this.field = field
  }
}

// groups writes a fingerprint as the pages do, four characters in each span.
export function groups(fingerprint) {
  return fingerprint.toUpperCase().match(/.{4}/g).flatMap((four, i) => {
    const span = document.createElement("span")
    span.textContent = four
    return i ? [" ", span] : [span]
  })
}

// save gives a text to the person as a file. It never leaves the computer.
export function save(name, text) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

// bytesOf reads a chosen file, which is small if it is what we ask for.
export async function bytesOf(file, most) {
  if (file.size > most) throw new Mistake("too-large")
  return new Uint8Array(await file.arrayBuffer())
}
