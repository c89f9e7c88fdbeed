package keystore

import (
	"time"

	"github.com/payseal/payseal/payroll"
)

// The limits of what is judged. They are far above anything real: of 1,178
// certificates seen the largest had 491 kB.
const (
	// MaxFile is the largest file that is judged, in bytes.
	MaxFile = 1 << 20

	maxPackets  = 20_000
	maxUserIDs  = 500
	maxSubkeys  = 100
	maxForeign  = 100  // revocations of the key by others
	maxUserID   = 2048 // bytes; GnuPG's limit too
	maxEffort   = 1500 // units of about 100 us spent on verifying signatures; the most seen is 108
	maxKept     = 4    // encryption subkeys that are stored
	minRSA      = 2048 // bits
	maxRSA      = 16384
	clockSkew   = 10 * time.Minute // a key made on a computer whose clock is ahead
	expiresSoon = 30 * 24 * time.Hour
)

// sha1CutOff is the day from which a self-signature or binding over SHA-1 no
// longer counts, judged by the moment of judging and not by the date in the
// signature, which its maker chooses. It is the second pre-image cut-off of
// Sequoia's StandardPolicy. MD5 and RIPEMD-160, whose cut-offs are older than
// payseal, never count. A revocation over SHA-1 always counts.
var sha1CutOff = time.Date(2023, time.February, 1, 0, 0, 0, 0, time.UTC)

// Code names a verdict or a warning for programs. Codes are stable.
type Code string

// CodeGood is the code of a certificate that is accepted.
const CodeGood Code = "good"

// Why a file is not even looked into as a certificate.
const (
	CodeTooLarge       Code = "too_large"
	CodeEmpty          Code = "empty"
	CodeSecretKey      Code = "secret_key" // of OpenPGP or of any other kind, in whatever disguise
	CodeSeveralBlocks  Code = "several_blocks"
	CodeSeveralKeys    Code = "several_certificates"
	CodeUTF16          Code = "utf16_text"
	CodeArmorCut       Code = "armor_cut_short"
	CodeArmorDamaged   Code = "armor_damaged"
	CodeArmorChecksum  Code = "armor_checksum"
	CodeMessage        Code = "pgp_message"
	CodeSignature      Code = "pgp_signature"
	CodeRevocationFile Code = "revocation_certificate"
	CodeWrongLabel     Code = "wrong_label"
	CodeKeybox         Code = "keybox"
	CodeX509           Code = "x509_certificate"
	CodeSSH            Code = "ssh_key"
	CodeHTML           Code = "web_page"
	CodePDF            Code = "pdf"
	CodeArchive        Code = "archive_or_document"
	CodeNotOpenPGP     Code = "not_openpgp"
	CodeMalformed      Code = "malformed"
	CodeFlood          Code = "too_many_packets"
)

// Why a certificate is refused.
const (
	CodeOldVersion      Code = "unsupported_version"
	CodeAlgorithm       Code = "unsupported_algorithm"
	CodeWeakPrimary     Code = "weak_primary_key"
	CodeWeakSubkey      Code = "weak_encryption_subkey"
	CodeROCA            Code = "roca"
	CodeFuture          Code = "created_in_future"
	CodeRevoked         Code = "revoked"
	CodeNoSelfSignature Code = "no_valid_self_signature"
	CodeSHA1            Code = "sha1_self_signature"
	CodeNoUserID        Code = "no_user_id"
	CodeWrongAddress    Code = "address_not_in_certificate"
	CodeHiddenAddress   Code = "address_only_in_text"
	CodeUserIDRevoked   Code = "user_id_revoked"
	CodeUserIDInvalid   Code = "user_id_not_signed"
	CodeExpired         Code = "expired"
	CodeNoSubkey        Code = "no_encryption_subkey"
	CodeSubkeyRevoked   Code = "encryption_subkey_revoked"
	CodeSubkeyExpired   Code = "encryption_subkey_expired"
	CodeSubkeyUnbound   Code = "encryption_subkey_not_bound"
	CodeSubkeySHA1      Code = "encryption_subkey_sha1"
	CodeSubkeyFuture    Code = "encryption_subkey_in_future"
	CodeUseEnded        Code = "use_ended"
)

// What is worth a look in a certificate that is accepted.
const (
	WarnExpiresSoon  Code = "expires_soon"
	WarnPrimary      Code = "encrypts_to_primary_key"
	WarnNoFlags      Code = "no_key_flags"
	WarnStorageOnly  Code = "storage_only"
	WarnUnusedSubkey Code = "encryption_subkey_not_used"
	WarnUserIDSHA1   Code = "user_id_sha1"
	WarnStripped     Code = "packets_stripped"
	WarnNotUTF8      Code = "user_id_not_utf8"
)

