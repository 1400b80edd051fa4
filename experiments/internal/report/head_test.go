package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadHead(t *testing.T) {
	p := &Page{
		Title: `a & b </title><b>`, Kicker: "Emulated: <slowed> devices.",
		Lead: []string{"PP5 is best: 4 × faster.", "More."},
	}
	var b bytes.Buffer
	require.NoError(t, Render(&b, p))
	assert.Contains(t, Policy(), "default-src 'none'; ")
	h, err := ReadHead(&b)
	require.NoError(t, err)
	assert.Equal(t, Head{Title: p.Title, Kicker: p.Kicker, Lead: p.Lead[0]}, h)
	h, err = ReadHead(strings.NewReader("\xff<title>half a pa"))
	require.NoError(t, err)
	assert.Zero(t, h)
	_, err = ReadHead(iotest.ErrReader(errors.New("disk")))
	assert.EqualError(t, err, "disk")
}
