package cut

// Rounding is the relative difference up to which what the parts of a model compute
// counts as rounded otherwise than what the whole computes: relative to the largest
// magnitude of the tensor, in float32.
const Rounding = 1e-5

// Tolerance is how far a result of a model's parts may lie from the whole's where they
// are not equal bit for bit, relatively. unoptimised is how far the whole's results lie
// from its own without the runtime's optimisations; 0 where that isn't known. It is the
// one rule by which parts and wholes are compared.
func Tolerance(unoptimised float64) float64 { return max(Rounding, 2*unoptimised) }
