package boundary

// State is the state of a Session; see the table in the package comment.
type State uint8

// The states.
const (
	Connecting State = iota
	Open
	Asking
	Checking
	states
)

// Input is what happens to a Session; see the table in the package comment.
type Input uint8

// The inputs. Those from HelloStale on are what Classify makes of a Hello.
const (
	Reconnect Input = iota // messages from or to the peer may have been lost
	Gap                    // a token has come before one that is missing
	Retry                  // the retry timer has passed
	Overdue                // what was sent is not acknowledged in time
	HelloStale
	HelloUnaware
	HelloRestarted
	HelloCurrent
	HelloAnswer
	HelloRenewed
	inputs
)

// Action is a set of things to do.
type Action uint8

// The actions, in the order in which they are done.
const (
	Adopt     Action = 1 << iota // take the sender as the peer's incarnation (Step does it)
	Positions                    // take the Hello's positions
	Answer                       // send a Hello that wants no answer
	Reply                        // the same, if the peer's Hello asks
	Ask                          // send a Hello that wants an answer, arm the retry timer
	Check                        // the same, but it doesn't say what this device lacks
)

type transition struct {
	next State
	do   Action
}

var transitions = [states][inputs]transition{
	Connecting: {
		Reconnect:      {Connecting, Ask},
		Gap:            {Connecting, 0},
		Retry:          {Connecting, Ask},
		Overdue:        {Connecting, 0},
		HelloStale:     {Connecting, 0},
		HelloUnaware:   {Connecting, Ask},
		HelloRestarted: {Connecting, Adopt | Ask},
		HelloCurrent:   {Open, Positions | Reply},
		HelloAnswer:    {Open, Positions | Reply},
		HelloRenewed:   {Open, Adopt | Positions | Answer},
	},
	Open: {
		Reconnect:      {Asking, Ask},
		Gap:            {Asking, Ask},
		Retry:          {Open, 0},
		Overdue:        {Checking, Check},
		HelloStale:     {Open, 0},
		HelloUnaware:   {Open, Answer},
		HelloRestarted: {Connecting, Adopt | Ask},
		HelloCurrent:   {Open, Positions | Reply},
		HelloAnswer:    {Open, Positions | Reply},
		HelloRenewed:   {Open, Adopt | Positions | Answer},
	},
	Asking: {
		Reconnect:      {Asking, Ask},
		Gap:            {Asking, 0},
		Retry:          {Asking, Ask},
		Overdue:        {Asking, 0},
		HelloStale:     {Asking, 0},
		HelloUnaware:   {Asking, Ask},
		HelloRestarted: {Connecting, Adopt | Ask},
		HelloCurrent:   {Asking, Positions | Reply},
		HelloAnswer:    {Open, Positions | Reply},
		HelloRenewed:   {Open, Adopt | Positions | Answer},
	},
	Checking: {
		Reconnect:      {Asking, Ask},
		Gap:            {Asking, Ask},
		Retry:          {Checking, Check},
		Overdue:        {Checking, 0},
		HelloStale:     {Checking, 0},
		HelloUnaware:   {Asking, Ask},
		HelloRestarted: {Connecting, Adopt | Ask},
		HelloCurrent:   {Checking, Positions | Reply},
		HelloAnswer:    {Open, Positions | Reply},
		HelloRenewed:   {Open, Adopt | Positions | Answer},
	},
}

// Hello tells a peer how far the sender has come with the FIFOs between them.
type Hello struct {
	From, To uint64 // epochs: of the sender; of the peer as the sender knows it, 0 if it doesn't
	Ask      uint32 // number of the question that wants an answer; 0: none does
	Re       uint32 // number of the receiver's last question that the sender has got; 0: none
	FIFOs    []Position
}

// Position says how far one end of a FIFO has come.
type Position struct {
	FIFO  int  // index in the plan's graph
	Known bool // false: the sender has lost its memory and hasn't found out yet

	// Arrived, of the receiving end, is the first token that it lacks. The sending
	// end leaves it 0.
	Arrived uint64
	// Committed is the first token that the receiving end has not committed, or that
	// the sending end still holds.
	Committed uint64
}

// Session is what one device knows of its relation to another. Its zero value
// is of no use: see NewSession.
type Session struct {
	own, peer uint64
	state     State
	asked     uint32 // number of the last question
	first     uint32 // number of the first question that the last one repeats
	answered  uint32 // number of the peer's last question
}

// NewSession returns the session of an incarnation that knows nothing of its peer.
// The epoch is greater than 0.
func NewSession(epoch uint64) Session { return Session{own: epoch} }

// State returns the session's state.
func (s *Session) State() State { return s.state }

// Peer returns the epoch of the peer's present incarnation, 0 if none is known.
func (s *Session) Peer() uint64 { return s.peer }

// Current reports whether a message is from the peer's present incarnation to
// this one.
func (s *Session) Current(from, to uint64) bool { return from == s.peer && to == s.own && from != 0 }

// Classify says which input a Hello is.
func (s *Session) Classify(h *Hello) Input {
	known := h.To == s.own
	switch {
	case h.From < s.peer || h.From == 0:
		return HelloStale
	case h.From > s.peer && known:
		return HelloRenewed
	case h.From > s.peer:
		return HelloRestarted
	case !known:
		return HelloUnaware
	case h.Re >= s.first && h.Re <= s.asked && s.first > 0:
		return HelloAnswer
	}
	return HelloCurrent
}

// Step changes the state and returns what to do; h is the Hello of a hello input,
// and nil otherwise. With Answer, Ask or Check, the Hello to send is that of the method Hello.
func (s *Session) Step(in Input, h *Hello) Action {
	t := transitions[s.state][in]
	s.state = t.next
	if t.do&Adopt != 0 {
		s.peer, s.answered = h.From, 0
	}
	if h != nil && h.From == s.peer && h.Ask > s.answered {
		s.answered = h.Ask
	}
	if t.do&Reply != 0 && h.Ask != 0 {
		t.do |= Answer
	}
	if t.do&(Ask|Check) != 0 {
		s.asked++
		if in != Retry {
			s.first = s.asked
		}
	}
	return t.do &^ Reply
}

// Hello returns the Hello that an action sends, without positions.
func (s *Session) Hello(do Action) Hello {
	h := Hello{From: s.own, To: s.peer, Re: s.answered}
	if do&(Ask|Check) != 0 {
		h.Ask = s.asked
	}
	return h
}

// Repeats reports whether the last question repeats one that was not answered.
func (s *Session) Repeats() bool { return s.asked != s.first }

// Restart makes this device a later incarnation, which the peer doesn't know.
func (s *Session) Restart(epoch uint64) {
	s.own, s.state, s.asked, s.first, s.answered = epoch, Connecting, 0, 0, 0
}
