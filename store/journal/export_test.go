package journal

import "context"

// Occupy keeps the writer busy: held is closed when it is, free lets it go.
func Occupy(j *Journal, held, free chan struct{}) {
	_ = j.ask(context.Background(), func(*writer) {
		close(held)
		<-free
	})
}
