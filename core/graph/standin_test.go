package graph

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestStandIn(t *testing.T) {
	for name, want := range map[string]string{
		"conv1/Relu:0": "conv1/Relu:0", "a,b": "a_b", "x = 1": "x___1", "入力 1": "___1", "": "_", "-1": "_-1", "a\nb": "a_b",
	} {
		assert.Equal(t, want, StandIn(name), "of %q", name)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		assert.True(t, nameForm.MatchString(StandIn(name)), "%q is no name", StandIn(name))
	})
}
