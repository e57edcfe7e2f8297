// Package projects has the verbs of Google projects: keys of service accounts that belong to the installation, and with which connections of
// the companies that they are attached to read their directories (C11, C15).
//
// It owns the sealed key and the attachments. It does not read a directory: package pull does that, with the key that Key gives it.
package projects
