// Package openidtest is an OpenID provider for tests. It owns keys, discovery and signed tokens. It does not sign people in: each test says
// what the provider confirms.
package openidtest
