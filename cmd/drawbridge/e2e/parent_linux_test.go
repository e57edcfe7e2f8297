package e2e

import (
	"net"
	"runtime"
	"syscall"
	"testing"
)

// A server with a database starts itself again. What its parent asked for, here a signal when the parent ends, holds afterwards, too.
func TestServerWithADatabaseEndsWithItsParent(t *testing.T) {
	t.Parallel()
	database, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	cmd := command(t, "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	cmd.Env = append(cmd.Environ(), "DRAWBRIDGE_STORE_URL=postgres://drawbridge@"+database.Addr().String()+"/none?sslmode=disable")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	asked := make(chan error, 1)
	go onThreadOfItsOwn(func() { // for the kernel, that thread is the parent
		err := cmd.Start()
		if err == nil {
			_, err = database.Accept() // it is the second program that asks
		}
		asked <- err
	})
	if err := <-asked; err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if how, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || how.Signal() != syscall.SIGKILL {
		t.Errorf("the server outlived its parent: %s", cmd.ProcessState)
	}
}

// onThreadOfItsOwn runs fn on a thread that ends with the goroutine. The first thread of a process never does.
func onThreadOfItsOwn(fn func()) {
	runtime.LockOSThread()
	if syscall.Gettid() != syscall.Getpid() {
		fn()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		onThreadOfItsOwn(fn)
	}()
	<-done
	runtime.UnlockOSThread()
}
