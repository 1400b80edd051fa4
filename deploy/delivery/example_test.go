package delivery_test

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// slot is a Receiver with one slot.
type slot struct{ bytes [6]byte }

func (s *slot) Place(_ boundary.TokenID, offset uint64, part []byte) bool {
	copy(s.bytes[offset:], part)
	return true
}

func (*slot) Wants(boundary.TokenID) bool { return true }
func (*slot) Missing()                    { fmt.Println("ask for what is missing") }

// The second of three chunks is lost. The third one shows it; then the token comes again.
func ExampleAssembler() {
	var a delivery.Assembler
	s := &slot{}
	arrive := func(offset uint64, part string) {
		h := wire.Header{Kind: wire.Data, Offset: offset, Total: 6, Length: uint32(len(part))}
		if a.Add(s, &h, []byte(part)) {
			fmt.Printf("whole: %s\n", s.bytes[:])
		}
	}
	arrive(0, "ab")
	arrive(4, "ef")
	arrive(0, "ab")
	arrive(2, "cd")
	arrive(4, "ef")
	// Output:
	// ask for what is missing
	// whole: abcdef
}
