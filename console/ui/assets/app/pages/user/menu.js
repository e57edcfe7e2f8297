export function choicesFor(u, choose) {
    const suspended = u.state === "suspended";
    const local = !u.connection;
    return [
        {
            id: "hold",
            text: u.suspension?.mode === "hold" ? "Let it yield to the sync" : "Hold against the sync",
            icon: "lock",
            right: "user.suspend",
            not: suspended ? undefined : "Only a suspended person can be held.",
            run: () => choose(u.suspension?.mode === "hold" ? "yield" : "hold"),
        },
        {
            id: "recover",
            text: "Mark for recovery",
            icon: "refresh",
            right: "user.suspend",
            not: u.state === "active" ? undefined : "Only an active person.",
            run: () => choose("recover"),
        },
        {
            id: "edit",
            text: "Change name and address",
            icon: "edit",
            right: "user.manage",
            not: local ? undefined : `They come from ${u.connection}.`,
            run: () => choose("edit"),
        },
        {
            id: "convert",
            text: u.type === "guest" ? "Make a member" : "Make a guest",
            icon: "user",
            right: "user.manage",
            run: () => choose("convert"),
        },
        {
            id: "resend",
            text: "Send the invitation again",
            icon: "mail",
            right: "user.manage",
            not: u.state === "invited" || u.state === "awaiting_confirmation" ? undefined : "This person does not wait.",
            run: () => choose("resend"),
            apart: true,
        },
        {
            id: "revoke",
            text: "Revoke the invitation",
            icon: "close",
            right: "user.manage",
            not: u.state === "invited" ? undefined : "There is no invitation.",
            run: () => choose("revoke"),
        },
        {
            id: "unmanage",
            text: "Release from its connection",
            about: "The person becomes local.",
            icon: "plug",
            right: "user.manage",
            not: local ? "No connection manages this person." : undefined,
            run: () => choose("unmanage"),
            apart: true,
        },
        { id: "request", text: "Ask for the deletion", icon: "mail", right: "user.request_deletion", run: () => choose("request") },
        { id: "delete", text: "Delete for good", icon: "trash", danger: true, right: "user.delete", run: () => choose("delete") },
    ];
}
