//go:build !linux

package pglocal

import "syscall"

// endWithParent can do nothing where the kernel has no death signal: after a
// kill -9 of this process the server stays, and the next start uses it.
func endWithParent(*syscall.SysProcAttr) {}
