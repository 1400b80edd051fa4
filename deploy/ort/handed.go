package ort

// origins says which outputs are an input or a later output too: the number of the input, or
// that of the last such output behind those of all inputs; else -1.
func origins(inputs, outputs []Info) []int {
	last := map[string]int{}
	for i, v := range outputs {
		last[v.Name] = len(inputs) + i
	}
	for i, v := range inputs {
		last[v.Name] = i
	}
	from := make([]int, len(outputs))
	for i, v := range outputs {
		if from[i] = last[v.Name]; from[i] == len(inputs)+i {
			from[i] = -1
		}
	}
	return from
}

// copied fills the outputs that are inputs, or the same tensor as a later output: the runtime
// doesn't write these into memory that was given to it.
func (s *Session) copied(in, out []*Tensor) {
	for i, at := range s.from {
		if at < 0 || out[i] == nil {
			continue
		}
		source := out
		if at < len(in) {
			source = in
		} else {
			at -= len(in)
		}
		if source[at] != nil && len(source[at].data) == len(out[i].data) {
			copy(out[i].data, source[at].data)
		}
	}
}
