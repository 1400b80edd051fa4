package tensorfile

import (
	"fmt"
	"strconv"
	"strings"
)

// maxNesting is how deep lists and tuples may lie in each other in a header.
const maxNesting = 8

// literal reads the Python literal that the header of an array is: a dictionary of
// strings, numbers, conditions, tuples and lists. A tuple and a list come out as []any,
// a dictionary as map[string]any.
type literal struct {
	text string
	at   int
}

func parseLiteral(text string) (any, error) {
	l := &literal{text: text}
	v, err := l.value(0)
	if err == nil && l.next() != 0 {
		err = l.wrong("the end")
	}
	return v, err
}

// next returns the next byte that is no blank, 0 at the end.
func (l *literal) next() byte {
	l.at += len(l.text[l.at:]) - len(strings.TrimLeft(l.text[l.at:], " \t\r\n"))
	if l.at == len(l.text) {
		return 0
	}
	return l.text[l.at]
}

func (l *literal) wrong(expected string) error {
	return fmt.Errorf("%w: expected %s at byte %d of the header %.80q", ErrFile, expected, l.at, l.text)
}

func (l *literal) value(depth int) (any, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("%w: the header %.80q is nested deeper than %d", ErrFile, l.text, maxNesting)
	}
	switch c := l.next(); {
	case c == '{':
		return l.dictionary(depth)
	case c == '(':
		return l.list(')', depth)
	case c == '[':
		return l.list(']', depth)
	case c == '\'' || c == '"':
		end := strings.IndexByte(l.text[l.at+1:], c)
		if end < 0 {
			return nil, l.wrong("the end of a text")
		}
		s := l.text[l.at+1 : l.at+1+end]
		l.at += end + 2
		return s, nil
	}
	end := l.at
	for end < len(l.text) && strings.IndexByte("+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
		l.text[end]) >= 0 {
		end++
	}
	word := l.text[l.at:end]
	switch word {
	case "True", "False":
		l.at = end
		return word == "True", nil
	case "None":
		l.at = end
		return nil, nil
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(word, "L"), 10, 64) // Python 2 wrote 3L
	if err != nil {
		return nil, l.wrong("a value")
	}
	l.at = end
	return n, nil
}

func (l *literal) list(end byte, depth int) (any, error) {
	l.at++
	items := []any{}
	for l.next() != end {
		v, err := l.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
		if err := l.comma(end); err != nil {
			return nil, err
		}
	}
	l.at++
	return items, nil
}

func (l *literal) dictionary(depth int) (any, error) {
	l.at++
	items := map[string]any{}
	for l.next() != '}' {
		key, err := l.value(depth + 1)
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok || l.next() != ':' {
			return nil, l.wrong("a name and a colon")
		}
		l.at++
		if items[name], err = l.value(depth + 1); err != nil {
			return nil, err
		}
		if err := l.comma('}'); err != nil {
			return nil, err
		}
	}
	l.at++
	return items, nil
}

// comma reads what stands between two items, and leaves the end.
func (l *literal) comma(end byte) error {
	switch l.next() {
	case ',':
		l.at++
		return nil
	case end:
		return nil
	}
	return l.wrong("a comma")
}
