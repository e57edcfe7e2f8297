// Adding a company: a new one, or one that another installation handed over.

import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { call, type Failure, failureOf } from "../../api/client.ts";
import { useAction, useRead } from "../../api/query.ts";
import type { Linked } from "../../api/schema.ts";
import { Action, Fact, Facts, Name, useRights } from "../../parts/basic.tsx";
import { Country } from "../../parts/country.tsx";
import { Box } from "../../parts/dialog.tsx";
import { FileDrop } from "../../parts/file.tsx";
import { Choose, FormBox, Pick, Refusal, TextInput, Tick } from "../../parts/form.tsx";
import { type Chosen, OperatorList } from "../../parts/operators.tsx";
import { say } from "../../parts/toast.tsx";
import { count, exact, people, slugOf } from "../../parts/words.ts";
import { to } from "../../shell/place.ts";

const empty = {
	name: "",
	slug: "",
	website: "",
	country: "",
	lines: "",
	locality: "",
	postal: "",
	region: "",
	plan: "",
	seats: "",
	onboarding: "",
	next: "idp",
	operators: [] as Chosen[],
};

const firstFields = ["name", "slug", "website", "data_region", "country", "lines", "locality", "postal_code"];

/** A new company, in two steps: what it is, and what it gets. */
export function AddCompany({ open, close }: { open: boolean; close: () => void }) {
	const [form, setForm] = useState(empty);
	const [step, setStep] = useState(1);
	const [ownSlug, setOwnSlug] = useState(false);
	const rights = useRights();
	const [, go] = useLocation();
	const plans = useRead("list-plans", { query: { limit: 100 } }, { enabled: open, every: false });
	const create = useAction("create-tenant");
	const put = (change: Partial<typeof empty>) => setForm((old) => ({ ...old, ...change }));
	const billing = rights.has("tenant.billing");
	const away = () => {
		create.clear();
		setStep(1);
		close();
	};
	const run = async () => {
		if (step === 1) {
			setStep(2);
			return;
		}
		const address = { country: form.country, lines: form.lines, locality: form.locality, postal_code: form.postal };
		const made = await create.run({
			body: {
				name: form.name.trim(),
				slug: form.slug || undefined,
				website: form.website.trim() || undefined,
				...(Object.values(address).some(Boolean) ? { address } : {}),
				data_region: form.region || undefined,
				operators: form.operators.length ? form.operators.map((o) => o.id) : undefined,
				overrides: form.onboarding ? { onboarding: form.onboarding } : undefined,
				...(billing ? { plan: form.plan || undefined, seats: form.seats ? Number(form.seats) : undefined } : {}),
			},
		});
		if (!made) return;
		say(`${made.name} is added.`);
		setForm(empty);
		setStep(1);
		setOwnSlug(false);
		close();
		go(form.next === "idp" ? `${to.connections}?connect=${encodeURIComponent(made.slug)}` : to.company(made.slug));
	};
	// A refusal of what the first step asks for shows that step again.
	const failure = create.failure;
	useEffect(() => {
		if (failure?.status === 409 || firstFields.includes(failure?.field.split(".").pop() ?? "")) setStep(1);
	}, [failure]);
	return (
		<Box
			title="Add a company"
			sub={step === 1 ? "Step 1 of 2: the company" : "Step 2 of 2: plan, and what comes next"}
			open={open}
			close={away}
			firm
		>
			<FormBox failure={create.failure} submit={run}>
				{step === 1 ? (
					<>
						<TextInput
							label="Name"
							name="name"
							value={form.name}
							onChange={(name) => put(ownSlug ? { name } : { name, slug: slugOf(name) })}
							required
							autoFocus
							maxLength={200}
							placeholder="Acme Ltd"
						/>
						<TextInput
							label="Slug"
							name="slug"
							value={form.slug}
							onChange={(slug) => {
								setOwnSlug(slug !== "");
								put({ slug });
							}}
							maxLength={40}
							mono
							about="It is part of addresses and cannot be changed later. Lower-case letters, digits and hyphens."
						/>
						<TextInput
							label="Website"
							name="website"
							value={form.website}
							onChange={(website) => put({ website })}
							maxLength={500}
							placeholder="https://acme.example"
						/>
						<div className="columns">
							<Country value={form.country} onChange={(country) => put({ country })} />
							<TextInput label="City" name="locality" value={form.locality} onChange={(locality) => put({ locality })} maxLength={100} />
						</div>
						<div className="columns">
							<TextInput label="Street" name="lines" value={form.lines} onChange={(lines) => put({ lines })} maxLength={500} />
							<TextInput label="Postal code" name="postal_code" value={form.postal} onChange={(postal) => put({ postal })} maxLength={40} />
						</div>
						<TextInput
							label="Data region"
							name="data_region"
							value={form.region}
							onChange={(region) => put({ region })}
							maxLength={40}
							about="Where its data is kept. The country of the address does not decide this."
						/>
					</>
				) : (
					<>
						<Pick
							label="Plan"
							name="plan"
							value={form.plan}
							onChange={(plan) => put({ plan })}
							not={billing ? undefined : "Your role may not choose it. The company gets the first plan with SCIM."}
							options={(plans.data?.items ?? []).map((p) => ({
								id: p.name,
								text: p.title || p.name,
								about: p.scim ? undefined : "Without SCIM: people are invited by e-mail.",
							}))}
							about="Without a choice it gets the first plan with SCIM."
						/>
						<TextInput
							label="Purchased seats"
							name="seats"
							value={form.seats}
							onChange={(seats) => put({ seats: seats.replace(/\D/g, "") })}
							inputMode="numeric"
							not={billing ? undefined : "Your role may not choose the number of seats."}
							about="Empty: as many as the plan allows."
						/>
						<Pick
							label="New people"
							name="onboarding"
							value={form.onboarding || "*"}
							onChange={(onboarding) => put({ onboarding: onboarding === "*" ? "" : onboarding })}
							required
							options={[
								{ id: "*", text: "As the plan or the default says" },
								{ id: "direct", text: "Active at once" },
								{ id: "invite", text: "By invitation", about: "A mail with a link first." },
							]}
							about="The settings of the company can change it later."
						/>
						<Choose
							label="What comes next"
							name="next"
							value={form.next}
							onChange={(next) => put({ next })}
							required
							options={[
								{ id: "idp", text: "Connect an identity provider now", about: "You get a base URL and a secret for it." },
								{ id: "later", text: "Later", about: "You see the page of the company." },
							]}
						/>
						<p className="about">You get access to every company that you add. So does everybody with access to all companies.</p>
						{rights.has("operator.manage") && <OperatorList value={form.operators} onChange={(operators) => put({ operators })} />}
					</>
				)}
				<div className="form-foot">
					<Action look="quiet" onPress={step === 1 ? away : () => setStep(1)}>
						{step === 1 ? "Cancel" : "Back"}
					</Action>
					<Action submit look="primary" running={create.running}>
						{step === 1 ? "Next" : "Add the company"}
					</Action>
				</div>
			</FormBox>
		</Box>
	);
}

