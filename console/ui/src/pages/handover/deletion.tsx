// Deleting a company that was a mistake or a trial: what would be lost, the name to type, and the deletion.

import { useState } from "react";
import { useLocation } from "wouter";
import { useAction, useRead } from "../../api/query.ts";
import type { TenantDeletion } from "../../api/schema.ts";
import { Action, Card, Note } from "../../parts/basic.tsx";
import { Box, Consequences } from "../../parts/dialog.tsx";
import { FormBox, Submit, TextInput } from "../../parts/form.tsx";
import { View } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { count, many, people, sentence } from "../../parts/words.ts";
import { to } from "../../shell/place.ts";

export function DeleteCompany({ company }: { company: string }) {
	const [open, setOpen] = useState(false);
	return (
		<Card title="Delete the company">
			<p className="faint">For a company that was a mistake or a trial. One that moves to another installation is handed over instead.</p>
			<div className="form-foot">
				<Action look="danger" right="tenant.delete" onPress={() => setOpen(true)}>
					Delete the company
				</Action>
			</div>
			{open && <Deletion company={company} close={() => setOpen(false)} />}
		</Card>
	);
}

function Deletion({ company, close }: { company: string; close: () => void }) {
	const preview = useRead("preview-tenant-deletion", { path: { tenant: company } }, { every: false });
	return (
		<Box title="Delete the company for good?" open close={close} alert firm>
			<View reading={preview} what="The preview">
				{(p) => <Form company={company} preview={p} close={close} again={() => void preview.refetch()} />}
			</View>
		</Box>
	);
}

function Form({ company, preview: p, close, again }: { company: string; preview: TenantDeletion; close: () => void; again: () => void }) {
	const [name, setName] = useState("");
	const [reason, setReason] = useState("");
	const [, go] = useLocation();
	const remove = useAction("delete-tenant");
	const missing = name.trim() !== p.name;
	const everybody = Object.values(p.users).reduce((sum, n) => sum + n, 0);
	const run = async () => {
		if (missing) return;
		const done = await remove.run({
			path: { tenant: company },
			body: { name: name.trim(), expect: p.digest ?? "", reason: reason.trim() },
		});
		if (!done) {
			again();
			return;
		}
		say(`${p.name ?? company} is deleted.`);
		go(to.companies);
	};
	return (
		<FormBox failure={remove.failure} submit={() => void run()}>
			<Consequences
				items={[
					`${people(everybody)} and ${many(p.groups, "group", "groups")} are erased.`,
					p.credentials > 0 &&
						`${many(p.credentials, "credential", "credentials")} of ${many(p.connections.length, "connection", "connections")} end at once: ${p.connections.join(", ")}.`,
					p.app_keys > 0 && `${many(p.app_keys, "application key ends", "application keys end")} at once.`,
					p.integrations.length > 0 &&
						`These are detached: ${p.integrations.map((i) => `${i.kind === "project" ? "Google project" : i.kind} ${i.name}`).join(", ")}.`,
					p.operators > 0 && `${many(p.operators, "administrator loses", "administrators lose")} access.`,
					`${count(p.audit_lines)} audit lines and ${count(p.events)} events are erased.`,
					`No other company gets the slug ${company}.`,
				]}
			/>
			<Note tone="warn">{sentence(p.archive)}</Note>
			<TextInput
				label="Reason"
				name="reason"
				value={reason}
				onChange={setReason}
				lines={2}
				required
				maxLength={500}
				about="It is recorded in the audit trail of the installation."
			/>
			<TextInput label={`Type ${p.name ?? company} to confirm`} name="name" value={name} onChange={setName} required />
			<Submit running={remove.running} cancel={close} danger right="tenant.delete" not={missing ? "Type the name first." : undefined}>
				Delete for good
			</Submit>
		</FormBox>
	);
}
