// Package invitepage serves the page that the links of invitation mails open. A person accepts an invitation there, or confirms
// another person who has accepted one (rules L1 and L2). The page is plain HTML from the server, without scripts or cookies.
//
// It owns the page and its headers. It does not own what a link means or whether the link still works: package bridge decides that.
package invitepage
