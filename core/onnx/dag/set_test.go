package dag

import "math/bits"

// Set is a set of nodes as a word for each 64: what heads are compared with. One made by
// NewSet may hold nodes below its size.
type Set []uint64

// NewSet returns an empty set for nodes 0 to n-1.
func NewSet(n int) Set { return make(Set, (n+63)/64) }

// Prefix returns the set of the nodes 0 to k-1 of n.
func Prefix(n, k int) Set {
	s := NewSet(n)
	for i := range k {
		s.Add(i)
	}
	return s
}

// Has says whether node i is in the set.
func (s Set) Has(i int) bool { return s[i/64]>>(i%64)&1 != 0 }

// Add puts node i into the set.
func (s Set) Add(i int) { s[i/64] |= 1 << (i % 64) }

// setOf spreads out a head of a graph of n nodes.
func setOf(h Head, n int) Set {
	s := NewSet(n)
	for i := range n {
		if h.Has(i) {
			s.Add(i)
		}
	}
	return s
}

func setsOf(heads []Head, n int) (sets []Set) {
	for _, h := range heads {
		sets = append(sets, setOf(h, n))
	}
	return sets
}

// Len returns the number of nodes.
func (s Set) Len() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// Key returns a string that is equal for equal sets.
func (s Set) Key() string {
	b := make([]byte, 0, 8*len(s))
	for _, w := range s {
		b = append(b, byte(w), byte(w>>8), byte(w>>16), byte(w>>24), byte(w>>32), byte(w>>40), byte(w>>48), byte(w>>56))
	}
	return string(b)
}