// rule is what a code means: to a slip that waits for the certificate, and to a
// person, with the mend.
type rule struct {
	hold     payroll.HoldReason
	sentence string
}

// rules holds a sentence for every code.
var rules = map[Code]rule{
	CodeGood: {"", "the certificate can be encrypted to"},

	CodeTooLarge:       {payroll.HoldUnusable, "the file is larger than 1 MB; export the certificate without other people's signatures: gpg --armor --export-options export-minimal --export ADDRESS"},
	CodeEmpty:          {payroll.HoldUnusable, "the file is empty; export the certificate again: gpg --armor --export ADDRESS"},
	CodeSecretKey:      {payroll.HoldUnusable, "THIS IS A SECRET KEY. It must never leave its owner's computer, and it just did: revoke it, make a new key, and hand in only the public half (gpg --armor --export ADDRESS). Delete this file wherever it went; payseal has not kept it"},
	CodeSeveralBlocks:  {payroll.HoldUnusable, "the file holds several OpenPGP blocks, and only one person's certificate is wanted; hand in a file with one block: gpg --armor --export ADDRESS"},
	CodeSeveralKeys:    {payroll.HoldUnusable, "the file holds several certificates, so nobody can tell which is meant; export one by its fingerprint: gpg --armor --export FINGERPRINT"},
	CodeUTF16:          {payroll.HoldUnusable, "the file is UTF-16 text, as Windows PowerShell writes it; export again with gpg --armor --output key.asc --export ADDRESS instead of >"},
	CodeArmorCut:       {payroll.HoldUnusable, "the text ends before its -----END line; copy the whole block, or better hand in the file itself"},
	CodeArmorDamaged:   {payroll.HoldUnusable, "the text of the block was changed on its way (characters that do not belong there); attach the file instead of pasting it into a mail"},
	CodeArmorChecksum:  {payroll.HoldUnusable, "the block's checksum does not fit its contents, so something was changed on its way; export the certificate again and attach the file"},
	CodeMessage:        {payroll.HoldUnusable, "this is an encrypted or signed OpenPGP message, not a certificate; hand in the public key: gpg --armor --export ADDRESS"},
	CodeSignature:      {payroll.HoldUnusable, "this is a signature, not a certificate; hand in the public key: gpg --armor --export ADDRESS"},
	CodeRevocationFile: {payroll.HoldUnusable, "this is a revocation certificate, which takes a key out of use; hand in the public key: gpg --armor --export ADDRESS"},
	CodeWrongLabel:     {payroll.HoldUnusable, "the block is labelled as something else than a public key; export the certificate again: gpg --armor --export ADDRESS"},
	CodeKeybox:         {payroll.HoldUnusable, "this is GnuPG's own key database, not a certificate; export yours from it: gpg --armor --export ADDRESS"},
	CodeX509:           {payroll.HoldUnusable, "this is an X.509 (S/MIME) certificate or key; payseal needs an OpenPGP one: make it with Thunderbird, Kleopatra or gpg --quick-generate-key"},
	CodeSSH:            {payroll.HoldUnusable, "this is an SSH key; payseal needs an OpenPGP certificate: make it with Thunderbird, Kleopatra or gpg --quick-generate-key"},
	CodeHTML:           {payroll.HoldUnusable, "this is a web page; on the key server's page save the key itself (the download link), not the page around it"},
	CodePDF:            {payroll.HoldUnusable, "this is a PDF; hand in the exported certificate file (.asc), not a print of it"},
	CodeArchive:        {payroll.HoldUnusable, "this is an archive or an office document; hand in the exported certificate file (.asc) that is in it"},
	CodeNotOpenPGP:     {payroll.HoldUnusable, "there is no OpenPGP certificate in this file; export it: gpg --armor --export ADDRESS"},
	CodeMalformed:      {payroll.HoldUnusable, "the packets in the file are damaged or do not belong in a certificate; export it again: gpg --armor --export ADDRESS"},
	CodeFlood:          {payroll.HoldUnusable, "the certificate carries far more packets than any person's does (a flooded key); export it without them: gpg --armor --export-options export-minimal --export ADDRESS"},

	CodeOldVersion:      {payroll.HoldUnusable, "the key is of a version that payseal does not take (it takes 4 and 6); make a new key"},
	CodeAlgorithm:       {payroll.HoldUnusable, "the key's algorithm or curve is not supported; make a new key: Curve25519, or RSA of at least 3072 bits"},
	CodeWeakPrimary:     {payroll.HoldTooWeak, "the primary key is too weak (RSA below 2048 bits, DSA, or a faulty modulus); make a new key: Curve25519, or RSA of at least 3072 bits"},
	CodeWeakSubkey:      {payroll.HoldTooWeak, "the only encryption subkey is too weak (RSA below 2048 bits, ElGamal, or a faulty modulus); add a new one: gpg --quick-add-key FINGERPRINT cv25519 encr"},
	CodeROCA:            {payroll.HoldTooWeak, "the key comes from a chip with the ROCA fault (CVE-2017-15361), so others can compute its secret; revoke it and make a new key outside that chip"},
	CodeFuture:          {payroll.HoldUnusable, "the key says that it was made in the future; set the clock of the computer right and make a new key, or wait until that date"},
	CodeRevoked:         {payroll.HoldRevoked, "the certificate is revoked; hand in the one that its owner uses now"},
	CodeNoSelfSignature: {payroll.HoldUnusable, "no user ID carries a valid signature by the key itself, so anybody could have put the name there; export the certificate again from the computer where it was made"},
	CodeSHA1:            {payroll.HoldTooWeak, "the key vouches for its user ID only with SHA-1, which can be forged; renew it, which signs it anew: gpg --cert-digest-algo SHA256 --quick-set-expire FINGERPRINT 2y, or make a new key"},
	CodeNoUserID:        {payroll.HoldUnusable, "the certificate has no user ID, so it says nothing about whose it is; key servers strip them: export it from the computer where it was made, with gpg --armor --export ADDRESS"},
	CodeWrongAddress:    {payroll.HoldUnusable, "no user ID of the certificate is for this mail address; hand in the right person's certificate, or add the address to it: gpg --quick-add-uid FINGERPRINT 'Name <address>'"},
	CodeHiddenAddress:   {payroll.HoldUnusable, "the mail address stands only in a name, a comment or a text that can be read in two ways, which proves nothing; add a plain user ID: gpg --quick-add-uid FINGERPRINT 'Name <address>'"},
	CodeUserIDRevoked:   {payroll.HoldRevoked, "the user ID for this mail address is revoked; hand in the certificate that its owner uses now"},
	CodeUserIDInvalid:   {payroll.HoldUnusable, "the user ID for this mail address is not signed by the key itself, so anybody could have put it there; export the certificate again from the computer where it was made"},
	CodeExpired:         {payroll.HoldExpired, "the certificate has expired; its owner extends it with gpg --quick-set-expire FINGERPRINT 2y (and its subkeys, if they have ended too, with gpg --quick-set-expire FINGERPRINT 2y SUBKEY-FINGERPRINT) and hands it in again"},
	CodeNoSubkey:        {payroll.HoldUnusable, "the certificate has no subkey that may be encrypted to; add one: gpg --quick-add-key FINGERPRINT cv25519 encr"},
	CodeSubkeyRevoked:   {payroll.HoldRevoked, "the encryption subkey is revoked; add a new one (gpg --quick-add-key FINGERPRINT cv25519 encr) and hand the certificate in again"},
	CodeSubkeyExpired:   {payroll.HoldExpired, "the encryption subkey has expired; its owner extends it with gpg --quick-set-expire FINGERPRINT 2y SUBKEY-FINGERPRINT and hands the certificate in again"},
	CodeSubkeyUnbound:   {payroll.HoldUnusable, "the encryption subkey is not bound to the certificate by a valid signature, so anybody could have put it there; export the certificate again from the computer where it was made"},
	CodeSubkeySHA1:      {payroll.HoldTooWeak, "the encryption subkey is bound only with SHA-1, which can be forged; add a new one: gpg --quick-add-key FINGERPRINT cv25519 encr"},
	CodeSubkeyFuture:    {payroll.HoldUnusable, "the encryption subkey says that it was made in the future; set the clock of the computer right, or wait until that date"},
	CodeUseEnded:        {payroll.HoldRevoked, "the use of this certificate was ended before, by its owner or by HR, and that is final; make a new key and hand in its public half"},

	WarnExpiresSoon:  {"", "the certificate expires within 30 days; ask its owner to extend it and hand it in again"},
	WarnPrimary:      {"", "there is no encryption subkey; the primary key itself would be encrypted to, as it allows"},
	WarnNoFlags:      {"", "the encryption subkey does not say what it is for, as very old keys do; it would be used because its algorithm can"},
	WarnStorageOnly:  {"", "the encryption subkey is marked for stored files and not for messages; it would be used"},
	WarnUnusedSubkey: {"", "the certificate has other encryption subkeys that would not be used (older, expired, revoked or too weak); its owner must hold the secret of the one that is"},
	WarnUserIDSHA1:   {"", "another user ID is vouched for only with SHA-1 and does not count"},
	WarnStripped:     {"", "the file carries pictures or unknown packets, which are not stored"},
	WarnNotUTF8:      {"", "a user ID is not UTF-8 text; it is shown with replacement characters"},
}

// Sentence says what the code means and how to mend it.
func (c Code) Sentence() string { return rules[c].sentence }

// hold is the reason for which a slip waits when the code stands against its
// certificate.
func (c Code) hold() payroll.HoldReason { return rules[c].hold }