/** Imports a company from a bundle: first a report of what would happen, then the import. */
export function LinkCompany({ open, close }: { open: boolean; close: () => void }) {
	const [file, setFile] = useState<File>();
	const [slug, setSlug] = useState("");
	const [report, setReport] = useState<Linked>();
	const [trusted, setTrusted] = useState(false);
	const [failure, setFailure] = useState<Failure>();
	const [running, setRunning] = useState(false);
	const [, go] = useLocation();
	const send = async (dry: boolean) => {
		if (!file) return;
		setRunning(true);
		setFailure(undefined);
		try {
			const answer = await call("link-tenant", {
				query: { slug: slug || undefined, dry_run: dry || undefined, trust: report && trusted ? report.signed_by : undefined },
				upload: file,
			});
			if (dry) setReport(answer);
			else {
				say(`${answer.name} is linked.`);
				away();
				go(to.company(answer.tenant));
			}
		} catch (error) {
			setFailure(failureOf(error));
		}
		setRunning(false);
	};
	const away = () => {
		setFile(undefined);
		setReport(undefined);
		setFailure(undefined);
		setTrusted(false);
		setSlug("");
		close();
	};
	return (
		<Box
			title="Link a company"
			sub="Its people, groups and history come from the installation that handed it over."
			open={open}
			close={away}
			firm
		>
			<div className="form">
				<FileDrop
					label="The hand-over bundle"
					about="A file that ends in .tar.gz"
					accept=".gz,.tgz,application/gzip"
					file={file}
					take={(next) => {
						setFile(next);
						setReport(undefined);
						setFailure(undefined);
					}}
				/>
				<TextInput
					label="Another slug"
					name="slug"
					value={slug}
					onChange={setSlug}
					mono
					maxLength={40}
					about="Empty: the slug that it had."
				/>
				{report && (
					<>
						<Facts>
							<Fact name="Company">
								<Name text={report.name} /> <span className="faint mono">{report.tenant}</span>
							</Fact>
							<Fact name="Signed by">
								<span className="mono wrap">{report.signed_by}</span>
							</Fact>
							<Fact name="Handed over">{exact(report.unlinked)}</Fact>
							<Fact name="Data region">{report.data_region || "not stated"}</Fact>
							<Fact name="Plan">{report.plan}</Fact>
							<Fact name="Seats">
								{count(report.occupied)} in use of {report.limit ? count(report.limit) : "no limit"}
							</Fact>
							<Fact name="People">{people(report.lines.users ?? 0)}</Fact>
							<Fact name="Connections">
								{report.connections.length ? report.connections.join(", ") : "none"}; each needs a new credential
							</Fact>
						</Facts>
						<Tick
							label="I have compared the key with the other installation"
							about="The key is shown under “Signed by”. The other installation shows it under Settings."
							checked={trusted}
							onChange={setTrusted}
						/>
					</>
				)}
				{failure && <Refusal failure={failure} />}
				<div className="form-foot">
					<Action look="quiet" onPress={away}>
						Cancel
					</Action>
					{report ? (
						<Action look="primary" running={running} onPress={() => send(false)} not={trusted ? undefined : "Compare the key first."}>
							Link the company
						</Action>
					) : (
						<Action look="primary" running={running} onPress={() => send(true)} not={file ? undefined : "Choose the bundle first."}>
							Look at it
						</Action>
					)}
				</div>
			</div>
		</Box>
	);
}
