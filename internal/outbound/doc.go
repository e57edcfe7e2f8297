// Package outbound is the one door to addresses outside: what the server dials because a configuration or an operator named a URL.
//
// It owns which addresses may be dialled. An address is judged when it is dialled, after its name was resolved, so that a name which
// resolves to another address the second time gains nothing. Allowed are public addresses by HTTPS, and what the operator of the
// installation has opened (Config.Allow), there by plain HTTP too. Redirects are not followed, and answers are bounded.
//
// It does not own what is sent, to whom, or when it is tried again. Mail, the store and the certificate authority are named by the
// configuration alone and do not pass it.
package outbound
