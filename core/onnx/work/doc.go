// Package work counts what a model does and holds: the multiply-accumulate operations of
// its nodes, and the parameters that they need. It reads shapes, and may neither find
// them out nor measure anything.
package work
