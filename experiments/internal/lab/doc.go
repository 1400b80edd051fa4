// Package lab makes and keeps what predictions are made from: profiles of firings in the
// processes that will run them, the calibration of the transport, and predictions from both.
// It may not measure the cases that it predicts.
package lab
