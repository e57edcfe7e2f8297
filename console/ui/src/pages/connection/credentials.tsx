// The credentials of a connection, and their rotation.

import { useState } from "react";
import { useAction, useList } from "../../api/query.ts";
import type { Connection, Issued, Token } from "../../api/schema.ts";
import { Action, Badge, More, Name, Note, Time } from "../../parts/basic.tsx";
import { Box, Confirm, Consequences } from "../../parts/dialog.tsx";
import { FormBox, Pick, Submit, TextInput, Tick } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { say } from "../../parts/toast.tsx";
import { exact, type Tone } from "../../parts/words.ts";
import { Credential, Steps } from "./setup.tsx";

const kinds: Record<Token["kind"], string> = {
	bearer: "Bearer token",
	basic: "Password",
	client_secret: "Client secret",
	access_token: "Access token",
};
const states: Record<Token["status"], { text: string; tone: Tone }> = {
	live: { text: "Live", tone: "good" },
	expired: { text: "Expired", tone: "quiet" },
	revoked: { text: "Revoked", tone: "quiet" },
};

const columns: Column<Token>[] = [
	{
		id: "prefix",
		title: "Credential",
		cell: (t) => (
			<span className="two-lines">
				<span className="mono">{t.prefix}…</span>
				<span className="faint">{kinds[t.kind]}</span>
			</span>
		),
	},
	{ id: "status", title: "Status", cell: (t) => <Badge word={states[t.status]} /> },
	{ id: "created", title: "Created", from: "tablet", cell: (t) => <Time at={t.created} /> },
	{
		id: "expires",
		title: "Ends",
		from: "tablet",
		cell: (t) => (t.revoked ? <Time at={t.revoked} /> : <Time at={t.expires} none="never" />),
	},
	{ id: "used", title: "Last used", cell: (t) => <Time at={t.last_used} none="never" /> },
	{ id: "address", title: "From", from: "laptop", cell: (t) => t.address ?? "" },
	{ id: "agent", title: "Client", from: "desktop", cell: (t) => (t.user_agent ? <Name text={t.user_agent} short /> : "") },
];

export function Credentials({ connection: c }: { connection: Connection }) {
	const list = useList("list-tokens", { path: { connection: c.slug } }, { every: 10_000 });
	const [rotating, setRotating] = useState(false);
	const [issued, setIssued] = useState<Issued>();
	const [revoking, setRevoking] = useState<Token>();
	const [stored, setStored] = useState(false);
	const revoke = useAction("revoke-token", () => say("The credential is revoked."));
	const live = (list.rows ?? []).filter((t) => t.status === "live");
	const fresh = live.find((t) => t.id === issued?.token_id) ?? live[0];
	const others = live.filter((t) => t !== fresh && t.kind === fresh?.kind);
	return (
		<div className="stack">
			<div className="row row-split">
				<p className="page-sub">Two can be valid at once, so that a new one can be entered without an outage.</p>
				<Action
					look="primary"
					icon="refresh"
					right="credential.manage"
					not={c.ending ? "It is being disconnected." : undefined}
					onPress={() => setRotating(true)}
				>
					Rotate
				</Action>
			</div>
			{fresh && others.length > 0 && (
				<Note tone={fresh.last_used ? "good" : "info"}>
					{fresh.last_used ? (
						<>
							The newest credential, <span className="mono">{fresh.prefix}…</span>, was used <Time at={fresh.last_used} />. The older one
							can be revoked now.
						</>
					) : (
						<>
							The newest credential, <span className="mono">{fresh.prefix}…</span>, was not used yet. Keep the older one until it is.
						</>
					)}
				</Note>
			)}
			<Table
				name="tokens"
				label="Credentials"
				list={list}
				columns={columns}
				rowKey={(t) => t.id}
				empty={
					<Empty icon="key" title="No credential">
						Make one to let the identity provider in.
					</Empty>
				}
				menu={(t) =>
					t.status === "live" && (
						<More
							label={`Actions for ${t.prefix}`}
							choices={[
								{ id: "revoke", text: "Revoke", icon: "trash", danger: true, right: "credential.manage", run: () => setRevoking(t) },
							]}
						/>
					)
				}
			/>
			<Rotate
				connection={c}
				open={rotating}
				close={() => setRotating(false)}
				done={(made) => {
					setRotating(false);
					setStored(false);
					setIssued(made);
				}}
			/>
			<Box title="A new credential" open={issued !== undefined && !stored} close={() => setStored(true)} wide stuck>
				{issued && <NewCredential issued={issued} done={() => setStored(true)} />}
			</Box>
			<Confirm
				title={<>Revoke {revoking?.prefix}…?</>}
				open={revoking !== undefined}
				close={() => {
					revoke.clear();
					setRevoking(undefined);
				}}
				verb="Revoke"
				danger
				failure={revoke.failure}
				running={revoke.running}
				run={async () => revoking && (await revoke.run({ path: { connection: c.slug, token: revoking.id } })) && setRevoking(undefined)}
			>
				<Consequences
					items={[
						"A request with it gets 401 from now on.",
						live.length === 1 && "It is the last valid one: the identity provider is locked out until a new one is entered.",
						revoking?.last_used ? (
							<>
								It was used <Time at={revoking.last_used} />.
							</>
						) : (
							"It was never used."
						),
					]}
				/>
			</Confirm>
		</div>
	);
}

