// Package browsertest opens pages in a headless Chromium for tests with the tag browser, and
// keeps what the browser complained about and asked the network for. `just browser` runs these
// tests and installs Debian's chromium. It may only be imported by tests with that tag.
package browsertest
