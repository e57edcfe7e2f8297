// Package outbound makes the requests to addresses that the configuration or an operator named in a URL.
//
// It owns which addresses may be dialled. An address is checked when it is dialled, after its name was resolved, so a name that later
// resolves to another address does not get around the check. Public addresses are allowed by HTTPS, and the addresses in Config.Allow also
// by plain HTTP. Redirects are not followed, and answers are limited.
//
// It does not own what is sent, to whom, or when it is tried again. Mail, the store and the certificate authority, which only the
// configuration names, do not use it.
package outbound
