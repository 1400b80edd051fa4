// Package seal encrypts the parts of tokens between two devices, so that what carries them
// reads and changes nothing of their content. It may not decide which links are sealed or
// whose key is whose.
package seal
