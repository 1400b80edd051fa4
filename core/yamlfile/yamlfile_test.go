package yamlfile

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"testing"
	"time"
)

type sample struct {
	Name  string        `yaml:"name"`
	Count int           `yaml:"count"`
	Wait  time.Duration `yaml:"wait"`
	Items []struct {
		Key string `yaml:"key"`
	} `yaml:"items"`
}

func TestDecode(t *testing.T) {
	var s sample
	doc, err := Decode("f.yaml", []byte("name: a\ncount: 3\nwait: 1.5ms\nitems:\n  - key: x\n  - key: y\n"), &s)
	require.NoError(t, err)
	assert.Equal(t, "a", s.Name, "decoded")
	assert.Equal(t, 3, s.Count, "decoded")
	assert.Equal(t, 1500*time.Microsecond, s.Wait, "decoded")
	assert.Len(t, s.Items, 2, "decoded")
	for path, want := range map[string]string{
		"$.count":           "f.yaml:2:8",
		"$.items[1].key":    "f.yaml:6:10",
		"$.items[1]":        "f.yaml:6:5",
		"$.items[7].absent": "f.yaml:5:3",
		"$.nothing":         "f.yaml:1:1",
	} {
		assert.Equal(t, want, doc.Pos("%s", path).String(), "Pos(%s)", path)
	}
}

// What is checked under another path than it is written under has its own place.
func TestMoved(t *testing.T) {
	var s sample
	doc, err := Decode("f.yaml", []byte("name: a\nitems:\n  - key: x\n  - key: y\n"), &s)
	require.NoError(t, err)
	moved := doc.Moved("$.plan.items", "$.items").Moved("$.first", "$.items[0]")
	for path, want := range map[string]string{
		"$.plan.items[1].key": "f.yaml:4:10", "$.first.key": "f.yaml:3:10", "$.firstborn": "f.yaml:1:1",
		"$.items[1]": "f.yaml:4:5",
	} {
		assert.Equal(t, want, moved.Pos("%s", path).String(), "Pos(%s)", path)
	}
	assert.Equal(t, "f.yaml:1:1", doc.Pos("$.first.key").String(), "the document itself was changed")
	assert.Nil(t, (*Doc)(nil).Moved("$.a", "$.b"), "no document became one")
}

func TestDecodeErrors(t *testing.T) {
	for _, c := range []struct{ name, yaml, want string }{
		{"unknown key", "name: a\nnmae: b\n", `f.yaml:2:1: unknown field "nmae"`},
		{"wrong type", "name: a\ncount: many\n", `f.yaml:2:8: expected a whole number such as 10, found the text "many"`},
		{"number for list", "items: 3\n", "f.yaml:1:8: expected a list such as [{key: value}], found 3"},
		{"number for mapping", "items: [3]\n", "f.yaml:1:9: expected a mapping, found 3"},
		{"duplicate key", "name: a\nname: b\n", `f.yaml:2:1: mapping key "name" already defined at [1:1]; remove one`},
		{"syntax", "name: [a\n", "f.yaml:1:7: "},
		{"bad duration", "name: a\nwait: soon\n", "f.yaml:2:7: bad quantity: expected a duration such as 5ms"},
		{"tagged scalar for a list", "items: !x 3\n", "f.yaml:1:8: a tag such as !x has no meaning here; remove it"},
		{"empty", "", "f.yaml:1:1: it is empty; expected a YAML document"},
		{"comments", "# name: a\n\n", "f.yaml:1:1: it is empty"},
		{"empty documents", "---\n---\n", "f.yaml:1:1: it is empty"},
		{"two documents", "name: a\n---\nname: b\n", "f.yaml:3:5: a second document begins here, of 2; expected one"},
		{"key that is a number", "1: a\n", `f.yaml:1:1: unknown field "1"`},
		{"alias of nothing", "name: *x\n", "f.yaml:1:7: there is no anchor &x before this alias"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s sample
			_, err := Decode("f.yaml", []byte(c.yaml), &s)
			require.ErrorIs(t, err, ErrInput, "got %v\nwant", err)
			assert.Contains(t, err.Error(), c.want, "got %v\nwant", err)
			if err != nil {
				assert.NotContains(t, err.Error(), "\n", "error has several lines")
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("name: a\nitems: [{key: x}]\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, s string) {
		var v sample
		doc, err := Decode("f.yaml", []byte(s), &v)
		require.NotEqual(t, (err == nil), (doc == nil), "doc %v, err", doc)
	})
}
