package journal

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

// Kind says what a part of a record holds.
type Kind uint8

// The kinds of parts.
const (
	Snapshot Kind = 1 + iota // the actor's state after the firing
	Result                   // what a sink recorded in the firing
	Token                    // token Seq of FIFO, which has delay tokens
	kinds
)

// Part is one thing that a firing left.
type Part struct {
	Kind Kind
	FIFO int // of a Token: index in the plan's graph
	Seq  uint64
	Data []byte
}

// Record is what one firing of an actor left. A firing's parts are saved together
// or not at all.
type Record struct {
	Firing int64
	Parts  []Part
}

// A file is the magic and then records: length u32 and CRC-32C u32 of the payload,
// and the payload: actor u32, parts u32, firing u64, and per part kind u32, FIFO u32,
// Seq u64, length u32 and the data. All little-endian.
const (
	magic      = "EPJ\x01"
	frameBytes = 8
	headBytes  = 16
	partBytes  = 20
	maxRecord  = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sizeOf returns the bytes of a record in the file.
func sizeOf(parts []Part) int {
	n := frameBytes + headBytes
	for i := range parts {
		n += partBytes + len(parts[i].Data)
	}
	return n
}

// appendRecord appends an encoded record to b.
func appendRecord(b []byte, actor int, firing int64, parts []Part) []byte {
	le := binary.LittleEndian
	at := len(b)
	b = le.AppendUint64(b, 0) // the frame
	b = le.AppendUint32(b, uint32(actor))
	b = le.AppendUint32(b, uint32(len(parts)))
	b = le.AppendUint64(b, uint64(firing))
	for i := range parts {
		p := &parts[i]
		b = le.AppendUint32(b, uint32(p.Kind))
		b = le.AppendUint32(b, uint32(p.FIFO))
		b = le.AppendUint64(b, p.Seq)
		b = le.AppendUint32(b, uint32(len(p.Data)))
		b = append(b, p.Data...)
	}
	payload := b[at+frameBytes:]
	le.PutUint32(b[at:], uint32(len(payload)))
	le.PutUint32(b[at+4:], crc32.Checksum(payload, castagnoli))
	return b
}

// scan calls use for the whole records that b, what follows a file's magic, begins
// with, and returns how many bytes they take: what is left is torn or not a record.
// The parts' data lies in b; frame is the encoded record.
func scan(b []byte, use func(actor int, r Record, frame []byte) bool) int {
	le := binary.LittleEndian
	done := 0
	for rest := b; len(rest) >= frameBytes; rest = b[done:] {
		n := uint64(le.Uint32(rest))
		if n > uint64(len(rest)-frameBytes) {
			break
		}
		payload := rest[frameBytes : frameBytes+n]
		if crc32.Checksum(payload, castagnoli) != le.Uint32(rest[4:]) {
			break
		}
		actor, r, ok := decode(payload)
		if !ok || !use(actor, r, rest[:frameBytes+n]) {
			break
		}
		done += frameBytes + int(n)
	}
	return done
}

func decode(b []byte) (actor int, r Record, ok bool) {
	le := binary.LittleEndian
	if len(b) < headBytes {
		return 0, r, false
	}
	index, parts, firing := le.Uint32(b), le.Uint32(b[4:]), le.Uint64(b[8:])
	b = b[headBytes:]
	if index > math.MaxInt32 || firing >= math.MaxInt64 || uint64(parts) > uint64(len(b)/partBytes) {
		return 0, r, false
	}
	r = Record{Firing: int64(firing), Parts: make([]Part, parts)}
	for i := range r.Parts {
		if len(b) < partBytes {
			return 0, r, false
		}
		kind, fifo, n := le.Uint32(b), le.Uint32(b[4:]), le.Uint32(b[16:])
		if kind == 0 || kind >= uint32(kinds) || fifo > math.MaxInt32 || uint64(n) > uint64(len(b)-partBytes) {
			return 0, r, false
		}
		r.Parts[i] = Part{Kind: Kind(kind), FIFO: int(fifo), Seq: le.Uint64(b[8:]),
			Data: b[partBytes : partBytes+n : partBytes+n]}
		b = b[partBytes+n:]
	}
	return int(index), r, len(b) == 0
}
