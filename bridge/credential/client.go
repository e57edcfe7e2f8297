package credential

// Client is where a request came from.
type Client struct {
	Address   string
	UserAgent string
	Request   string // the id of the request
	// Background marks a request that no person made. It does not keep a session alive.
	Background bool
	// Again marks a request whose credential was accepted before. It counts as one request.
	Again bool
}
