// Package draw makes draws that depend on numbers only, in whatever order they are made. It
// holds no state.
package draw

// Mix is the finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) on two numbers.
func Mix(a, b uint64) uint64 {
	z := a + (b+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Uniform is a draw on two numbers that is uniform above 0 and up to 1.
func Uniform(a, b uint64) float64 {
	const unit = 1 << 53 // a float64 holds no more
	return (float64(Mix(a, b)>>11) + 0.5) / unit
}
