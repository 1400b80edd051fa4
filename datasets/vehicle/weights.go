package vehicle

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// ReadWeights returns the weights of a model that Model has written. The error
// wraps ErrWeights.
func ReadWeights(model []byte) (*Weights, error) {
	var m onnxpb.ModelProto
	if err := proto.Unmarshal(model, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWeights, err)
	}
	raw := map[string][]byte{}
	for _, t := range m.GetGraph().GetInitializer() {
		raw[t.GetName()] = t.GetRawData()
	}
	w := NewWeights()
	for i, l := range w.layers() {
		name := [...]string{"conv1", "conv2", "dense3", "dense4", "dense5"}[i]
		for part, values := range map[string][]float32{name + ".weight": l.W, name + ".bias": l.B} {
			data := raw[part]
			if len(data) != 4*len(values) {
				return nil, fmt.Errorf("%w: %s has %d bytes, want %d", ErrWeights, part, len(data), 4*len(values))
			}
			for j := range values {
				values[j] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*j:]))
			}
		}
	}
	return w, nil
}
