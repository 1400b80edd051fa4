// Package picture is the one rule by which pictures become numbers: for the kernels
// image-folder and video, and as inputs of models. It takes bytes and does no I/O.
//
// What may be set is a parameter of the kernel in a plan, fit: crop, and a flag on the
// command line, --picture fit=crop.
//
// Format: by content, whatever the name. JPEG (grey, YCbCr, RGB, CMYK, YCCK; baseline and
// progressive; a webcam's without Huffman tables gets the standard ones), PNG (of APNG the
// still picture), GIF (the first picture), WebP, BMP and TIFF (the first page). Other
// formats are named, with how to convert them. What is cut off or damaged is an error.
//
// Size: it is read from the header first. A picture of more than max_pixels pixels, by
// default 100 million, is refused before its memory is taken. Decoding takes up to 14 bytes
// a pixel for a while, of a progressive JPEG up to 40.
//
// Orientation: as the EXIF data of JPEG, PNG and WebP and the tag of TIFF say, so that it
// is as viewers show it; orientation: stored keeps it as it lies in the file.
//
// Colour: 8 bits each of red, green and blue, taken as sRGB. Of 16 bits the upper 8 are
// taken. Colour profiles, PNG's gamma and HDR gain maps are ignored.
//
// Alpha: what is transparent is composed, by the stored values, on background: white (the
// default), black, grey or #rrggbb.
//
// Size wanted: bilinear, over all pixels that a new one covers (golang.org/x/image/draw).
// fit: stretch, the default, fills the size; letterbox keeps the aspect, at the top left
// of black; crop keeps it and cuts off what is over, on both sides alike; exact refuses
// pictures of another size. Resizing takes 32 bytes for each pixel of a picture as wide as
// the new one and as high as the old one, and for each of the old one's rows and columns.
// What takes more than 14 bytes for each of max_pixels, or 16 MiB, and 32 for each new pixel,
// row and column is refused, as is what takes more than 16 GiB: by default a picture of
// 1 x 100 million pixels, and none that keeps its aspect or nearly so.
//
// Tensors: [n,c,h,w], [n,h,w,c], [c,h,w], [h,w,c] or [h,w], with c 3 or, for grey, 1. A batch
// takes one picture, which is repeated, or one each. A value v of 0 to 255 becomes
// (v - mean) / scale, each a number or three, 123.7/116.3/103.5, for red, green and blue. By
// default, floating-point elements go from -1 to 1 (mean and scale 127.5), int8 from -128 to
// 127 (mean 128, scale 1), and other integers from 0 to 255. Integers are rounded, and bound
// to what their type holds. Grey is 0.299 R + 0.587 G + 0.114 B. order: bgr puts blue first.
package picture
