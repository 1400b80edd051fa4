package picture

import (
	"bytes"
	"strings"
)

// The names of the formats that are read.
const (
	jpegFormat = "JPEG"
	pngFormat  = "PNG"
	gifFormat  = "GIF"
	webpFormat = "WebP"
	bmpFormat  = "BMP"
	tiffFormat = "TIFF"
)

// signature is how a format begins. A dot stands for any byte.
type signature struct {
	at          int
	begins      string
	name, mends string // mends says how to convert what can't be read; "" if it can
}

const (
	magick = "convert it, as by: magick FILE out.png"
	movie  = "that is a video: use the kernel video, or take a picture of it: ffmpeg -i FILE -frames:v 1 out.png"
	camera = "export it as JPEG, or convert it, as by: dcraw -T FILE"
	vector = "it has no pixels: draw it, as by: rsvg-convert -o out.png FILE"
)

var signatures = []signature{
	{0, "\xff\xd8\xff", jpegFormat, ""},
	{0, "\x89PNG\r\n\x1a\n", pngFormat, ""},
	{0, "GIF8.a", gifFormat, ""},
	{0, "RIFF....WEBP", webpFormat, ""},
	{0, "BM....\x00\x00\x00\x00", bmpFormat, ""},
	{8, "CR", "Canon raw (CR2)", camera},
	{0, "II*\x00", tiffFormat, ""},
	{0, "MM\x00*", tiffFormat, ""},
	{0, "II+\x00", "BigTIFF", magick},
	{0, "MM\x00+", "BigTIFF", magick},
	{4, "ftyphei", "HEIC", "convert it, as by: heif-convert FILE out.png"},
	{4, "ftyphev", "HEIC", "convert it, as by: heif-convert FILE out.png"},
	{4, "ftypmif1", "HEIF", "convert it, as by: heif-convert FILE out.png"},
	{4, "ftypmsf1", "HEIF", "convert it, as by: heif-convert FILE out.png"},
	{4, "ftypavi", "AVIF", "convert it, as by: avifdec FILE out.png"},
	{4, "ftypcrx", "Canon raw (CR3)", camera},
	{0, "\xff\x0a", "JPEG XL", "convert it, as by: djxl FILE out.png"},
	{0, "\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL", "convert it, as by: djxl FILE out.png"},
	{0, "\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000", magick},
	{0, "\xff\x4f\xff\x51", "JPEG 2000", magick},
	{0, "8BPS", "PSD", "convert it, as by: magick 'FILE[0]' out.png"},
	{0, "%PDF", "PDF", "draw a page of it, as by: pdftoppm -png -r 150 FILE out"},
	{0, "%!PS", "PostScript", "draw it, as by: gs -sDEVICE=png16m -o out.png FILE"},
	{0, "\x00\x00\x01\x00", "ICO", magick},
	{0, "v/1\x01", "OpenEXR", magick},
	{0, "#?RADIANCE", "Radiance HDR", magick},
	{0, "qoif", "QOI", magick},
	{0, "DDS ", "DDS", magick},
	{0, "FUJIFILMCCD-RAW", "Fuji raw (RAF)", camera},
	{4, "ftyp", "MP4", movie},
	{0, "RIFF....AVI ", "AVI", movie},
	{0, "\x1aE\xdf\xa3", "Matroska or WebM", movie},
	{0, "\x1f\x8b", "gzip", "unpack it"},
	{0, "PK\x03\x04", "ZIP", "unpack it"},
	{0, "\x93NUMPY", "NumPy array", "that is a tensor, not a picture: name it .npy"},
	{0, "version https://git-lfs", "Git LFS pointer", "the picture itself was not fetched: git lfs pull"},
}

// Known reports whether data begin as a format that is read, or named as one that can't be.
func Known(data []byte) bool {
	_, ok := sniff(data)
	return ok
}

// sniff returns how a file's format begins; ok is false if no known one does.
func sniff(data []byte) (s signature, ok bool) {
	for _, s := range signatures {
		if s.matches(data) && (s.name != "Canon raw (CR2)" || bytes.HasPrefix(data, []byte("II*\x00"))) {
			return s, true
		}
	}
	head := strings.ToLower(string(bytes.TrimLeft(data[:min(len(data), 1024)], "\ufeff \t\r\n")))
	switch {
	case strings.HasPrefix(head, "<!doctype html"), strings.HasPrefix(head, "<html"):
		return signature{name: "HTML page", mends: "the download gave a page instead of the picture"}, true
	case strings.HasPrefix(head, "<") && strings.Contains(head, "<svg"):
		return signature{name: "SVG", mends: vector}, true
	case len(head) > 2 && head[0] == 'p' && head[1] >= '1' && head[1] <= '7' && strings.ContainsAny(head[2:3], " \t\r\n"):
		return signature{name: "Netpbm", mends: magick}, true
	}
	return signature{}, false
}

func (s signature) matches(data []byte) bool {
	if len(data) < s.at+len(s.begins) {
		return false
	}
	for i := range len(s.begins) {
		if s.begins[i] != '.' && s.begins[i] != data[s.at+i] {
			return false
		}
	}
	return true
}
