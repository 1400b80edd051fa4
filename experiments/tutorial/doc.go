// Package tutorial holds the chapters of the tutorial, in Markdown, and the test that does what they say: it has the
// build tag tutorial, and `just tutorial` runs it. The package has nothing but tests, and gives chapters nothing that
// their readers don't have.
package tutorial
