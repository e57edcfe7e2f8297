package directory

import (
	"fmt"
	"time"
)

// Transfer is a move of the management of users and groups from one live connection to another (C14). Until it is done, what is to move is
// in pieces (TransferPiece). Each record that moved has a Moved, so that the transfer can be undone.
type Transfer struct {
	ID     ID            `json:"id"`
	From   ConnectionID  `json:"from"`
	To     ConnectionID  `json:"to"`
	At     time.Time     `json:"at"`
	By     Actor         `json:"by"`
	UndoBy *Actor        `json:"undo_by,omitempty"`
	Scope  string        `json:"scope"` // what was asked for, in words
	Digest string        `json:"digest"`
	Phase  TransferPhase `json:"phase"`
	Users  int           `json:"users"` // how many were to move when it began
	Groups int           `json:"groups"`

	Pending int `json:"pending"` // records that are still to move
	Moved   int `json:"moved"`   // records that moved, and were not given back
	Left    int `json:"left"`    // records that stayed with From
	Kept    int `json:"kept"`    // records that were not given back
}

// TransferPhase is how far a transfer is.
type TransferPhase string

// The values of TransferPhase.
const (
	TransferMoving  TransferPhase = "moving"
	TransferMoved   TransferPhase = "moved"
	TransferUndoing TransferPhase = "undoing"
	TransferUndone  TransferPhase = "undone"
)

// Open reports whether there is work left.
func (t *Transfer) Open() bool { return t.Phase == TransferMoving || t.Phase == TransferUndoing }

// Actor is who decided what the transfer does now.
func (t *Transfer) Actor() Actor {
	if t.UndoBy != nil {
		return *t.UndoBy
	}
	return t.By
}

// TransferPiece names records that one transaction is to move. Its key is TransferPieceKey.
type TransferPiece struct {
	Kind Kind `json:"kind"`
	IDs  []ID `json:"ids"`
}

// Moved is a record of a transfer that moved, with what the connection before knew of it, or one that stayed, with the reason. Its key is
// MovedKey.
type Moved struct {
	Name       string    `json:"name"`
	ExternalID string    `json:"external_id,omitempty"`
	Statement  Statement `json:"statement,omitempty"`
	StatedAt   time.Time `json:"stated_at,omitzero"`
	Sent       Document  `json:"sent,omitempty"`
	At         time.Time `json:"at,omitzero"`      // when it moved
	Reason     string    `json:"reason,omitempty"` // why it stayed where it was
}

// MovedStep is what became of records of a transfer.
type MovedStep string

// The values of MovedStep.
const (
	MovePending MovedStep = "p" // pieces
	MoveDone    MovedStep = "m"
	MoveLeft    MovedStep = "l" // stayed with the first connection
	MoveKept    MovedStep = "k" // was not given back when the transfer was undone
)

// TransferPieceKey is the key of a TransferPiece. Pieces are moved in the order of their numbers.
func TransferPieceKey(transfer ID, number int) string {
	return MovedPrefix(transfer, MovePending) + fmt.Sprintf("%08d", number)
}

// MovedKey is the key of a Moved. Users come before groups.
func MovedKey(transfer ID, step MovedStep, kind Kind, id ID) string {
	order := "u/"
	if kind == GroupKind {
		order = "v/"
	}
	return MovedPrefix(transfer, step) + order + id.String()
}

// MovedPrefix is what the keys of a step begin with.
func MovedPrefix(transfer ID, step MovedStep) string {
	return transfer.String() + "/" + string(step) + "/"
}
