package shape

import (
	"fmt"
	"time"
)

// Sends returns what the device sends.
func (b *Band) Sends() []Sending {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []Sending
	for _, d := range b.directions {
		if d.From == b.own && d.claimed {
			all = append(all, d.claim)
		}
	}
	return all
}

// Check returns an error that wraps ErrSending if another device can't send what it claims.
func (b *Band) Check(from int, claims []Sending) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, c := range claims {
		d := b.find(c.Link, from)
		switch {
		case d == nil || from == b.own:
			return fmt.Errorf("%w: device %d does not send on link %d", ErrSending, from, c.Link)
		case c.Since > b.time()+int64(ahead):
			return fmt.Errorf("%w: device %d sends a token on link %d that it will have in %v", ErrSending, from, c.Link,
				time.Duration(c.Since-b.time()))
		case c.Since < d.claim.Since || c.Token == d.claim.Token && c.Since != d.claim.Since && d.claimed:
			return fmt.Errorf("%w: device %d sends a token on link %d that it had before the last one", ErrSending, from, c.Link)
		}
		for _, other := range claims[:i] {
			if other.Link == c.Link {
				return fmt.Errorf("%w: device %d sends two tokens at a time on link %d", ErrSending, from, c.Link)
			}
		}
	}
	return nil
}

// Told takes all that another device sends now, after Check; none: nothing. It returns an error
// that wraps ErrSending if the device lets this one wait for more tokens than can have been handed
// over before: then it waits no longer.
func (b *Band) Told(from int, claims []Sending) (err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(b.time())
	for _, d := range b.directions {
		if d.From != from {
			continue
		}
		claimed := false
		for _, c := range claims {
			if c.Link == d.Link {
				claimed = true
				if !d.claimed || c.Token != d.claim.Token {
					b.begin(d, c)
				}
				if back := b.back(d); back != nil && back.passed > d.Tokens {
					err = fmt.Errorf("%w: device %d has sent %d tokens on link %d that it had before one that waits here, and can "+
						"have %d", ErrSending, from, back.passed, d.Link, d.Tokens)
				}
			}
		}
		if !claimed {
			b.end(d)
			d.claimed, d.claim = false, Sending{}
		}
	}
	b.settle()
	return err
}
