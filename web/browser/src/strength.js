// How hard a passphrase is to guess, and one that is hard.

import { ZxcvbnFactory } from "@zxcvbn-ts/core"
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common"

const meter = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })

// enough is the score from which a passphrase protects a backup that somebody
// has stolen: more than 10^8 guesses, each as slow as stretching makes it.
export const enough = 3

// longest is what the meter looks at; what comes after it can only help.
const longest = 64

// score is from 0 (guessed at once) to 4. What is known of the person counts as
// easily guessed.
export function score(passphrase, known) {
  if (passphrase.length < 8) return Math.min(1, passphrase.length)
  const inputs = known.flatMap(text => [text, ...text.split(/[\s@.]+/)]).filter(text => text.length > 2)
  return meter.check(passphrase.slice(0, longest), inputs).score
}

// letters leaves out what is taken for something else.
const letters = "23456789abcdefghjkmnpqrstuvwxyz"

// suggestion is five groups of four random letters: 99 bits.
export function suggestion() {
  let text = ""
  while (text.length < 20) {
    const [number] = crypto.getRandomValues(new Uint8Array(1))
    if (number < letters.length * 8) text += letters[number % letters.length]
  }
  return text.match(/.{4}/g).join("-")
}
