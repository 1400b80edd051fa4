// Package codec defines how tokens are coded for a link: the names of codecs, the
// token type on the wire and the largest error; it may not code anything, run models or
// read and write files.
//
// # Names
//
// A codec is none, jpeg, or a chain of at least one of these stages, in this order,
// joined by "+":
//
//	sparse
//	fp16, int8, int8-channel or int8-static
//	lz4 or zstd
//
// Such are fp16, int8+zstd, sparse+fp16, sparse+int8+lz4 and zstd. Only int8-channel
// can't follow sparse, which leaves no channels. Of tensors that travel with their
// shape, sparse and the int8 codecs take none.
//
// # Wire forms
//
// All numbers are little-endian. Let n be the number of elements of a tensor.
//
//	shaped        what no codec makes, but is the token itself where a tensor travels
//	              with its shape (graph.Shaped), of d dimensions: d, uint32, at 0; the
//	              number of its element type in the ONNX format, uint32, at 4; the size
//	              of each dimension, uint64, from 8; zeros up to the next multiple of
//	              64; then the n elements, row-major
//	none          the token
//	jpeg          a JPEG file with 4:2:0 chroma, of a picture uint8[h,w,3] in RGB
//	fp16          float16[shape]: IEEE 754 half precision, to nearest, ties to even; of a
//	              shaped token a shaped one of float16
//	int8          uint8[64+n]: scale, float32, at 0; zero point, uint8, at 4; zeros
//	              to 64; then the n values q
//	int8-channel  uint8[h+n], of a tensor of at least three dimensions, the second of
//	              which counts its c channels: c scales, float32; c zero points, uint8;
//	              zeros up to h, the next multiple of 64; then the n values q
//	int8-static   uint8[n]: the values q; both ends know scale and zero point
//	sparse        a bitmap of n bits, padded with zeros to whole 64-bit words, bit i
//	              (the i mod 64th of word i/64) set where element i is not +0; then
//	              those elements in their order, coded by the next stage as a tensor
//	              of one dimension, or float32
//	lz4, zstd     a byte, 1, and the bytes of the stage before as one LZ4 block or
//	              zstd frame (RFC 8878); or a byte, 0, and these bytes as they are, where
//	              that is not longer
//
// A value of the int8 codecs comes back as (q - zero point) · scale, but not beyond the
// largest finite float32. The encoder takes, for the finite elements of the tensor or
// channel,
//
//	scale = max((max(0, largest) - min(0, smallest)) / 255, 2^-126), or 1 if all are 0
//	zero point = -min(0, smallest) / scale, rounded
//	q = value / scale rounded, ties to even, + zero point, clamped to 0 … 255
//
// # Errors
//
// See MaxError. Tensors may hold anything: fp16 makes magnitudes from 65520 infinite
// and keeps infinities and NaNs (not which NaN); the int8 codecs clamp infinities to
// the ends of the range of the finite elements and make NaNs 0.
package codec
