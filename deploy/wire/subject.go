package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// Subjects are edgeprune.<kind>.<sender>.<receiver>, and what follows: a server's
// permissions can let a client send under its own name only, and read only what is sent
// to it. A name in a subject that is subscribed to may be Any.
const (
	// Any stands for all names.
	Any = "*"
	// All is the receiver of heartbeats: every client. It is no client's name.
	All = "all"
)

// maxNameBytes is the length of the longest name.
const maxNameBytes = 64

const nameLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"

// CheckName reports whether a name can stand in a subject and name a file; what says
// whose it is, such as "device". Errors wrap ErrName.
func CheckName(what, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: the %s has none; expected letters, digits, '-' and '_'", ErrName, what)
	case len(name) > maxNameBytes:
		return fmt.Errorf("%w: that of the %s has %d bytes; expected at most %d", ErrName, what, len(name), maxNameBytes)
	case strings.ContainsFunc(name, func(r rune) bool { return !strings.ContainsRune(nameLetters, r) }):
		return fmt.Errorf("%w: %s %q; expected letters from A to Z, digits, '-' and '_' only", ErrName, what, name)
	case name == All:
		return fmt.Errorf("%w: no %s may be called %q, which stands for all", ErrName, what, name)
	}
	return nil
}

// InboxPrefix returns how the subjects begin that answers to a client go to.
func InboxPrefix(name string) string { return "_INBOX_" + name }

// defaultInbox is how inboxes begin of clients that choose no prefix, at servers without
// permissions.
const defaultInbox = "_INBOX."

// AnswerTo reports whether an answer may go to a subject: to none, or an inbox of who has asked.
// Else who sends a request could have a device publish where it may not itself.
func AnswerTo(reply, asker string) bool {
	return reply == "" || strings.HasPrefix(reply, defaultInbox) || strings.HasPrefix(reply, InboxPrefix(asker)+".")
}

// Sender returns who a message is from, by its subject; "" if it has no sender.
func Sender(subject string) string {
	tokens := strings.SplitN(subject, ".", 4)
	if len(tokens) < 4 {
		return ""
	}
	return tokens[2]
}

func subject(kind, from, to string, more ...string) string {
	return strings.Join(append([]string{"edgeprune", kind, from, to}, more...), ".")
}

// OrderSubject returns where an agent takes a coordinator's requests.
func OrderSubject(coordinator, device string, v Verb) string {
	return subject("order", coordinator, device, string(v))
}

// AliveSubject returns where an agent says, by an Alive, that it lives.
func AliveSubject(device string) string { return subject("alive", device, All) }

// LeaseSubject returns where an owner renews its lease, by messages without data.
func LeaseSubject(coordinator, device, run string) string {
	return subject("lease", coordinator, device, run)
}

// MeetSubject returns where agents of one name say who they are, by a Process.
func MeetSubject(device string) string { return subject("probe", device, device, "agent") }

// ProbeSubject returns where an agent answers probes of its clock.
func ProbeSubject(asker, device string) string { return subject("probe", asker, device) }

// DataSubject returns where the tokens of a FIFO travel.
func DataSubject(from, to, run string, fifo int) string {
	return subject("data", from, to, run, strconv.Itoa(fifo))
}

// AckSubject returns where the acknowledgements of a FIFO travel, against its tokens.
func AckSubject(from, to, run string, fifo int) string {
	return subject("ack", from, to, run, strconv.Itoa(fifo))
}

// HelloSubject returns where one device greets another.
func HelloSubject(from, to, run string) string { return subject("hello", from, to, run) }

// ShareSubject returns where one device tells another, by Claims, what it sends on links that both
// share.
func ShareSubject(from, to, run string) string { return subject("share", from, to, run) }

// ReceivedSubject returns where a device is told, by a Received, which of its trace
// batches have been received.
func ReceivedSubject(coordinator, device, run string) string {
	return subject("received", coordinator, device, run)
}

// TraceSubject returns where a device's trace batches travel.
func TraceSubject(device, coordinator, run string) string {
	return subject("trace", device, coordinator, run)
}

// ErrorSubject returns where a device reports, as text, why it can't go on.
func ErrorSubject(device, coordinator, run string) string {
	return subject("error", device, coordinator, run)
}
