// Takes a mail apart without changing a byte of it, as far as checking its
// signature needs: a signature is over bytes, so nothing may be decoded and
// encoded again. Texts here are binary strings, one character for each byte.

// A hostile mail must not keep the browser busy for ever.
const mostParts = 100
const mostDepth = 8
const mostHeader = 64 << 10 // characters of all header lines of one entity
const mostField = 4000 // characters of one

// textOf makes a binary string of bytes, bytesIn the way back.
export function textOf(bytes) {
  let text = ""
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return text
}

export function bytesIn(text) {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

// canonical gives every line the end that signatures are made over.
export const canonical = text => text.replace(/\r?\n/g, "\r\n")

// parseMail reads an entity: {headers, type, parameters, body, raw, parts}. It
// gives null for what has no header.
export function parseMail(text) {
  const count = { parts: 0 }
  return parseEntity(text.replace(/^(?:From [^\n]*\n|\s*\n)+/, ""), 0, count)
}

function parseEntity(raw, depth, count) {
  const end = /\r?\n\r?\n/.exec(raw)
  const head = raw.startsWith("\n") || raw.startsWith("\r\n") ? "" : end ? raw.slice(0, end.index) : raw
  const body = head === "" ? raw.replace(/^\r?\n/, "") : end ? raw.slice(end.index + end[0].length) : ""
  const headers = parseHeaders(head)
  if (depth === 0 && !headers.some(({ name }) => name === "from" || name === "content-type")) return null
  const [type, parameters] = parseType(valueOf(headers, "content-type") ?? "text/plain")
  const entity = { headers, type, parameters, body, raw, parts: [] }
  if (type.startsWith("multipart/") && parameters.boundary && depth < mostDepth) {
    for (const part of split(body, parameters.boundary)) {
      if (++count.parts > mostParts) break
      entity.parts.push(parseEntity(part, depth + 1, count))
    }
  }
  return entity
}

function parseHeaders(head) {
  const headers = []
  for (const line of head.slice(0, mostHeader).replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const colon = line.indexOf(":")
    if (colon <= 0 || /\s/.test(line.slice(0, colon).trimEnd())) continue
    headers.push({ name: line.slice(0, colon).trimEnd().toLowerCase(), value: line.slice(colon + 1).trim().slice(0, mostField) })
  }
  return headers
}

function valueOf(headers, name) {
  return headers.find(header => header.name === name)?.value
}

function parseType(value) {
  const [type, ...rest] = value.match(/(?:"(?:\\.|[^"\\])*"|[^;"])+/g) ?? [""]
  const parameters = {}
  for (const parameter of rest) {
    const equals = parameter.indexOf("=")
    if (equals < 0) continue
    const name = parameter.slice(0, equals).trim().toLowerCase()
    parameters[name] ??= parameter.slice(equals + 1).trim().replace(/^"(.*)"$/s, "$1").replace(/\\(.)/g, "$1")
  }
  return [type.trim().toLowerCase(), parameters]
}

// split cuts a body at its boundary lines (RFC 2046 §5.1.1). The line end before
// a boundary belongs to the boundary.
function split(body, boundary) {
  const parts = []
  let from = -1
  for (let at = 0; at <= body.length; ) {
    const next = body.indexOf("\n", at)
    const line = body.slice(at, next < 0 ? body.length : next).trimEnd()
    if (line === `--${boundary}` || line === `--${boundary}--`) {
      if (from >= 0) parts.push(body.slice(from, at).replace(/\r?\n$/, ""))
      if (line.endsWith("--") && line.length === boundary.length + 4) return parts
      from = next + 1
    }
    if (next < 0) break
    at = next + 1
  }
  return from >= 0 ? [...parts, body.slice(from)] : parts // cut short: the end is missing
}

// contentOf undoes the transfer encoding of a part.
export function contentOf(entity) {
  switch ((valueOf(entity.headers, "content-transfer-encoding") ?? "").toLowerCase()) {
    case "base64":
      return fromBase64(entity.body)
    case "quoted-printable":
      return entity.body
        .replace(/[ \t]+(?=\r?\n|$)/g, "")
        .replace(/=\r?\n/g, "")
        .replace(/=([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
  }
  return entity.body
}

function fromBase64(text) {
  try {
    return atob(text.replace(/[^A-Za-z0-9+/]/g, ""))
  } catch {
    return ""
  }
}

// field is a header of an entity as a person reads it.
export function field(entity, name) {
  const value = valueOf(entity.headers, name)
  if (value === undefined) return ""
  const joined = value.replace(/(=\?[^?]+\?[bq]\?[^?]*\?=)\s+(?==\?)/gi, "$1")
  const decoded = joined.replace(/=\?([^?*]+)(?:\*[^?]*)?\?([bq])\?([^?]*)\?=/gi, (word, charset, kind, text) => {
    const bytes = kind.toLowerCase() === "b" ? fromBase64(text)
      : text.replace(/_/g, " ").replace(/=([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
    try {
      return new TextDecoder(charset).decode(bytesIn(bytes))
    } catch {
      return word
    }
  })
  const plain = decoded === value ? new TextDecoder().decode(bytesIn(value)) : decoded
  return plain.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "") // nothing that moves or hides letters
}

// addresses are the mail addresses in a field, in lower case: what stands in
// angle brackets, else what looks like one. A name or a comment is none.
export function addresses(text) {
  const bare = text.replace(/"(?:\\.|[^"\\])*"/g, " ").replace(/\([^()]*\)/g, " ")
  const angled = [...bare.matchAll(/<\s*([^<>\s]+@[^<>\s]+)\s*>/g)].map(match => match[1])
  const found = angled.length ? angled : (bare.match(/[^\s<>,;:"]+@[^\s<>,;:"]+/g) ?? [])
  return found.map(address => address.toLowerCase())
}

// block is the first armor of a kind in a text, from its first line to its last.
export function block(text, from, to) {
  const start = text.indexOf(`-----BEGIN PGP ${from}-----`)
  const last = `-----END PGP ${to}-----`
  const end = start < 0 ? -1 : text.indexOf(last, start)
  return end < 0 ? undefined : text.slice(start, end + last.length)
}

// leaves are the parts of a mail that hold no other parts, in their order.
export function leaves(entity) {
  return entity.parts.length ? entity.parts.flatMap(leaves) : [entity]
}
