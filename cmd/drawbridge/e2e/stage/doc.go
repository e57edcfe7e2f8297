// Command stage makes the data folder for the browser tests of the console: ninety days of some made-up companies. Their identity providers
// and operators send requests to the real server, whose clock the command moves. It owns that story, and no test: the tests start the
// ordinary binary on a copy of the folder.
//
//	go run ./cmd/drawbridge/e2e/stage --data DIR              the story
//	go run ./cmd/drawbridge/e2e/stage --data DIR --people N   one company with N people
//	go run ./cmd/drawbridge/e2e/stage --data DIR --companies N
//
// It prints the operators of the tests and the secret of an expired link as JSON.
package main
