// A choice of companies, found by typing: the server is asked, a few at a time. And what a list over all companies says without one.

import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useRead } from "../api/query.ts";
import { useSession } from "../shell/session.tsx";
import { Action, IconAction, Name } from "./basic.tsx";
import { Find, type Option } from "./form.tsx";
import { Icon } from "./icon.tsx";
import { useCompanyNames } from "./names.tsx";
import { Empty } from "./state.tsx";
import { tidy } from "./words.ts";

/** One company. */
export function CompanyFind({ value, onChange, label = "Company" }: { value: string; onChange: (slug: string) => void; label?: string }) {
	const [text, setText] = useState(value);
	const chosen = useRef(value);
	const { options, loading } = useCompanies(text === chosen.current ? "" : text);
	// The form may begin with a company. Its slug gives way to its name.
	const given = useRead("get-tenant", { path: { tenant: value } }, { every: false, enabled: value !== "" && chosen.current === value });
	const name = tidy(given.data?.name ?? "");
	useEffect(() => {
		if (!name) return;
		chosen.current = name;
		setText((now) => (now === value ? name : now));
	}, [name, value]);
	return (
		<Find
			label={label}
			name="tenant"
			text={text}
			onText={(next) => {
				setText(next);
				if (next !== chosen.current) onChange(""); // what the field shows is no longer what was chosen
			}}
			chosen={value}
			options={options}
			loading={loading}
			onChange={(slug) => {
				const found = options.find((o) => o.id === slug)?.text ?? (slug === value ? chosen.current : slug);
				chosen.current = found;
				setText(found);
				onChange(slug);
			}}
			required
			placeholder="Name or slug"
		/>
	);
}

/** A filter by one company. */
export function CompanyFilter({ value, onChange }: { value: string; onChange: (slug: string) => void }) {
	const [open, setOpen] = useState(false);
	const [text, setText] = useState("");
	const { options, loading } = useCompanies(text);
	const name = useCompanyNames(value ? [value] : []).get(value) ?? value;
	const choose = (slug: string) => {
		setOpen(false);
		setText("");
		onChange(slug);
	};
	return (
		<DialogTrigger isOpen={open} onOpenChange={setOpen}>
			<Button className={`chip${value ? " is-on" : ""}`}>
				<span>
					Company
					{value && (
						<>
							: <bdi>{name}</bdi>
						</>
					)}
				</span>
				<Icon name="down" size={14} />
			</Button>
			<Popover className="popover" placement="bottom start">
				<Dialog className="chooser" aria-label="Filter by company">
					<Find
						label="Company"
						name="company"
						text={text}
						onText={setText}
						options={options}
						loading={loading}
						onChange={choose}
						placeholder="Name or slug"
						required
					/>
					{value && (
						<Action small look="quiet" onPress={() => choose("")}>
							All companies
						</Action>
					)}
				</Dialog>
			</Popover>
		</DialogTrigger>
	);
}

/** Several companies. */
export function CompanyList({ value, onChange, not }: { value: string[]; onChange: (slugs: string[]) => void; not?: string }) {
	const [text, setText] = useState("");
	const { options, loading } = useCompanies(text);
	const names = useCompanyNames(value);
	const nameOf = (slug: string) => names.get(slug) ?? slug;
	return (
		<div className="field">
			{!not && (
				<Find
					label="Add a company"
					name="tenants"
					text={text}
					onText={setText}
					options={options.map((o) => (value.includes(o.id) ? { ...o, not: "It is in the list already." } : o))}
					loading={loading}
					onChange={(slug) => {
						if (!value.includes(slug)) onChange([...value, slug].sort());
						setText("");
					}}
					placeholder="Name or slug"
				/>
			)}
			{value.length > 0 ? (
				<ul className="picked" aria-label="Companies that are chosen">
					{value.map((slug) => (
						<li key={slug}>
							<Name text={nameOf(slug)} short />
							{!not && (
								<IconAction icon="close" label={`Take ${nameOf(slug)} out`} onPress={() => onChange(value.filter((s) => s !== slug))} />
							)}
						</li>
					))}
				</ul>
			) : (
				<p className="about">No company is chosen.</p>
			)}
		</div>
	);
}

function useCompanies(text: string): { options: Option[]; loading: boolean } {
	const found = useRead("list-tenants", { query: { q: text.trim(), limit: 20 } }, { every: false, keep: true });
	return { options: (found.data?.items ?? []).map((t) => ({ id: t.slug, text: tidy(t.name), about: t.slug })), loading: found.isFetching };
}

/** Names of companies, shortened. */
export function CompanyNames({ of }: { of: { tenants: string[]; tenant_names: string[] } }) {
	const names = of.tenants.map((slug, i) => ({ slug, name: tidy(of.tenant_names[i] ?? "") || slug }));
	return (
		<>
			{names.slice(0, 3).map(({ slug, name }, i) => (
				<span key={slug}>
					{i > 0 && ", "}
					<Name text={name} short />
				</span>
			))}
			{names.length > 3 && ` and ${names.length - 3} more`}
		</>
	);
}

/** Why a list over all companies is empty: the operator has access to none, or otherwise what is inside. */
export function OrNoCompany({ children }: { children: ReactNode }) {
	const { operator } = useSession();
	if (operator.all_tenants || operator.tenants.length > 0) return children;
	return (
		<Empty icon="building" title="You have access to no company">
			An Owner gives you access under Administrators.
		</Empty>
	);
}
