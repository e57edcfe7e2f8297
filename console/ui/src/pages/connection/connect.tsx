// Connecting an identity provider, step by step: which one, the secret, the first requests.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { call, type Failure, failureOf } from "../../api/client.ts";
import { useAction, useRead, useTrail } from "../../api/query.ts";
import type { Connection, IdentityProvider, Issued } from "../../api/schema.ts";
import { Action, Note, To, useLack } from "../../parts/basic.tsx";
import { now } from "../../parts/clock.ts";
import { CompanyFind } from "../../parts/companies.tsx";
import { Box } from "../../parts/dialog.tsx";
import { Choose, FormBox, Pick, TextInput, Tick } from "../../parts/form.tsx";
import { Icon } from "../../parts/icon.tsx";
import { complain } from "../../parts/toast.tsx";
import { connectionTypes, isoDay, lasting, many, typeTitle } from "../../parts/words.ts";
import { to } from "../../shell/place.ts";
import { KeyInput, ProjectPick } from "../project/key.tsx";
import { ExchangeLine } from "./journal.tsx";
import { Credential, Steps } from "./setup.tsx";

/** Half a year from now. */
function halfYear(): string {
	const day = new Date(now());
	day.setDate(day.getDate() + 180);
	return isoDay(day);
}

/** What the company does with unusual removals, and how to change it. now is "" until that is known. */
function useBrake(tenant: string): { now: string; set: (next: string) => Promise<Failure | undefined> } {
	const settings = useRead("list-settings", { path: { tenant }, query: { limit: 200 } }, { enabled: tenant !== "", every: false });
	const cache = useQueryClient();
	const current = String(settings.data?.items.find((s) => s.name === "brake")?.value ?? "");
	return {
		now: current,
		set: async (next) => {
			if (!next || next === current) return undefined;
			try {
				const company = await call("get-tenant", { path: { tenant } });
				const body = { overrides: { ...company.overrides, brake: next as "hold" } };
				await call("update-tenant", { path: { tenant }, version: company.version, body });
				void cache.invalidateQueries();
				return undefined;
			} catch (error) {
				return failureOf(error);
			}
		},
	};
}

const auths: { id: IdentityProvider["auth"][number]; text: string; about: string }[] = [
	{ id: "bearer", text: "Bearer token", about: "Most identity providers want this." },
	{ id: "oauth", text: "OAuth 2.0 client credentials", about: "New apps of the Entra gallery want this." },
	{ id: "basic", text: "User name and password", about: "Some identity providers support nothing else." },
];

/** The wizard. tenant is a slug, "new" for one that is still to be chosen, or "" while it is closed. */
export function Connect({ tenant, type, close }: { tenant: string; type: string; close: () => void }) {
	const [issued, setIssued] = useState<Issued>();
	const [step, setStep] = useState(1);
	const [stored, setStored] = useState(false);
	const [, go] = useLocation();
	const open = tenant !== "";
	useEffect(() => {
		if (!open) return;
		setIssued(undefined);
		setStep(1);
		setStored(false);
	}, [open]);
	const finish = () => {
		close();
		if (issued) go(to.connection(issued.slug));
	};
	return (
		<Box
			title={issued ? `Connect ${typeTitle(issued.type)}` : "Connect an identity provider"}
			sub={["", "Step 1 of 3: which one", "Step 2 of 3: enter this in its console", "Step 3 of 3: the first requests"][step]}
			open={open}
			close={step === 1 ? close : finish}
			stuck={step === 2 && !stored}
			firm
			wide={step > 1}
		>
			{step === 1 && (
				<Which
					tenant={tenant === "new" ? "" : tenant}
					type={type}
					cancel={close}
					done={(made) => {
						if (made.auth === "none") {
							close();
							go(to.connection(made.slug));
							return;
						}
						setIssued(made);
						setStep(2);
					}}
				/>
			)}
			{step === 2 && issued && (
				<>
					<div className="columns-even">
						<div className="form">
							<Credential issued={issued} />
						</div>
						<Steps setup={issued.setup} />
					</div>
					<div className="form-foot form-foot-split">
						<Tick label="I have stored the secret" checked={stored} onChange={setStored} />
						<Action look="primary" onPress={() => setStep(3)} not={stored ? undefined : "Store the secret first: it is not shown again."}>
							Next
						</Action>
					</div>
				</>
			)}
			{step === 3 && issued && <First issued={issued} done={finish} />}
		</Box>
	);
}