function NewCredential({ issued, done }: { issued: Issued; done: () => void }) {
	const [stored, setStored] = useState(false);
	return (
		<>
			<div className="columns-even">
				<div className="form">
					<Credential issued={issued} />
				</div>
				<Steps setup={issued.setup} />
			</div>
			<div className="form-foot form-foot-split">
				<Tick label="I have stored the secret" checked={stored} onChange={setStored} />
				<Action look="primary" onPress={done} not={stored ? undefined : "Store the secret first: it is not shown again."}>
					Done
				</Action>
			</div>
		</>
	);
}

function Rotate({
	connection: c,
	open,
	close,
	done,
}: {
	connection: Connection;
	open: boolean;
	close: () => void;
	done: (issued: Issued) => void;
}) {
	const [overlap, setOverlap] = useState("604800");
	const [expires, setExpires] = useState("");
	const [auth, setAuth] = useState("bearer");
	const create = useAction("create-token");
	const run = async () => {
		const made = await create.run({
			path: { connection: c.slug },
			body: {
				auth: auth as "bearer",
				overlap_seconds: Number(overlap) || undefined,
				expires: expires ? new Date(`${expires}T12:00:00`).toISOString() : undefined,
			},
		});
		if (made) done(made);
	};
	const seconds = Number(overlap);
	return (
		<Box
			title="Make a new credential"
			open={open}
			close={() => {
				create.clear();
				close();
			}}
		>
			<FormBox failure={create.failure} submit={run}>
				<Pick
					label="Kind"
					name="auth"
					value={auth}
					onChange={setAuth}
					required
					options={[
						{ id: "bearer", text: "Bearer token" },
						{ id: "oauth", text: "OAuth 2.0 client credentials" },
						{ id: "basic", text: "User name and password" },
					]}
				/>
				<Pick
					label="Keep the older ones"
					name="overlap"
					value={overlap}
					onChange={setOverlap}
					required
					options={[
						{ id: "3600", text: "For an hour" },
						{ id: "86400", text: "For a day" },
						{ id: "604800", text: "For a week" },
						{ id: "0", text: "Until I revoke them" },
					]}
					about={seconds ? `They end ${exact(new Date(Date.now() + seconds * 1000))}.` : undefined}
				/>
				<TextInput label="The new one expires on" name="expires" type="date" value={expires} onChange={setExpires} about="Empty: never." />
				<Submit running={create.running} cancel={close} right="credential.manage">
					Make it
				</Submit>
			</FormBox>
		</Box>
	);
}
