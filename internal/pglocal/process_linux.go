package pglocal

import "syscall"

// endWithParent has the kernel ask the server for a fast shutdown when the
// thread that started it ends, which is when this process ends, however it ends.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }
