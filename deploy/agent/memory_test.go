package agent

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStatusSaysWhatTheGoRuntimeHolds(t *testing.T) {
	m := goMemory()
	assert.Positive(t, m.ObjectBytes)
	assert.Positive(t, m.StackBytes)
	assert.Positive(t, m.RuntimeBytes)
	resident := residentBytes()
	require.Positive(t, resident)
	assert.Less(t, m.ObjectBytes, resident)
}
