package journal

import "context"

// Occupy keeps the writer busy: it closes held when it does, and ends when free is closed.
func Occupy(j *Journal, held, free chan struct{}) {
	_ = j.ask(context.Background(), func(*writer) {
		close(held)
		<-free
	})
}
