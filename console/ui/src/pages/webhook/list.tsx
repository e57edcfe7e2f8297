// Webhooks: endpoints of other systems that events are pushed to, and how far each is.

import { useState } from "react";
import { useLocation } from "wouter";
import { useAction, useList } from "../../api/query.ts";
import type { IssuedWebhook, Webhook, WebhookProgress } from "../../api/schema.ts";
import { Action, Badge, Head, Name, Nothing, Time } from "../../parts/basic.tsx";
import { CompanyNames } from "../../parts/companies.tsx";
import { Box } from "../../parts/dialog.tsx";
import { Choose, FormBox, Submit, TextInput } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { count, many, type Word } from "../../parts/words.ts";
import { to, useParams, useTitle } from "../../shell/place.ts";
import { Fields, formats, kindsOf, Secret, type Wanted, wholes } from "./form.tsx";

export const states: Record<WebhookProgress["status"], Word> = {
	active: { text: "Delivering", tone: "good" },
	failing: { text: "Failing", tone: "warn" },
	paused: { text: "Paused", tone: "hold" },
	parked: { text: "Parked", tone: "bad" },
};

export function Companies({ webhook: w }: { webhook: Webhook }) {
	return (
		<>
			{w.all ? "All" : <CompanyNames of={w} />}
			{w.installation && (w.all || w.tenants.length > 0 ? " and the installation" : "The installation")}
		</>
	);
}

/** The share of the attempts of the last 24 hours that the receiver accepted. It is 100 % only if it accepted all. */
function TakenDay({ webhook: w }: { webhook: Webhook }) {
	if (!w.sent_24h) return <Nothing />;
	return (
		<span title={`${count(w.taken_24h)} of ${many(w.sent_24h, "attempt", "attempts")}`}>
			{Math.floor((w.taken_24h / w.sent_24h) * 100)} %
		</span>
	);
}

const columns: Column<Webhook>[] = [
	{
		id: "name",
		title: "Name",
		cell: (w) => (
			<span className="two-lines">
				<Name text={w.name} short />
				<span className="faint">
					<Name text={w.url} short />
				</span>
			</span>
		),
	},
	{ id: "status", title: "Status", cell: (w) => <Badge word={states[w.status]} title={w.reason} /> },
	{ id: "companies", title: "Companies", from: "tablet", cell: (w) => <Companies webhook={w} /> },
	{
		id: "events",
		title: "Events",
		from: "laptop",
		cell: (w) => (w.events.length ? <Name text={w.events.join(", ")} short /> : wholes[w.format]),
	},
	{ id: "taken", title: "Success 24 h", from: "laptop", end: true, cell: (w) => <TakenDay webhook={w} /> },
	{ id: "backlog", title: "Waiting", from: "tablet", end: true, cell: (w) => count(w.backlog) },
	{ id: "success", title: "Last success", from: "laptop", cell: (w) => <Time at={w.last_success} none="never" /> },
];

export default function Webhooks() {
	useTitle("Webhooks");
	const [params, set] = useParams();
	const [, go] = useLocation();
	const list = useList("list-webhooks", {}, { every: 10_000 });
	const [issued, setIssued] = useState<IssuedWebhook>();
	const add = (
		<Action look="primary" icon="plus" right="webhook.manage" onPress={() => set({ add: "new" }, "push")}>
			Add webhook
		</Action>
	);
	return (
		<>
			<Head title="Webhooks" sub="Endpoints of other systems that get events as they happen: signed, in order, at least once.">
				{add}
			</Head>
			<Table
				name="webhooks"
				label="Webhooks"
				list={list}
				columns={columns}
				rowKey={(w) => w.name}
				href={(w) => to.webhook(w.name)}
				empty={
					<Empty icon="pulse" title="No webhook" action={add}>
						Add one to push events to an application, instead of letting it ask for them.
					</Empty>
				}
			/>
			<Add
				open={params.get("add") === "new"}
				close={() => set({ add: undefined })}
				done={(made) => {
					set({ add: undefined });
					if (made.secret) setIssued(made);
					else go(to.webhook(made.name));
				}}
			/>
			<Secret
				issued={issued}
				close={() => {
					if (issued) go(to.webhook(issued.name));
					setIssued(undefined);
				}}
			/>
		</>
	);
}

const blank: Wanted = { format: "events", url: "", events: "", which: "some", tenants: [], installation: false };

function Add({ open, close, done }: { open: boolean; close: () => void; done: (made: IssuedWebhook) => void }) {
	const [name, setName] = useState("");
	const [form, setForm] = useState(blank);
	const create = useAction("create-webhook", (made) => {
		setName("");
		setForm(blank);
		done(made);
	});
	const run = () =>
		create.run({
			body: {
				name,
				format: form.format,
				url: form.url,
				...(form.format === "audit" ? { installation: form.installation } : { events: kindsOf(form.events) }),
				...(form.which === "all" ? { all: true } : { tenants: form.tenants }),
			},
		});
	const shut = () => {
		create.clear();
		close();
	};
	return (
		<Box title="Add a webhook" open={open} close={shut} firm>
			<FormBox failure={create.failure} submit={() => void run()}>
				<TextInput
					label="Name"
					name="name"
					value={name}
					onChange={setName}
					about="a-z, 0-9 and hyphen. It cannot be changed."
					maxLength={40}
					required
					autoFocus
					mono
				/>
				<Choose
					label="What it gets"
					name="format"
					value={form.format}
					onChange={(format) => setForm({ ...form, format: format as Wanted["format"] })}
					required
					options={(Object.keys(formats) as Wanted["format"][]).map((id) => ({ id, text: formats[id] }))}
				/>
				<Fields form={form} set={setForm} />
				<Submit running={create.running} cancel={shut} right="webhook.manage">
					Add
				</Submit>
			</FormBox>
		</Box>
	);
}
