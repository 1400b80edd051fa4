package coder

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// store writes src as it is.
func store(dst, src []byte) int {
	dst[0] = codec.Stored
	return 1 + copy(dst[1:], src)
}

// opened returns the bytes behind the first one, and whether they are compressed.
func opened(dst, src []byte) (body []byte, compressed bool, err error) {
	switch {
	case len(src) == 0:
		return nil, false, fmt.Errorf("%w: no bytes", ErrData)
	case src[0] > codec.Compressed:
		return nil, false, fmt.Errorf(
			"%w: it begins with %d; expected %d or %d", ErrData, src[0], codec.Stored, codec.Compressed,
		)
	case src[0] == codec.Stored && len(src)-1 > len(dst):
		return nil, false, fmt.Errorf("%w: %d bytes are stored; expected %d at most", ErrData, len(src)-1, len(dst))
	}
	return src[1:], src[0] == codec.Compressed, nil
}

type lz4Encoder struct{ c lz4.Compressor }

func (s *lz4Encoder) Run(dst, src []byte) (int, error) {
	n, err := s.c.CompressBlock(src, dst[1:])
	if err != nil || n == 0 || n >= len(src) {
		return store(dst, src), nil // it would not be shorter
	}
	dst[0] = codec.Compressed
	return 1 + n, nil
}

type lz4Decoder struct{}

func (lz4Decoder) Run(dst, src []byte) (int, error) {
	body, compressed, err := opened(dst, src)
	if err != nil {
		return 0, err
	}
	if !compressed {
		return copy(dst, body), nil
	}
	n, err := lz4.UncompressBlock(body, dst)
	if err != nil {
		return 0, fmt.Errorf("%w: lz4: %w", ErrData, err)
	}
	return n, nil
}

type zstdEncoder struct {
	e   *zstd.Encoder
	buf []byte // room for any frame
}

func newZstdEncoder(n int) (*zstdEncoder, error) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderCRC(false), zstd.WithZeroFrames(true))
	if err != nil {
		return nil, err
	}
	return &zstdEncoder{e, make([]byte, 0, e.MaxEncodedSize(n))}, nil
}

func (s *zstdEncoder) Run(dst, src []byte) (int, error) {
	frame := s.e.EncodeAll(src, s.buf[:0])
	if len(frame) >= len(src) {
		return store(dst, src), nil
	}
	dst[0] = codec.Compressed
	return 1 + copy(dst[1:], frame), nil
}

// Close frees the encoder.
func (s *zstdEncoder) Close() error { return s.e.Close() }

// maxWindow is the least that every zstd decoder should support (RFC 8878, 3.1.1.1.2).
const maxWindow = 8 << 20

type zstdDecoder struct{ d *zstd.Decoder }

func newZstdDecoder(n int) (*zstdDecoder, error) {
	// A frame's window lies in dst, so frames with a larger window than needed do no harm.
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxMemory(uint64(max(n, maxWindow))))
	if err != nil {
		return nil, err
	}
	return &zstdDecoder{d}, nil
}

func (s *zstdDecoder) Run(dst, src []byte) (int, error) {
	body, compressed, err := opened(dst, src)
	if err != nil {
		return 0, err
	}
	if !compressed {
		return copy(dst, body), nil
	}
	out, err := s.d.DecodeAll(body, dst[:0:len(dst)])
	if err != nil {
		return 0, fmt.Errorf("%w: zstd: %w", ErrData, err)
	}
	return len(out), nil
}

// Close frees the decoder.
func (s *zstdDecoder) Close() error {
	s.d.Close()
	return nil
}
