// Package draw makes draws that depend on numbers only, in whatever order they are made. It
// holds no state of its own.
package draw

import "hash/fnv"

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

// Source gives the draws on a number and 0, 1, 2, ... It implements rand.Source of math/rand/v2,
// so that any distribution there is drawn by number, too.
type Source struct{ a, next uint64 }

// Reset has the source begin with Mix(a, 0).
func (s *Source) Reset(a uint64) { s.a, s.next = a, 0 }

// Uint64 implements rand.Source.
func (s *Source) Uint64() uint64 {
	v := Mix(s.a, s.next)
	s.next++
	return v
}

// Named is the number of a text, by FNV-1a, to draw for what it names.
func Named(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}
