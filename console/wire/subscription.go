package wire

// Subscription is what an operator gets mail about.
type Subscription struct {
	Operator string   `json:"operator"`
	Email    string   `json:"email"`
	Role     string   `json:"role"`
	Version  uint64   `json:"version" doc:"Of the operator; the ETag."`
	Kinds    []string `json:"kinds" nullable:"false" doc:"Kinds of event; user.* for all that begin so; alert for all that raise an alert. None: nothing."`
	Tenants  []string `json:"tenants" nullable:"false" doc:"Missing ones are not told of. Empty: all of the scope, and the installation where the role may read its record."`
	Daily    bool     `json:"daily" doc:"What can wait comes once a day."`
	Default  bool     `json:"default" doc:"The default of the role; it was not changed."`
	Receives bool     `json:"told" doc:"Mails go out. They do not while the operator is not active, lacks a second factor that is required, has an empty scope, or has chosen no events."`
}

// SubscriptionUpdate changes what an operator gets mail about.
type SubscriptionUpdate struct {
	Kinds   []string `json:"kinds" nullable:"false" maxItems:"100" doc:"Kinds of event; user.* for all that begin so; alert for all that raise an alert. None: nothing." example:"[\"alert\"]"`
	Tenants []string `json:"tenants,omitempty" maxItems:"10000" doc:"Tenants of the scope. Missing: all of it."`
	Daily   bool     `json:"daily,omitempty" doc:"Mail that can wait, as about refusals, comes once a day instead of every quarter of an hour. Mail about alerts never waits."`
}
