// Package keystore holds everything that is a key: the employees' certificates
// and the policy that judges them, the company's signer whose secret never
// leaves this room, the sealing of a letter to one certificate, and the vault
// that seals amounts at rest.
//
// It must never send anything, and it must never hand out a secret key, a
// passphrase or a data key. Its errors name what was done and why it could not
// be, never a name, an address, an amount or key material.
//
// Sealing is the only door to the mail room: a [Sealed] has unexported fields,
// and only [Signer.Seal] makes one that is not empty. Read [Certificate] and
// [Signer] first.
package keystore
