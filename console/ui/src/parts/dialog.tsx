// Dialogs, side panels, confirmations and boxes for secrets.

import { type ReactNode, useEffect, useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { Failure } from "../api/client.ts";
import { Action, Code, IconAction, Note } from "./basic.tsx";
import { FormBox, Submit, TextInput, Tick } from "./form.tsx";
import { Icon } from "./icon.tsx";

interface BoxProps {
	title: ReactNode;
	open: boolean;
	close: () => void;
	children: ReactNode;
	sub?: ReactNode;
	/** Wide enough for a table. */
	wide?: boolean;
	/** At the side, with the list still in view. */
	panel?: boolean;
	/** A click outside does not close it, and neither does Escape once something was typed. Every dialog stays at a click outside once something was typed. */
	firm?: boolean;
	/** It may not be closed now: there is no button for it. */
	stuck?: boolean;
	alert?: boolean;
}

/** A dialog. The focus returns to where it was when it closes. */
export function Box({ title, open, close, children, sub, wide, panel, firm, stuck, alert }: BoxProps) {
	const [typed, setTyped] = useState(false);
	useEffect(() => {
		if (!open) setTyped(false);
	}, [open]);
	return (
		<ModalOverlay
			className={panel ? "overlay overlay-panel" : "overlay"}
			isOpen={open}
			onOpenChange={(next) => !next && close()}
			isDismissable={!firm && !stuck && !typed}
			isKeyboardDismissDisabled={stuck || (firm && typed)}
		>
			<Modal className={`${panel ? "panel" : "modal"}${wide ? " modal-wide" : ""}`}>
				<Dialog className="dialog" role={alert ? "alertdialog" : "dialog"}>
					<header className="dialog-head">
						<div>
							<Heading slot="title" level={2}>
								{title}
							</Heading>
							{sub && <p className="page-sub">{sub}</p>}
						</div>
						{!stuck && <IconAction icon="close" label="Close" onPress={close} />}
					</header>
					<div className="dialog-body" onInput={() => setTyped(true)}>
						{children}
					</div>
				</Dialog>
			</Modal>
		</ModalOverlay>
	);
}

export interface ConfirmProps {
	title: ReactNode;
	open: boolean;
	close: () => void;
	/** The word on the button: what is done. */
	verb: string;
	children?: ReactNode;
	danger?: boolean;
	/** A reason is asked for; "must": it is required. */
	reason?: "may" | "must";
	reasonLabel?: string;
	/** What has to be typed first, of an act that cannot be undone. */
	typed?: string;
	failure?: Failure;
	running?: boolean;
	not?: string;
	wide?: boolean;
	run: (reason: string) => void;
}

/** Asks before something is done, and says what will happen. */
export function Confirm(p: ConfirmProps) {
	const [reason, setReason] = useState("");
	const [typed, setTyped] = useState("");
	useEffect(() => {
		if (p.open) {
			setReason("");
			setTyped("");
		}
	}, [p.open]);
	const missing = p.typed !== undefined && typed.trim() !== p.typed;
	return (
		<Box title={p.title} open={p.open} close={p.close} wide={p.wide} alert={p.danger}>
			<FormBox failure={p.failure} submit={() => !missing && !p.not && p.run(reason.trim())}>
				{p.children}
				{p.reason && (
					<TextInput
						label={p.reasonLabel ?? "Reason"}
						name="reason"
						value={reason}
						onChange={setReason}
						required={p.reason === "must"}
						maxLength={500}
						about="It is recorded in the audit trail."
						lines={2}
					/>
				)}
				{p.typed !== undefined && (
					<TextInput label={`Type ${p.typed} to confirm`} name="typed" value={typed} onChange={setTyped} required mono />
				)}
				<Submit running={p.running} cancel={p.close} danger={p.danger} not={p.not ?? (missing ? `Type ${p.typed} first.` : undefined)}>
					{p.verb}
				</Submit>
			</FormBox>
		</Box>
	);
}

/** What happens, as a list. */
export function Consequences({ items }: { items: ReactNode[] }) {
	return (
		<ul className="consequences">
			{items.filter(Boolean).map((item, i) => (
				<li key={i}>{item}</li>
			))}
		</ul>
	);
}

/** A secret that is shown once: the box closes after the operator says that it is stored. */
export function SecretBox({
	title,
	open,
	close,
	secrets,
	kept,
	children,
}: {
	title: string;
	open: boolean;
	close: () => void;
	secrets: { label: string; text: string; what: string }[];
	/** What the server does with it. */
	kept?: string;
	children?: ReactNode;
}) {
	const [stored, setStored] = useState(false);
	useEffect(() => {
		if (open) setStored(false);
	}, [open]);
	return (
		<Box title={title} open={open} close={close} stuck>
			<Secrets secrets={secrets} kept={kept} />
			{children}
			<div className="form-foot form-foot-split">
				<Tick label="I have stored it" checked={stored} onChange={setStored} />
				<Action look="primary" onPress={close} not={stored ? undefined : "Store it first: it is not shown again."}>
					Done
				</Action>
			</div>
		</Box>
	);
}

/** Secrets with a button to copy each. */
export function Secrets({ secrets, kept }: { secrets: { label: string; text: string; what: string }[]; kept?: string }) {
	return (
		<>
			<Note tone="warn">This is shown once. The server {kept ?? "keeps only a hash of it"}.</Note>
			<div className="secrets">
				{secrets.map((s) => (
					<div key={s.label} className="secret">
						<span className="label">{s.label}</span>
						<Code text={s.text} what={s.what} block />
					</div>
				))}
			</div>
		</>
	);
}

/** Another operator changed the same thing meanwhile: both versions, and the choice between them. */
export function Versions({
	rows,
	keep,
	take,
}: {
	rows: { label: string; mine: string; theirs: string }[];
	keep: () => void;
	take: () => void;
}) {
	const changed = rows.filter((r) => r.mine !== r.theirs);
	return (
		<div className="versions" role="alert">
			<p>
				<Icon name="warning" /> Another operator changed it after you opened it. Nothing of yours is saved yet.
			</p>
			<table>
				<thead>
					<tr>
						<th scope="col">Field</th>
						<th scope="col">As it is now</th>
						<th scope="col">As you wrote it</th>
					</tr>
				</thead>
				<tbody>
					{changed.map((r) => (
						<tr key={r.label}>
							<th scope="row">{r.label}</th>
							<td>
								<bdi>{r.theirs || "–"}</bdi>
							</td>
							<td>
								<bdi>{r.mine || "–"}</bdi>
							</td>
						</tr>
					))}
					{!changed.length && (
						<tr>
							<td colSpan={3}>Nothing shown here differs.</td>
						</tr>
					)}
				</tbody>
			</table>
			<div className="row">
				<Action small onPress={take}>
					Use the current version
				</Action>
				<Action small look="primary" onPress={keep}>
					Save mine over it
				</Action>
			</div>
		</div>
	);
}
