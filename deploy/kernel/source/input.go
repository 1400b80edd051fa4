package source

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// input is where a stream comes from, as ffmpeg is told.
type input struct {
	args  []string
	given string // as the plan has it
	shown string // without names and passwords
	file  bool   // it has an end, and can be begun again
	asked string // what a camera was asked for, behind what it gives
}

// formats are those that a stream from the network may have: none that has ffmpeg open other addresses.
const formats = "mpegts,mpjpeg,mjpeg,jpeg_pipe,png_pipe,image2pipe,h264,hevc,matroska,webm,mov,mp4,flv,avi,nut,ogg," +
	"asf,mpeg,mpegvideo,m4v,ivf,yuv4mpegpipe,rtsp,rtp,sdp"

// protocols are those that ffmpeg needs for an address of a scheme.
var protocols = map[string]string{
	"http": "http,tcp", "https": "https,http,tls,tcp", "rtsp": "rtsp,rtp,udp,tcp", "tcp": "tcp",
}

// pixelFormat and size are what a camera may be asked for.
var (
	pixelFormat = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	size        = regexp.MustCompile(`^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$`)
)

// newInput reads the parameters that say where a stream comes from. What is wrong with them, p
// is told; other errors wrap kernel.ErrSource.
func newInput(p *kernel.Parameters, allowed *files.Allowed) (*input, error) {
	in := &input{given: p.Text("source")}
	in.shown = files.Shown(in.given)
	format, dimensions, rate := p.Text("pixel_format"), p.Text("size"), p.Float("frame_rate", 0, 0.001, 10_000)
	transport := p.Text("transport")
	camera := files.IsDevice(in.given)
	switch {
	case in.given == "":
		p.Failf("source is missing; give a video file, a camera as /dev/video0, or an address as rtsp://camera.local/live")
	case !camera && (format != "" || dimensions != "" || rate != 0):
		p.Failf("pixel_format, size and frame_rate are asked of a camera only; %s is none", in.shown)
	case format != "" && !pixelFormat.MatchString(format):
		p.Failf("pixel_format is %s; expected a name such as yuyv422 or mjpeg", format)
	case dimensions != "" && !size.MatchString(dimensions):
		p.Failf("size is %s; expected width and height, as 640x480", dimensions)
	case transport != "" && (!strings.HasPrefix(in.given, "rtsp://") || transport != "tcp" && transport != "udp"):
		p.Failf("transport is %s; expected tcp or udp, of an rtsp:// address%s", transport,
			nearest.Hint(transport, []string{"tcp", "udp"}))
	}
	if p.Failed() {
		return in, nil
	}
	switch {
	case camera:
		return in, in.camera(allowed, format, dimensions, rate)
	case files.IsSource(in.given):
		return in, in.address(allowed, transport)
	}
	in.file = true
	path, info, err := allowed.Path(in.given)
	switch {
	case err != nil:
		return in, fmt.Errorf("%w: %w", kernel.ErrSource, err)
	case info.Size() == 0:
		return in, fmt.Errorf("%w: %s is empty", kernel.ErrSource, in.given)
	}
	if err := selfContained(allowed, in.given); err != nil {
		return in, fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	in.args = fileInput(path)
	return in, nil
}

// camera has ffmpeg ask a camera for a format, a size and a rate, each where it is given.
func (in *input) camera(allowed *files.Allowed, format, dimensions string, rate float64) error {
	if err := allowed.Source(in.given); err != nil {
		return fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	info, err := os.Stat(in.given)
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return fmt.Errorf("%w: there is no camera %s; v4l2-ctl --list-devices lists those that there are", kernel.ErrSource,
			in.given)
	}
	in.args = []string{"-f", "v4l2"}
	for _, option := range [][2]string{{"-input_format", format}, {"-video_size", dimensions}} {
		if option[1] != "" {
			in.args = append(in.args, option[:]...)
		}
	}
	if dimensions != "" {
		in.asked = ", asked for " + dimensions
	}
	if rate > 0 {
		in.args = append(in.args, "-framerate", fmt.Sprint(rate))
	}
	in.args = append(in.args, "-i", in.given)
	return nil
}

// address has ffmpeg open an address with the protocols of its scheme alone.
func (in *input) address(allowed *files.Allowed, transport string) error {
	u, err := files.ParseAddress(in.given)
	if err == nil {
		err = allowed.Source(in.given)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	// Frames leave the decoder when they are there: it doesn't decode several at a time.
	in.args = []string{"-protocol_whitelist", protocols[u.Scheme], "-format_whitelist", formats, "-fpsprobesize", "0",
		"-thread_type", "slice"}
	if u.Scheme == "rtsp" {
		if transport == "" {
			transport = "tcp"
		}
		in.args = append(in.args, "-rtsp_transport", transport)
	}
	in.args = append(in.args, "-i", in.given)
	return nil
}

// login is what an address may begin with.
var login = regexp.MustCompile(`://[^/@\s]+@`)

// clean takes what ffmpeg says of an address for printing.
func (in *input) clean(said string) string {
	return login.ReplaceAllString(strings.ReplaceAll(said, in.given, in.shown), "://")
}
