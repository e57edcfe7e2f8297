// Package operators is the provider's side: the people who administer, and how they prove who they are.
//
// It owns operators and their roles and scopes, sign-in and sessions, passwords, second factors, API keys, one-time links, which mails
// an operator gets, and how the provider introduces itself: name, address and logo. It does not own what operators may do (policy), the sending of mail (bridge/notify), or anything inside a tenant. SCIM,
// the jobs and the pages for users of tenants never see it.
package operators
