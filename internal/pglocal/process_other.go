//go:build !linux

package pglocal

import "syscall"

// endWithParent can do nothing where the kernel has no death signal: after a
// kill -9 of a test program its server stays.
func endWithParent(*syscall.SysProcAttr) {}
