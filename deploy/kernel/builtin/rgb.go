package builtin

import (
	"image"
	"image/color"
)

// expandRGB writes packed RGB as opaque RGBA.
func expandRGB(rgba, rgb []byte) {
	for len(rgb) >= 3 && len(rgba) >= 4 {
		rgba[0], rgba[1], rgba[2], rgba[3] = rgb[0], rgb[1], rgb[2], 255
		rgba, rgb = rgba[4:], rgb[3:]
	}
}

// writeRGB writes a picture as packed RGB, row by row. dst must hold 3 bytes
// for every pixel.
func writeRGB(dst []byte, img image.Image) {
	b, i := img.Bounds(), 0
	if m, ok := img.(*image.YCbCr); ok {
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				yi, ci := m.YOffset(x, y), m.COffset(x, y)
				dst[i], dst[i+1], dst[i+2] = color.YCbCrToRGB(m.Y[yi], m.Cb[ci], m.Cr[ci])
				i += 3
			}
		}
		return
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := img.At(x, y).RGBA()
			dst[i], dst[i+1], dst[i+2] = byte(r>>8), byte(g>>8), byte(bl>>8)
			i += 3
		}
	}
}
