package directory

// Usage counts what a tenant has. The store keeps it like an index.
type Usage struct {
	Users     [UserTypes][States]int // users by type and state, without those that are gone
	Gone      int                    // users that the IdP deleted and that are kept in grace (D4)
	Groups    int                    // groups that are not built in
	Resources map[Kind]int           // custom resources by type; nil if there are none
}

// Add adds n to the counter of u.
func (c *Usage) Add(u *User, n int) {
	if u.Gone() {
		c.Gone += n
		return
	}
	c.Users[u.Type][u.State] += n
}

// Visible is how many users SCIM sees.
func (c *Usage) Visible() int {
	n := 0
	for _, byState := range c.Users {
		for _, count := range byState {
			n += count
		}
	}
	return n
}
