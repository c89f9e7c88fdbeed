package pdfrules

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strconv"
)

// name is a name of a content stream, with its slash; keyword is an operator.
type (
	name    string
	keyword string
)

// lexer reads the tokens of a content stream (ISO 32000-1, 7.2 and 7.8.2):
// float64, name, keyword, []byte for a string, []any, dict.
type lexer struct {
	data []byte
	at   int
}

var errEnd = errors.New("end of the stream")

func isSpace(c byte) bool     { return bytes.IndexByte([]byte(" \t\r\n\f\x00"), c) >= 0 }
func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

// next reads a token; errEnd at the end.
func (l *lexer) next() (any, error) {
	for l.at < len(l.data) && isSpace(l.data[l.at]) {
		l.at++
	}
	if l.at >= len(l.data) {
		return nil, errEnd
	}
	rest := l.data[l.at:]
	switch {
	case rest[0] == '(':
		return l.literal()
	case bytes.HasPrefix(rest, []byte("<<")):
		l.at += 2
		return l.dictionary()
	case rest[0] == '<':
		return l.hexadecimal()
	case rest[0] == '[':
		l.at++
		return l.until(keyword("]"))
	case rest[0] == ']':
		l.at++
		return keyword("]"), nil
	case bytes.HasPrefix(rest, []byte(">>")):
		l.at += 2
		return keyword(">>"), nil
	}
	return l.word()
}

func (l *lexer) word() (any, error) {
	begin := l.at
	l.at++
	for l.at < len(l.data) && !isSpace(l.data[l.at]) && !isDelimiter(l.data[l.at]) {
		l.at++
	}
	word := string(l.data[begin:l.at])
	if word[0] == '/' {
		return name(word), nil
	}
	if n, err := strconv.ParseFloat(word, 64); err == nil && bytes.IndexByte([]byte("+-.0123456789"), word[0]) >= 0 {
		return n, nil
	}
	return keyword(word), nil
}

// until reads an array's elements.
func (l *lexer) until(end keyword) ([]any, error) {
	var all []any
	for {
		v, err := l.next()
		if err != nil {
			return nil, errors.New("an array or dictionary has no end")
		}
		if v == end {
			return all, nil
		}
		all = append(all, v)
	}
}

func (l *lexer) dictionary() (dict, error) {
	all, err := l.until(">>")
	if err != nil || len(all)%2 != 0 {
		return nil, errors.New("a dictionary is not in pairs")
	}
	d := dict{}
	for i := 0; i < len(all); i += 2 {
		key, ok := all[i].(name)
		if !ok {
			return nil, errors.New("a dictionary's key is no name")
		}
		d[string(key)] = all[i+1]
	}
	return d, nil
}

func (l *lexer) hexadecimal() ([]byte, error) {
	end := bytes.IndexByte(l.data[l.at:], '>')
	if end < 0 {
		return nil, errors.New("a hexadecimal string has no end")
	}
	digits := l.data[l.at+1 : l.at+end]
	l.at += end + 1
	b := make([]byte, len(digits)/2)
	if _, err := hex.Decode(b, digits); err != nil {
		return nil, errors.New("a hexadecimal string is none") // ISO 19005-3, 6.1.6
	}
	return b, nil
}

func (l *lexer) literal() ([]byte, error) {
	var b []byte
	depth := 0
	for ; l.at < len(l.data); l.at++ {
		c := l.data[l.at]
		switch c {
		case '(':
			if depth++; depth == 1 {
				continue
			}
		case ')':
			if depth--; depth == 0 {
				l.at++
				return b, nil
			}
		case '\r':
			c = '\n' // ISO 32000-1, 7.3.4.2
		case '\\':
			if l.at++; l.at >= len(l.data) {
				continue
			}
			if c = l.data[l.at]; c == 'r' {
				c = '\r'
			} else if c != '(' && c != ')' && c != '\\' {
				return nil, errors.New("a literal string has an escape that this reader does not know")
			}
		}
		b = append(b, c)
	}
	return nil, errors.New("a literal string has no end")
}
