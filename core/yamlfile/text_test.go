package yamlfile

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func utf16of(s string, order binary.ByteOrder) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, 0, 0)
		order.PutUint16(b[len(b)-2:], u)
	}
	return string(b)
}

// A text may have a byte order mark, and lines may end as on Windows; the place of an
// error is the same.
func TestText(t *testing.T) {
	for name, s := range map[string]string{
		"as it is": "name: ä\nwait: 5ms\n", "mark": "\ufeffname: ä\nwait: 5ms\n", "CRLF": "name: ä\r\nwait: 5ms\r\n",
		"mark and CRLF": "\ufeffname: ä\r\nwait: 5ms\r\n", "JSON": "{\"name\": \"ä\",\n\"wait\":\"5ms\"}",
		"JSON with tabs": "{\n\t\"name\": \"ä\",\n\t\"wait\": \"5ms\"\n}\n", "no last newline": "name: ä\nwait: 5ms",
		"document marks": "---\nname: ä\nwait: 5ms\n...\n", "last mark": "name: ä\nwait: 5ms\n---\n",
	} {
		var v sample
		_, err := Decode("f.yaml", []byte(s), &v)
		require.NoError(t, err, name)
		assert.Equal(t, "ä", v.Name, name)
		assert.EqualValues(t, 5e6, v.Wait, name)
	}
	for _, s := range []string{"name: a\nnmae: b\n", "\ufeffname: a\nnmae: b\n", "name: a\r\nnmae: b\r\n"} {
		var v sample
		_, err := Decode("f.yaml", []byte(s), &v)
		require.ErrorContains(t, err, "f.yaml:2:1: unknown field \"nmae\"", "%q", s)
	}
}

func TestOtherText(t *testing.T) {
	const s = "name: a\n"
	for _, c := range []struct{ name, data, want string }{
		{"UTF-16 LE", "\xff\xfe" + utf16of(s, binary.LittleEndian),
			"f.yaml:1:1: it is written in UTF-16 (little endian); save it in UTF-8"},
		{"UTF-16 BE", "\xfe\xff" + utf16of(s, binary.BigEndian),
			"f.yaml:1:1: it is written in UTF-16 (big endian); save it in UTF-8"},
		{"UTF-16 LE without mark", utf16of(s, binary.LittleEndian), "UTF-16 (little endian)"},
		{"UTF-16 BE without mark", utf16of(s, binary.BigEndian), "UTF-16 (big endian)"},
		{"UTF-32", "\xff\xfe\x00\x00n\x00\x00\x00", "UTF-32 (little endian)"},
		{"Latin-1", "name: a\nabout: caf\xe9\n", "f.yaml:2:11: byte 0xE9 is not UTF-8; was the file saved in Latin-1"},
		{"Latin-1 after UTF-8", "name: ää\xfc\n", "f.yaml:1:9: byte 0xFC is not UTF-8"},
		{"cut character", "name: \xc3", "f.yaml:1:7: byte 0xC3 is not UTF-8"},
		{"binary", "PK\x03\x04\x14", "f.yaml:1:3: byte 0x03 is no text; is it a YAML file?"},
		{"gzip", "\x1f\x8b\x08", "f.yaml:1:1: byte 0x1F is no text"},
		{"zero byte", "name: a\x00b\n", "f.yaml:1:8: byte 0x00 is no text"},
		{"mark alone", "\ufeff", "f.yaml:1:1: it is empty"},
		{"tab", "items:\n\t- key: a\n", "f.yaml:2:1: a tab begins the line; indent it with spaces"},
		{"tab after spaces", "items:\n  - key: a\n  \t  b: c\n", "f.yaml:3:"},
		{"tab in a mapping", "name: a\n\tcount: 3\n", "f.yaml:2:1: a tab begins the line; indent it with spaces"},
	} {
		var v sample
		_, err := Decode("f.yaml", []byte(c.data), &v)
		require.ErrorIs(t, err, ErrInput, c.name)
		assert.Contains(t, err.Error(), c.want, c.name)
	}
}
