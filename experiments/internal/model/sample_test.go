package model

import (
	"fmt"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/stretchr/testify/assert"
)

func TestMostCuts(t *testing.T) {
	for _, c := range []struct{ nodes, cuts, want int }{
		{1000, 5000, 5000}, {4096, 4096, 4096}, {5000, 5000, 32}, {20000, 20000, 8}, {80000, 80000, 8}, {80000, 3, 3},
	} {
		assert.Equal(t, c.want, mostCuts(c.nodes, c.cuts), "%d nodes, %d cuts", c.nodes, c.cuts)
	}
}

func TestSpread(t *testing.T) {
	cuts := make([]cut.Cut, 10)
	for i := range cuts {
		cuts[i].Name = fmt.Sprint(i)
	}
	for n, want := range map[int]string{10: "0123456789", 11: "0123456789", 4: "0369", 2: "09", 1: "0"} {
		got := ""
		for _, c := range spread(cuts, n) {
			got += c.Name
		}
		assert.Equal(t, want, got, "%d of them", n)
	}
}
