package wire

import (
	"time"

	"drawbridge/directory"
)

// Alert is something in a tenant that an operator should look at.
type Alert struct {
	Tenant         string            `json:"tenant"`
	TenantName     string            `json:"tenant_name,omitempty"`
	Key            string            `json:"key" doc:"Names it when it is acknowledged." example:"protected_group/owners"`
	Kind           string            `json:"kind" enum:"protected_group,brake,sync,token,seats,webhook,target"`
	State          string            `json:"state" enum:"open,acknowledged,snoozed,cleared" doc:"cleared: it settled by itself. snoozed: it is open again at until."`
	Subject        directory.Subject `json:"subject"`
	Text           string            `json:"text" doc:"What happened last."`
	By             directory.Actor   `json:"by"`
	Raised         time.Time         `json:"raised"`
	Last           time.Time         `json:"last"`
	Times          int               `json:"times" doc:"How often it happened since it was raised."`
	Acknowledged   *time.Time        `json:"acknowledged,omitempty"`
	AcknowledgedBy string            `json:"acknowledged_by,omitempty"`
	Note           string            `json:"note,omitempty"`
	Until          *time.Time        `json:"until,omitempty" doc:"When a snoozed alert is open again."`
	Cleared        *time.Time        `json:"cleared,omitempty"`
}

// AcknowledgeAlert says which alert an operator has looked at.
type AcknowledgeAlert struct {
	Alert string     `json:"alert" minLength:"1" maxLength:"200" doc:"The key of the alert."`
	Times int        `json:"times,omitempty" minimum:"1" doc:"As it was when it was looked at: 412 if it has happened again since. Missing: however often."`
	Note  string     `json:"note,omitempty" maxLength:"500"`
	Until *time.Time `json:"until,omitempty" doc:"Snooze the alert: it is open again from then on. Within the next 90 days. Missing: it is acknowledged for good."`
}