function Which({ tenant, type, cancel, done }: { tenant: string; type: string; cancel: () => void; done: (issued: Issued) => void }) {
	const [form, setForm] = useState({
		tenant,
		type: type || "okta",
		slug: "",
		auth: "bearer",
		expires: halfYear(),
		brake: "",
		admin: "",
		key: "",
		project: "",
	});
	const put = (change: Partial<typeof form>) => setForm((old) => ({ ...old, ...change }));
	useEffect(() => put({ tenant, type: type || "okta" }), [tenant, type]);
	const create = useAction("create-connection");
	const types = useRead("list-connection-types", {}, { every: false });
	const kind = types.data?.items.find((t) => t.type === form.type);
	const can = kind ? auths.filter((a) => kind.auth.includes(a.id)) : auths;
	const auth = can.some((a) => a.id === form.auth) ? form.auth : (kind?.auth[0] ?? "bearer");
	const read = form.type === "google-directory";
	const brake = useBrake(form.tenant);
	const lack = useLack("tenant.update");
	const [setting, setSetting] = useState(false);
	const run = async () => {
		const made = await create.run({
			body: {
				tenant: form.tenant,
				type: form.type as Connection["type"],
				slug: form.slug || undefined,
				auth: read ? undefined : (auth as "bearer"),
				expires: form.expires && !read ? new Date(`${form.expires}T12:00:00`).toISOString() : undefined,
				google: read ? { admin: form.admin, ...(form.project ? { project: form.project } : { credentials: form.key }) } : undefined,
			},
		});
		if (!made) return;
		setSetting(true);
		const failure = await brake.set(form.brake);
		setSetting(false);
		if (failure) complain(`The connection is made, but the setting for unusual removals was not changed: ${failure.message}`);
		done(made);
	};
	return (
		<FormBox failure={create.failure} submit={run}>
			<CompanyFind value={form.tenant} onChange={(slug) => put({ tenant: slug })} />
			<Choose
				label="Identity provider"
				name="type"
				value={form.type}
				onChange={(next) => put({ type: next })}
				required
				cards
				options={Object.entries(connectionTypes).map(([id, text]) => ({ id, text }))}
			/>
			{read ? (
				<>
					<Directory admin={form.admin} setAdmin={(admin) => put({ admin })} />
					<ProjectPick tenant={form.tenant} value={form.project} onChange={(project) => put({ project })} />
					{!form.project && <KeyInput name="google.credentials" value={form.key} set={(key) => put({ key })} />}
				</>
			) : (
				<Pick label="Kind of credential" name="auth" value={auth} onChange={(auth) => put({ auth })} options={can} required />
			)}
			{kind && !read && (
				<p className="about">
					{kind.title} normally sends a request every {lasting(kind.cadence_seconds)}. Twice that time without one raises an alert.
				</p>
			)}
			{brake.now && (
				<Pick
					label="If unusually many people are removed within an hour"
					name="brake"
					value={form.brake || brake.now}
					onChange={(next) => put({ brake: next })}
					options={[
						{ id: "off", text: "They are removed" },
						{ id: "alert", text: "They are removed, and you get an alert" },
						{ id: "hold", text: "They are held until you decide" },
					]}
					not={lack}
					about="A setting of the company, for all its connections."
				/>
			)}
			<div className="columns">
				{!read && (
					<TextInput
						label="Credential expires on"
						name="expires"
						type="date"
						value={form.expires}
						onChange={(expires) => put({ expires })}
						about={form.expires ? "Empty it for a credential that never expires." : "It never expires."}
					/>
				)}
				<TextInput
					label="Slug"
					name="slug"
					value={form.slug}
					onChange={(slug) => put({ slug })}
					mono
					maxLength={60}
					about="It is part of the base URL. Empty: company and type."
				/>
			</div>
			<div className="form-foot">
				<Action look="quiet" onPress={cancel}>
					Cancel
				</Action>
				<Action
					submit
					look="primary"
					right="connection.manage"
					not={form.tenant ? undefined : "Choose a company."}
					running={create.running || setting}
				>
					{read ? "Connect" : "Next"}
				</Action>
			</div>
		</FormBox>
	);
}

