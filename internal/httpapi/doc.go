// Package httpapi has what the JSON APIs of Drawbridge share: operations whose input and output are Go structs, the OpenAPI document that
// is made from them, problem+json errors, pages of lists, answers to repeated requests, and the check of every text.
//
// It owns how a request becomes a value and a value becomes a response. It does not own who may call what: each API passes in functions
// that decide that. It knows no verb and no route.
package httpapi
