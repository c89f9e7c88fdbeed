package keystore

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"
)

// readFile finds the packets of one certificate in whatever was handed in, or
// says what it is instead. Secret material is looked for before anything else,
// also in files that are refused for another reason.
func readFile(raw []byte) ([]frame, Code) {
	front := raw[:min(len(raw), MaxFile)]
	frames, code := readWhole(front)
	if code != "" && code != CodeSecretKey && hidesSecret(bytes.TrimPrefix(front, []byte("\xef\xbb\xbf"))) {
		return frames, CodeSecretKey
	}
	if len(raw) > MaxFile && code != CodeSecretKey {
		return nil, CodeTooLarge
	}
	return frames, code
}

func readWhole(raw []byte) ([]frame, Code) {
	text := bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if plain, wide := fromUTF16(text); wide {
		if secretLabel.Match(plain) {
			return nil, CodeSecretKey
		}
		return nil, CodeUTF16
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, CodeEmpty
	}
	if text[0]&0x80 == 0 {
		return readText(text)
	}
	frames, rest, err := splitFront(text)
	if hasSecret(frames) || beginsSecret(bytes.TrimSpace(rest)) {
		return frames, CodeSecretKey
	}
	if err != nil && bytes.Contains(text, []byte(blockBegin)) {
		return readText(text)
	}
	return inspect(frames, err, text)
}

// secretLabel begins an armored secret key, of OpenPGP or any other kind.
var secretLabel = regexp.MustCompile(`BEGIN [A-Z0-9 ]*PRIVATE KEY`)

// fromUTF16 recognises UTF-16 by its byte-order mark or by a NUL at every other
// place, and drops the NULs.
func fromUTF16(text []byte) (plain []byte, wide bool) {
	marked := bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff"))
	if !marked && !bytes.Contains(text, []byte("-\x00-\x00-\x00")) {
		return nil, false
	}
	return bytes.ReplaceAll(text, []byte{0}, nil), true
}

// inspect decides what a sequence of packets is.
func inspect(frames []frame, err error, raw []byte) ([]frame, Code) {
	if hasSecret(frames) {
		return frames, CodeSecretKey
	}
	first := slices.IndexFunc(frames, func(f frame) bool { return f.tag != tagMarker && f.tag != tagPadding && f.tag != tagTrust })
	if first < 0 {
		return nil, notOpenPGP(raw)
	}
	frames = frames[first:]
	switch {
	case frames[0].tag == tagSignature && err == nil:
		if facts, ok := readFacts(frames[0].body); ok && facts.kind == 0x20 {
			return nil, CodeRevocationFile
		}
		return nil, CodeSignature
	case isMessage(frames[0].tag) && frames[0].plausible():
		return nil, CodeMessage
	case frames[0].tag != tagPublicKey:
		return nil, notOpenPGP(raw)
	case err != nil, slices.ContainsFunc(frames, func(f frame) bool { return isMessage(f.tag) || isSecret(f.tag) }):
		return frames, CodeMalformed
	case count(frames, tagPublicKey) > 1:
		return frames, CodeSeveralKeys
	case len(frames) > maxPackets:
		return frames, CodeFlood
	}
	return frames, ""
}

// plausible reports whether the packet begins as packets of its type do, so that
// a photograph whose bytes look like packet headers is not taken for a message
// or a secret key.
func (f frame) plausible() bool {
	if len(f.body) == 0 {
		return false
	}
	switch f.tag {
	case tagLiteral, tagCompressed, tagEncrypted:
		return true
	case tagSealed, tagAEADEncrypted:
		return f.body[0] == 1 || f.body[0] == 2
	}
	return f.body[0] >= 2 && f.body[0] <= 6
}

func hasSecret(frames []frame) bool {
	return slices.ContainsFunc(frames, func(f frame) bool { return isSecret(f.tag) && f.plausible() })
}

// hasStraySecret looks for a secret key in binary around armored blocks: at the
// start of a line, or right behind the dashes of one.
func hasStraySecret(text []byte) bool {
	for i, b := range text {
		if b&0x80 != 0 && (i == 0 || bytes.IndexByte([]byte("\n\r-"), text[i-1]) >= 0) && beginsSecret(text[i:]) {
			return true
		}
	}
	return false
}

// hasBareSecret looks for a secret key in base64 around armored blocks.
func hasBareSecret(text []byte) bool {
	return slices.ContainsFunc(base64Text.FindAll(text, maxEntries), func(run []byte) bool { return holdsSecret(fromBase64(run)) })
}

// beginsSecret reports whether the first packet is secret, also when it is cut
// short.
func beginsSecret(data []byte) bool {
	if len(data) == 0 {
		return false
	}
	head, _, tag, err := readHeader(data)
	return (err == nil || errors.Is(err, errOpenEnded)) && isSecret(tag) && frame{tag, data[head:]}.plausible()
}

