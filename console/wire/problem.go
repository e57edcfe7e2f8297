package wire

// Problem is the body of an error (RFC 9457).
type Problem struct {
	Type       string         `json:"type,omitempty" doc:"A name for the kind of problem: urn:drawbridge:problem: and the code."`
	Title      string         `json:"title"`
	Status     int            `json:"status"`
	Detail     string         `json:"detail" doc:"A sentence that says what is wrong and what to do."`
	Code       string         `json:"code" doc:"The kind of failure, for programs."`
	Field      string         `json:"field,omitempty" doc:"The field at fault."`
	Rule       string         `json:"rule,omitempty" doc:"The rule that said no."`
	Request    string         `json:"request,omitempty" doc:"The id of the request, as in the log."`
	RetryAfter int            `json:"retry_after,omitempty" doc:"Seconds."`
	Errors     []ProblemField `json:"errors,omitempty" doc:"Every field that is wrong, if there are several."`
}

// ProblemField is one wrong field.
type ProblemField struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}
