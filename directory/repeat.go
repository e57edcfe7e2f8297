package directory

import "time"

// Repeat is how a client names a request that it may have to send again: what it does is done once for each Key. Both are
// hashes, in hexadecimal; the zero Repeat names nothing.
type Repeat struct {
	Key  string // of who asks, the operation and the client's own key
	Body string // of what is asked for: a Key stands for one request
}

// RepeatDone is what is remembered of a request that was done. It is written with what it did.
type RepeatDone struct {
	Body    string    `json:"body"`
	At      time.Time `json:"at"`
	Request string    `json:"request"` // its id: a request of several transactions is no repeat of itself
	Subject Subject   `json:"subject"` // what came of it
}

// RepeatLife is how long a request that was done is remembered.
const RepeatLife = 24 * time.Hour
