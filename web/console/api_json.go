package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxDepth is how deep JSON may be nested.
const maxDepth = 16

// unmarshalStrictly reads one JSON value. Names that stand twice in an object are
// refused, since programs differ in which of them counts; so are values nested too
// deep, and what comes after the value.
func unmarshalStrictly(data []byte, into any) error {
	if err := checkJSON(data); err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// level is one object or list that is open.
type level struct {
	names map[string]bool // nil in a list
	name  bool            // a name comes next
}

func checkJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var open []level
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && len(open) == 0 {
			return nil
		}
		if err != nil {
			return errNotJSON
		}
		if open, err = opened(open, token); err != nil {
			return err
		}
		if len(open) == 0 {
			if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
				return errNotJSON
			}
			return nil
		}
	}
}

var errNotJSON = errors.New("not JSON")

// opened is what is open after the token.
func opened(open []level, token json.Token) ([]level, error) {
	if at := len(open) - 1; at >= 0 && open[at].names != nil {
		if name, isName := token.(string); isName && open[at].name {
			if open[at].names[name] {
				return open, errors.New("a name stands twice in an object")
			}
			open[at].names[name], open[at].name = true, false
			return open, nil
		}
		open[at].name = true // after the value, or at its end
	}
	switch token {
	case json.Delim('{'):
		open = append(open, level{names: map[string]bool{}, name: true})
	case json.Delim('['):
		open = append(open, level{})
	case json.Delim('}'), json.Delim(']'):
		open = open[:len(open)-1]
	}
	if len(open) > maxDepth {
		return open, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	return open, nil
}
