// Package wording owns the test that keeps literary words out of comments, texts and documents. It has no code.
package wording