/** What is needed to read a directory of Google Workspace. */
function Directory(p: { admin: string; setAdmin: (address: string) => void }) {
	return (
		<>
			<p className="about">
				Drawbridge reads the directory every ten minutes. The manual has each step in Google's consoles, under Google Workspace.
			</p>
			<TextInput
				label="Administrator"
				name="google.admin"
				type="email"
				value={p.admin}
				onChange={p.setAdmin}
				required
				about="Drawbridge reads the directory as this person, who must be allowed to read users and groups."
			/>
		</>
	);
}

const minuteLong = 60;

/** How many requests with an unknown credential came to a connection within the last hour. */
function useRejected(connection: string): number {
	const [from] = useState(() => new Date((Math.floor(now() / 1000 / minuteLong) - 60) * minuteLong * 1000).toISOString());
	const [until] = useState(() => new Date((Math.floor(now() / 1000 / minuteLong) + 120) * minuteLong * 1000).toISOString());
	const timeline = useRead("get-timeline", { path: { connection }, query: { from, to: until, step: 3600 } }, { every: 5_000 });
	return (timeline.data?.buckets ?? []).reduce((sum, b) => sum + b.rejected, 0);
}

/** Waits for the first requests and shows them. */
function First({ issued, done }: { issued: Issued; done: () => void }) {
	const journal = useTrail("list-journal", { path: { connection: issued.slug }, query: { limit: 20 } }, { every: 3_000 });
	const connection = useRead("get-connection", { path: { connection: issued.slug } }, { every: 3_000 });
	const rows = journal.rows ?? [];
	const rejected = useRejected(issued.slug);
	const refused = rows.find((r) => r.effect === "refused" || r.effect === "failed");
	return (
		<div className="form">
			<p>
				Press <strong>{issued.setup.test || "the test button"}</strong> in {issued.setup.title}. Its requests appear here as they arrive.
			</p>
			{rejected > 0 && (
				<Note tone="bad">
					{many(rejected, "request", "requests")} came with a credential that is not known. Compare what {issued.setup.title} has with what
					you stored, or make a new credential.
				</Note>
			)}
			{rows.length === 0 ? (
				<div className="waiting" role="status">
					<span className="spinner" /> No request yet.
				</div>
			) : (
				<>
					<Note tone={refused ? "warn" : "good"}>
						{refused ? (
							<>A request was refused: {refused.why ?? `status ${refused.status}`}.</>
						) : (
							"It works: requests arrive with the right secret, and are answered."
						)}
					</Note>
					<ul className="feed">
						{rows.slice(0, 8).map((r) => (
							<li key={r.seq}>
								<ExchangeLine exchange={r} />
							</li>
						))}
					</ul>
				</>
			)}
			{journal.isError && journal.error.status === 403 && (
				<p className="about">Your role cannot read the journal. The page of the connection shows its state.</p>
			)}
			<p className="about">
				<Icon name="info" size={14} /> If nothing comes, compare the base URL with the one in the console of the identity provider
				{connection.data?.base_url ? (
					<>
						{" "}
						(<span className="mono">{connection.data.base_url}</span>)
					</>
				) : null}
				.
			</p>
			<p>
				At the first complete sync, everybody who is assigned there is created here. If later unusually many people are removed within an
				hour, the settings of the company decide whether that is done, reported or held.
			</p>
			<p className="row">
				<To href={to.connection(issued.slug, "mapping")}>Map groups</To>
				<To href={to.connection(issued.slug, "doctor")}>Try everything with the doctor</To>
				<To href={to.company(issued.tenant, "settings")}>Settings of the company</To>
			</p>
			<div className="form-foot">
				<Action look="primary" onPress={done}>
					To the connection
				</Action>
			</div>
		</div>
	);
}
