package wire

import "drawbridge/directory"

// Schema is a schema of a tenant's own: an extension of User or Group, or a resource type.
type Schema struct {
	URN          string             `json:"urn,omitempty" readOnly:"true" doc:"The id of the definition."`
	ResourceType string             `json:"resource_type" minLength:"1" maxLength:"60" doc:"User, Group, or the name of a new resource type."`
	Endpoint     string             `json:"endpoint,omitempty" maxLength:"60" doc:"Of a new resource type, such as /Devices."`
	Required     bool               `json:"required,omitempty"`
	Definition   directory.Document `json:"definition" doc:"The schema as RFC 7643 section 7 writes it."`
}
