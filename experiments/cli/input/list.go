package input

import "strings"

// List are the values of a flag that may be repeated, as they are: the library's own lists
// part at commas, which names may have.
type List []string

// Set implements cli.Generic.
func (l *List) Set(text string) error {
	*l = append(*l, text)
	return nil
}

// String implements cli.Generic.
func (l *List) String() string { return strings.Join(*l, " ") }
