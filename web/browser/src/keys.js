// Keys in files, opened on this computer only.

import * as openpgp from "openpgp"
import { bytesOf, Mistake } from "./page.js"

const most = 1 << 20 // bytes of a key file

// plain is a passphrase as it is typed on every keyboard: composed letters
// (Unicode NFC).
export const plain = passphrase => passphrase.normalize("NFC")

// readSecretKey reads one secret key from a file, still locked.
export async function readSecretKey(file) {
  if (!file) throw new Mistake("no-file")
  const bytes = await bytesOf(file, most)
  const armored = new TextDecoder().decode(bytes)
  const at = armored.indexOf("-----BEGIN PGP ")
  const read = at >= 0 ? { armoredKeys: armored.slice(at) } : { binaryKeys: bytes }
  let keys
  try {
    keys = await openpgp.readKeys(read)
  } catch {
    throw new Mistake(/BEGIN PGP PUBLIC KEY BLOCK/.test(armored) ? "revocation" : "no-key")
  }
  if (keys.length !== 1) throw new Mistake(keys.length ? "several-keys" : "no-key")
  if (!keys[0].isPrivate()) throw new Mistake("public-key")
  return keys[0]
}

// unlock opens a secret key with its passphrase. A key without one is open already.
export async function unlock(key, passphrase) {
  if (key.isDecrypted()) return key
  if (!passphrase) throw new Mistake("no-passphrase")
  for (const spelling of new Set([plain(passphrase), passphrase])) {
    try {
      return await openpgp.decryptKey({ privateKey: key, passphrase: spelling })
    } catch {
      // the next spelling, or the mistake below
    }
  }
  throw new Mistake("wrong-passphrase")
}

// forget overwrites the secret numbers of a key that was unlocked, as far as a
// browser lets us.
export function forget(key) {
  for (const part of key ? [key, ...key.subkeys] : []) {
    const secret = part.keyPacket.privateParams
    for (const value of Object.values(secret ?? {})) {
      if (value instanceof Uint8Array) value.fill(0)
    }
    part.keyPacket.privateParams = null
  }
}
