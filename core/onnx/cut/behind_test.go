package cut_test

import (
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
)

func TestBehind(t *testing.T) {
	m := onnxtest.ResidualNet(t).Model() // relu0 is read by conv1 and, later, by sum
	cuts, err := cut.InOrder(m)
	if err != nil {
		t.Fatal(err)
	}
	for tensor, first := range map[string]int{"x": 0, "conv0": 1, "relu0": 2, "conv1": 3, "sum": 6, "conv3": 7} {
		for i, c := range cuts {
			behind, err := cut.Behind(m, c, tensor)
			if err != nil || behind != (i >= first) {
				t.Errorf("cut %s behind %s: %t, %v", c.Name, tensor, behind, err)
			}
		}
	}
	for _, none := range []string{"nobody", "conv0.w"} {
		if _, err := cut.Behind(m, cuts[1], none); !errors.Is(err, cut.ErrNoCut) {
			t.Errorf("%s: %v, want ErrNoCut", none, err)
		}
	}
}
