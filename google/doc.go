// Package google is a client of Google's Directory API (Admin SDK): it reads the users, groups and members of a Google Workspace or Cloud
// Identity account as a service account with domain-wide delegation.
//
// It owns the format of requests and answers, the access token, the quota of a Google project, back-off, and the explanation of Google's
// refusals in the words of Google's consoles. It only reads. It contacts only the two hosts of its Endpoint.
//
// It does not own the use of what it reads (package pull), or where the key of the service account is stored (package bridge).
package google
