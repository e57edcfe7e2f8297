// Command stage makes the data folder on which the browser tests of the console play: ninety days in the life of some companies,
// told to the real server by their identity providers and by operators, with a clock that runs ahead as the story wants. The
// server that the tests start afterwards is the ordinary binary on a copy of that folder.
//
//	go run ./cmd/drawbridge/e2e/stage --data DIR              the story
//	go run ./cmd/drawbridge/e2e/stage --data DIR --people N   one company with N people
//	go run ./cmd/drawbridge/e2e/stage --data DIR --companies N
//
// It prints as JSON whom the tests may sign in as.
package main
