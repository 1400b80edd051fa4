package graph_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/stretchr/testify/assert"
)

func TestNames(t *testing.T) {
	names := graph.IndexNames([]string{"a", "a.b", "c", "a", ".", "a.b.c"})
	for _, c := range []struct {
		end, port string
		actor     int
	}{
		{"a.x", "x", 0}, {"a.b.x", "x", 1}, {"a.b", "b", 0}, {"a.b.c.x", "x", 5}, {"a.b.d.x", "d.x", 1}, {"c.", "", 2},
		{"..x", "x", 4}, {"d.x", "", -1}, {"a", "", -1}, {"", "", -1}, {"aa.x", "", -1},
	} {
		actor, port := names.End(c.end)
		assert.Equal(t, c.actor, actor, "actor of %q", c.end)
		assert.Equal(t, c.port, port, "port of %q", c.end)
	}
	assert.Equal(t, 0, names.Find("a"), "the first of a name")
	assert.Equal(t, -1, names.Find("b"))
	assert.Equal(t, "a, a.b, c, a, ., a.b.c", names.String())
}
