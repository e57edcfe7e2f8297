package policy

// NotServed says no to whoever belongs to a tenant that has been handed over (T6).
func NotServed() *Refusal {
	return refuse("T6", "this tenant is no longer served here")
}
