package trace

// Sender follows a device's side of one link through a trace, whose sends are in the order in
// which they ended. A token that is handed over while the one before is on its way to the link
// waits for that: its Send starts then, and lasts until its own last byte has left. The zero value
// has seen nothing.
type Sender struct {
	left int64
	some bool
}

// Began returns from when on the link's next Send occupied the sender's side alone, in ns: its
// Start, or when the token before had left.
func (s *Sender) Began(e *Event) int64 {
	began := e.Start
	if s.some {
		began = min(max(began, s.left), e.End)
	}
	s.left, s.some = max(s.left, e.End), true
	return began
}

// Senders follows those of all links of a trace.
type Senders map[side]*Sender

type side struct{ device, link string }

// Began returns what the Sender of a Send's link does.
func (s Senders) Began(e *Event) int64 {
	at := side{e.Device, e.Unit}
	if s[at] == nil {
		s[at] = &Sender{}
	}
	return s[at].Began(e)
}
