package builtin

import "github.com/edgeprune/edgeprune/deploy/coder"

// floats returns elements as float32: rounded, and conditions as 0 or 1.
func floats(elem string, data []byte) []float32 {
	switch elem {
	case "float32":
		return converted[float32](data)
	case "float64":
		return converted[float64](data)
	case "float16":
		out := make([]float32, len(data)/2)
		coder.FromHalves(out, coder.Elements[uint16](data))
		return out
	case "int8":
		return converted[int8](data)
	case "int16":
		return converted[int16](data)
	case "uint16":
		return converted[uint16](data)
	case "int32":
		return converted[int32](data)
	case "uint32":
		return converted[uint32](data)
	case "int64":
		return converted[int64](data)
	case "uint64":
		return converted[uint64](data)
	}
	return converted[uint8](data) // bool too
}

func converted[T coder.Number](data []byte) []float32 {
	from := coder.Elements[T](data)
	out := make([]float32, len(from))
	for i, v := range from {
		out[i] = float32(v)
	}
	return out
}
