// Package picture is the one rule by which pictures become numbers: for the sources
// image-folder and video, and for the inputs of models. It takes bytes and does no I/O.
//
// Format: by content, whatever the name. JPEG (grey, YCbCr, RGB, CMYK, YCCK; baseline and
// progressive; a webcam's without Huffman tables gets the standard ones), PNG (of APNG the
// still picture), GIF (the first picture), WebP, BMP and TIFF (the first page). Other
// formats are named, with how to convert them.
//
// Size: it is read from the header first. A picture of more than max_pixels pixels, by
// default 100 million, is ErrLimit before its memory is taken. Decoding takes up to 15 bytes
// a pixel for a while.
//
// Orientation: as the EXIF data of JPEG, PNG and WebP and the tag of TIFF say, so that it
// is as viewers show it; orientation: stored keeps it as it lies in the file.
//
// Colour: 8 bits each of red, green and blue, taken as sRGB. Of 16 bits the upper 8 are
// taken. Colour profiles, PNG's gamma and HDR gain maps are ignored.
//
// Alpha: what is transparent is composed, by the stored values, on a background, by
// default white.
//
// Size wanted: bilinear, over all pixels that a new one covers (golang.org/x/image/draw).
// fit: stretch, the default, fills the size; letterbox keeps the aspect, at the top left
// of black; crop keeps it and cuts off what is over, on both sides alike; exact refuses
// pictures of another size.
//
// Elements of tensors: see Conversion.
package picture
