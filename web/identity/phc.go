package identity

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"

	"golang.org/x/crypto/argon2"

	"github.com/payseal/payseal/payroll"
)

// phc is an Argon2id hash in the PHC string format, with its cost: memory in KiB,
// passes over it, lanes.
type phc struct {
	memory, passes uint32
	lanes          uint8
	salt, hash     []byte
}

// phcText is the one form that is written and read. Its numbers are bounded below, so
// that a changed row neither stops the program nor takes its memory.
var phcText = regexp.MustCompile(
	`^\$argon2id\$v=(\d{1,3})\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$`)

// What a hash may cost at most: 256 MiB, ten passes, sixteen lanes.
const (
	memoryMost = 256 * 1024
	passesMost = 10
	lanesMost  = 16
)

func parsePHC(text string) (phc, error) {
	part := phcText.FindStringSubmatch(text)
	if part == nil {
		return phc{}, fmt.Errorf("%w: the hash of a password is no Argon2id hash", payroll.ErrInvalid)
	}
	var number [4]int
	for i := range number {
		number[i], _ = strconv.Atoi(part[i+1]) // at most seven digits
	}
	version, memory, passes, lanes := number[0], number[1], number[2], number[3]
	if version != argon2.Version || memory < 8*lanes || memory > memoryMost ||
		passes < 1 || passes > passesMost || lanes < 1 || lanes > lanesMost {
		return phc{}, fmt.Errorf("%w: the hash of a password has a version or a cost that is not used here", payroll.ErrInvalid)
	}
	salt, saltErr := base64.RawStdEncoding.Strict().DecodeString(part[5])
	hash, hashErr := base64.RawStdEncoding.Strict().DecodeString(part[6])
	if saltErr != nil || hashErr != nil {
		return phc{}, fmt.Errorf("%w: the hash of a password is damaged", payroll.ErrInvalid)
	}
	return phc{uint32(memory), uint32(passes), uint8(lanes), salt, hash}, nil
}

func (p phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.lanes,
		base64.RawStdEncoding.EncodeToString(p.salt), base64.RawStdEncoding.EncodeToString(p.hash))
}

// costs says whether both were made in the same way.
func (p phc) costs(as phc) bool {
	return p.memory == as.memory && p.passes == as.passes && p.lanes == as.lanes &&
		len(p.salt) == saltSize && len(p.hash) == hashSize
}
