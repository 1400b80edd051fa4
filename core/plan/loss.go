package plan

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/quantity"
)

// LossModel says what is lost on a link, and how it is sent again.
type LossModel string

// The models of losses.
const (
	MessageLoss LossModel = "message"
	TCPLoss     LossModel = "tcp"
)

// TCPTimeout is the Timeout of a TCP that names none: Linux's least variance term of a
// retransmission timeout (TCP_RTO_MIN). RFC 6298 §2.4 would have whole timeouts of 1 s at least.
const TCPTimeout = 200 * time.Millisecond

// Loss says what is lost on a link and sent again, until it has arrived: see package
// impairment for what either model does to a token. What is lost crosses the link's bandwidth
// as well. Acknowledgements are not lost. The simulator only has it.
type Loss struct {
	// Rate is the probability that one transmission is lost: of a message of at most ChunkBytes,
	// or of a segment of TCP; from 0, below 1.
	Rate  float64   `yaml:"rate" json:"rate"`
	Model LossModel `yaml:"model,omitempty" json:"model,omitempty"` // default message
	// Timeout is after which time a lost message is sent again, from the end of its transmission;
	// of TCP, a retransmission timeout is a round trip and this, by default TCPTimeout.
	Timeout time.Duration `yaml:"timeout,omitempty" json:"timeout_ns,omitempty"`
	// Window is how many bytes may be sent and not acknowledged, in YAML as 64KiB; 0: any number.
	Window quantity.Bytes `yaml:"window,omitempty" json:"window_bytes,omitempty"`
}

// IsZero reports whether nothing is said.
func (l Loss) IsZero() bool { return l == Loss{} }

// maxLossRate bounds Loss.Rate: beyond, next to nothing arrives. TCP's rates by the formula that
// is used hold for much fewer losses.
const (
	maxLossRate    = 0.99
	maxTCPLossRate = 0.2
)

// Check returns what is wrong with it as it is written.
func (l *Loss) Check() error {
	most := maxLossRate
	switch l.Model {
	case "", MessageLoss:
	case TCPLoss:
		most = maxTCPLossRate
	default:
		return fmt.Errorf("loss model %q; expected message or tcp%s", l.Model,
			nearest.Hint(l.Model, []LossModel{MessageLoss, TCPLoss}))
	}
	switch {
	case !(l.Rate >= 0 && l.Rate <= most):
		return fmt.Errorf("loss rate %g; expected a fraction from 0 to %g, such as 0.01 for one in a hundred", l.Rate, most)
	case !(l.Timeout >= 0 && l.Timeout <= MaxLinkTime):
		return fmt.Errorf("loss timeout %v; expected a time from 0 to %v", l.Timeout, MaxLinkTime)
	case l.Model != TCPLoss && l.Timeout == 0 && !l.IsZero():
		return fmt.Errorf("losses of messages have no timeout; say after which time they are sent again, such as " +
			"timeout: 200ms")
	case l.Window < 0 || l.Window > 0 && l.Window < lostAtOnce(l.Model):
		return fmt.Errorf("loss window of %d bytes; expected 0, which is any number of bytes, or at least one %s of %d bytes",
			l.Window, map[bool]string{true: "segment", false: "message"}[l.Model == TCPLoss], lostAtOnce(l.Model))
	}
	return nil
}

// SegmentBytes is what a segment of TCP carries on Ethernet: 1500 bytes without the headers of
// IPv4 and TCP and the option of timestamps.
const SegmentBytes = 1448

// lostAtOnce returns how many bytes are lost at once at most.
func lostAtOnce(m LossModel) quantity.Bytes {
	if m == TCPLoss {
		return SegmentBytes
	}
	return ChunkBytes
}
