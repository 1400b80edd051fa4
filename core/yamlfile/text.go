package yamlfile

import (
	"bytes"
	"unicode/utf8"

	"github.com/edgeprune/edgeprune/core/graph"
)

// readable returns the text of a document without a byte order mark, or says what it is
// that is no text in UTF-8.
func readable(name string, data []byte) ([]byte, error) {
	if len(data) > MaxBytes {
		return nil, Errorf(start(name), "it has more than %d bytes; is it a YAML file?", MaxBytes)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if of := encoding(data); of != "" {
		return nil, Errorf(start(name), "it is written in %s; save it in UTF-8", of)
	}
	line, column := 1, 1
	for rest := data; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		pos := graph.Pos{File: name, Line: line, Column: column}
		switch {
		case r == utf8.RuneError && n == 1:
			return nil, Errorf(pos, "byte 0x%02X is not UTF-8; was the file saved in Latin-1 or Windows-1252? save it in UTF-8",
				rest[0])
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f:
			return nil, Errorf(pos, "byte 0x%02X is no text; is it a YAML file?", rest[0])
		}
		if column++; r == '\n' {
			line, column = line+1, 1
		}
		rest = rest[n:]
	}
	return data, nil
}

// start is the place of what is said of a whole file.
func start(name string) graph.Pos { return graph.Pos{File: name, Line: 1, Column: 1} }

// encoding names that of data that begin with another byte order mark than that of UTF-8,
// or with a character of which every other byte is 0; "" if it is none of them.
func encoding(data []byte) string {
	for _, e := range []struct{ begin, name string }{
		{"\xff\xfe\x00\x00", "UTF-32 (little endian)"}, {"\x00\x00\xfe\xff", "UTF-32 (big endian)"},
		{"\xff\xfe", "UTF-16 (little endian)"}, {"\xfe\xff", "UTF-16 (big endian)"},
	} {
		if bytes.HasPrefix(data, []byte(e.begin)) {
			return e.name
		}
	}
	if len(data) >= 4 && data[0] != 0 && data[1] == 0 && data[2] != 0 && data[3] == 0 {
		return "UTF-16 (little endian)"
	}
	if len(data) >= 4 && data[0] == 0 && data[1] != 0 && data[2] == 0 && data[3] != 0 {
		return "UTF-16 (big endian)"
	}
	return ""
}
