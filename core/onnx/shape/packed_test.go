package shape

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUnpacked(t *testing.T) {
	assert.Equal(t, [][]int64{{-1, 1, 4}, {-1}, {-1, 0}, {-1, 2}}, unpacked([][]int64{{-1, 1, 4, -1, -1, 0}, {-1, 2}}))
	assert.Empty(t, unpacked([][]int64{{1, 4}}), "no marker")
	assert.Equal(t, 1, packed(make([]string, 512)))
	assert.Equal(t, 64, packed(make([]string, 513)))
}
