package mailer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// reply is one answer of a relay (RFC 5321 §4.2), of however many lines.
type reply struct {
	code     int
	enhanced string // RFC 3463, such as "5.1.1"; "" if there is none
	text     string // without the enhanced code; may name people
}

// errNotSMTP says that what the relay sent is no answer.
var errNotSMTP = errors.New("the relay's answer is not SMTP")

// replyLines bounds an answer. A line is bounded by the reader's buffer.
const replyLines = 128

// readReply reads one whole answer and nothing beyond it.
func readReply(r *bufio.Reader) (reply, error) {
	var answer reply
	var texts []string
	for range replyLines {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return reply{}, fmt.Errorf("read answer: %w", errNotSMTP)
		}
		if err != nil {
			return reply{}, fmt.Errorf("read answer: %w", err)
		}
		code, more, text, ok := replyLine(line)
		if !ok || answer.code != 0 && code != answer.code {
			return reply{}, fmt.Errorf("read answer: %w", errNotSMTP)
		}
		enhanced, text := cutEnhanced(code, text)
		if answer.code == 0 {
			answer.code, answer.enhanced = code, enhanced
		}
		texts = append(texts, text)
		if !more {
			answer.text = strings.Join(texts, " ")
			return answer, nil
		}
	}
	return reply{}, fmt.Errorf("read answer: %w", errNotSMTP)
}

// replyLine takes one line apart: three digits, a hyphen if more lines follow, text.
func replyLine(line []byte) (code int, more bool, text string, ok bool) {
	line = bytes.TrimRight(line, "\r\n")
	if len(line) < 3 || line[0] < '2' || line[0] > '5' || !digit(line[1]) || !digit(line[2]) {
		return 0, false, "", false
	}
	code = int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')
	switch {
	case len(line) == 3:
		return code, false, "", true
	case line[3] == ' ' || line[3] == '-':
		return code, line[3] == '-', string(line[4:]), true
	}
	return 0, false, "", false
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

var enhancedCode = regexp.MustCompile(`^([245])\.[0-9]{1,3}\.[0-9]{1,3}( |$)`)

// cutEnhanced takes the enhanced status code off a text. One whose class is not
// that of the code is text.
func cutEnhanced(code int, text string) (enhanced, rest string) {
	found := enhancedCode.FindString(text)
	if found == "" || int(found[0]-'0') != code/100 {
		return "", text
	}
	return strings.TrimSuffix(found, " "), text[len(found):]
}

// subject is the enhanced code's middle digit: '1' for "5.1.1", 0 for none.
func (r reply) subject() byte {
	if r.enhanced == "" {
		return 0
	}
	return r.enhanced[2]
}

// sanitised is the answer as it may be stored and shown: the enhanced code and
// the text in printable ASCII, at most 200 characters, with every address and
// the recipient's local part taken out. "<>" stands for what was taken.
func (r reply) sanitised(to payroll.Address) string {
	text := strings.TrimSpace(r.enhanced + " " + withoutPeople(r.text, to))
	if len(text) > 200 {
		text = text[:200]
	}
	return text
}

var (
	addressInText = regexp.MustCompile(`("[^"]*"|[^\s<>()\[\]"',;:]*)@[^\s<>()"',;]*`)
	notVisible    = regexp.MustCompile(`[^!-~]+`)
	separators    = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// taken stands for what was taken out. Neither sign can be part of an address.
const taken = "<>"

// withoutPeople takes every address out of a text, and of the recipient's local
// part the whole and each of its words, wherever they stand as words; a local
// part of three characters or more is taken out of the middle of a word too.
func withoutPeople(text string, to payroll.Address) string {
	text = notVisible.ReplaceAllString(text, " ")
	if strings.Contains(text, "@") {
		text = addressInText.ReplaceAllString(text, taken)
	}
	local, _, _ := strings.Cut(string(to), "@")
	if local == "" {
		return text
	}
	if len(local) >= 3 {
		text = replaceFold(text, local, func(string, int, int) bool { return true })
	}
	text = replaceFold(text, local, isWord)
	for _, word := range separators.Split(local, -1) {
		if len(word) >= 3 {
			text = replaceFold(text, word, isWord)
		}
	}
	return text
}

// replaceFold replaces the places where part stands in text, in whatever case,
// that fits accepts.
func replaceFold(text, part string, fits func(text string, from, to int) bool) string {
	lower, part := strings.ToLower(text), strings.ToLower(part) // ASCII: lengths stay
	var kept strings.Builder
	done := 0
	for at := 0; at+len(part) <= len(lower); {
		i := strings.Index(lower[at:], part)
		if i < 0 {
			break
		}
		from, to := at+i, at+i+len(part)
		if !fits(text, from, to) {
			at = from + 1
			continue
		}
		kept.WriteString(text[done:from] + taken)
		done, at = to, to
	}
	kept.WriteString(text[done:])
	return kept.String()
}

// isWord reports that neither neighbour is a letter or a digit.
func isWord(text string, from, to int) bool {
	return (from == 0 || !alphanumeric(text[from-1])) && (to == len(text) || !alphanumeric(text[to]))
}

func alphanumeric(b byte) bool {
	return digit(b) || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