func isSecret(tag uint8) bool { return tag == tagSecretKey || tag == tagSecretSubkey }

func isMessage(tag uint8) bool {
	switch tag {
	case tagSessionKey, tagSymmetricKey, tagOnePassSignature, tagCompressed, tagEncrypted, tagLiteral, tagSealed, tagAEADEncrypted:
		return true
	}
	return false
}

// readText finds the one armored certificate in a text.
func readText(text []byte) ([]frame, Code) {
	var blocks []block
	public := 0 // blocks that are called secret keys and are none
	for _, b := range unarmor(text) {
		if !strings.HasPrefix(b.label, "PGP ") {
			continue
		}
		frames, _ := splitFrames(b.data)
		if hasSecret(frames) {
			return frames, CodeSecretKey
		}
		if secretLabel.MatchString(blockBegin+b.label) && b.code == "" {
			public++
		}
		blocks = append(blocks, b)
	}
	if len(secretLabel.FindAll(text, -1)) > public || len(blocks) > 0 && (hasStraySecret(text) || hasBareSecret(text)) {
		return nil, CodeSecretKey
	}
	switch {
	case len(blocks) == 0:
		if code := notOpenPGP(text); code != CodeNotOpenPGP || !isBareCertificate(text) {
			return nil, code
		}
		return nil, CodeArmorCut
	case strings.HasPrefix(blocks[0].label, "PGP SIGNED MESSAGE"):
		return nil, CodeMessage
	case len(blocks) > 1:
		return nil, CodeSeveralBlocks
	}
	return readBlock(blocks[0])
}

func readBlock(b block) ([]frame, Code) {
	switch {
	case b.label == "PGP MESSAGE" || strings.HasPrefix(b.label, "PGP MESSAGE, "):
		return nil, CodeMessage
	case b.label == "PGP SIGNATURE":
		frames, err := splitFrames(b.data)
		if _, code := inspect(frames, err, nil); code == CodeRevocationFile {
			return nil, code
		}
		return nil, CodeSignature
	case b.code != "":
		return nil, b.code
	case len(b.data) == 0:
		return nil, CodeArmorDamaged
	}
	frames, err := splitFrames(b.data)
	frames, code := inspect(frames, err, nil)
	if code == CodeNotOpenPGP {
		code = CodeMalformed
	}
	if b.label != "PGP PUBLIC KEY BLOCK" && b.label != "PGP ARMORED FILE" && code == "" {
		return nil, CodeWrongLabel
	}
	return frames, code
}

// foreignFormats are what people hand in by mistake, by how it begins or by what
// is in it.
var foreignFormats = []struct {
	code     Code
	prefix   string
	contains string
}{
	{CodePDF, "%PDF-", ""},
	{CodeArchive, "PK\x03\x04", ""},
	{CodeArchive, "\xd0\xcf\x11\xe0", ""},
	{CodeArchive, "\x1f\x8b", ""},
	{CodeArchive, "7z\xbc\xaf\x27\x1c", ""},
	{CodeArchive, "Rar!", ""},
	{CodeKeybox, "", "\x01\x01\x00\x02KBXf"},
	{CodeKeybox, "", "\x01\x01\x00\x00KBXf"},
	{CodeSSH, "ssh-", ""},
	{CodeSSH, "ecdsa-sha2-", ""},
	{CodeSSH, "sk-ssh-", ""},
	{CodeSSH, "", "---- BEGIN SSH2 PUBLIC KEY"},
	{CodeSSH, "PuTTY-User-Key-File", ""},
	{CodeX509, "", "-----BEGIN CERTIFICATE"},
	{CodeX509, "", "-----BEGIN PUBLIC KEY"},
	{CodeX509, "", "-----BEGIN RSA PUBLIC KEY"},
	{CodeX509, "", "-----BEGIN PKCS7"},
	{CodeX509, "\x30\x82", ""},
	{CodeArmorDamaged, "", "BEGIN PGP "},
	{CodeHTML, "", "<html"},
	{CodeHTML, "", "<!doctype html"},
}

// notOpenPGP says what a file is that holds no OpenPGP packets.
func notOpenPGP(raw []byte) Code {
	head := bytes.TrimLeft(raw, " \t\r\n")
	lower := bytes.ToLower(raw)
	for _, f := range foreignFormats {
		if f.prefix != "" && bytes.HasPrefix(head, []byte(f.prefix)) ||
			f.contains != "" && (bytes.Contains(raw, []byte(f.contains)) || bytes.Contains(lower, []byte(f.contains))) {
			return f.code
		}
	}
	return CodeNotOpenPGP
}
