package picture

import (
	"image"
	"image/color"
)

// Put writes an opaque picture as packed RGB, row by row. dst must hold 3 bytes for every
// pixel.
func Put(dst []byte, img image.Image) { put(dst, img, Color{}) }

// put writes a picture composed on a background.
func put(dst []byte, img image.Image, back Color) {
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
	at := func(x, y int) color.RGBA64 {
		r, g, bl, a := img.At(x, y).RGBA()
		return color.RGBA64{R: uint16(r), G: uint16(g), B: uint16(bl), A: uint16(a)}
	}
	if m, ok := img.(image.RGBA64Image); ok {
		at = m.RGBA64At // without an allocation for every pixel
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := at(x, y)
			if c.A == 0xffff {
				dst[i], dst[i+1], dst[i+2] = byte(c.R>>8), byte(c.G>>8), byte(c.B>>8)
			} else {
				for k, v := range [3]uint16{c.R, c.G, c.B} { // multiplied by alpha already
					dst[i+k] = byte((uint32(v) + uint32(back[k])*0x101*(0xffff-uint32(c.A))/0xffff) >> 8)
				}
			}
			i += 3
		}
	}
}

// putStudio is put for the pictures of lossy WebP, whose luma goes from 16 to 235 (ITU-R
// BT.601), which image.YCbCr doesn't know. It reports false for others.
func putStudio(dst []byte, img image.Image, back Color) bool {
	var alpha *image.NYCbCrA
	m, ok := img.(*image.YCbCr)
	if alpha, _ = img.(*image.NYCbCrA); alpha != nil {
		m, ok = &alpha.YCbCr, true
	}
	if !ok {
		return false
	}
	i := 0
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
			ci := m.COffset(x, y)
			luma := 298 * (int(m.Y[m.YOffset(x, y)]) - 16)
			cb, cr := int(m.Cb[ci])-128, int(m.Cr[ci])-128
			rgb := [3]int{luma + 409*cr, luma - 100*cb - 208*cr, luma + 516*cb}
			a := 255
			if alpha != nil {
				a = int(alpha.A[alpha.AOffset(x, y)])
			}
			for k, v := range rgb {
				v = min(max((v+128)>>8, 0), 255)
				dst[i+k] = byte((v*a + int(back[k])*(255-a) + 127) / 255)
			}
			i += 3
		}
	}
	return true
}

// turned returns the picture turned and mirrored as an EXIF orientation says; p itself if
// that is 1.
func (p *RGB) turned(orientation int) *RGB {
	if orientation == 1 {
		return p
	}
	w, h := p.Width, p.Height
	out := &RGB{Width: w, Height: h, Pix: make([]byte, len(p.Pix))}
	if orientation > 4 {
		out.Width, out.Height = h, w
	}
	i := 0
	for y := range out.Height {
		for x := range out.Width {
			var fx, fy int // where the pixel lies in p
			switch orientation {
			case 2:
				fx, fy = w-1-x, y
			case 3:
				fx, fy = w-1-x, h-1-y
			case 4:
				fx, fy = x, h-1-y
			case 5:
				fx, fy = y, x
			case 6:
				fx, fy = y, h-1-x
			case 7:
				fx, fy = w-1-y, h-1-x
			default:
				fx, fy = w-1-y, x
			}
			copy(out.Pix[i:i+3], p.Pix[3*(fy*w+fx):])
			i += 3
		}
	}
	return out
}
