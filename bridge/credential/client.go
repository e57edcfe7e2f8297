package credential

// Client is where a request came from.
type Client struct {
	Address   string
	UserAgent string
	Request   string // the id of the request
}
