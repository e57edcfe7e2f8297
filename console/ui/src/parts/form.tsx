// Fields and forms. A refusal of the server is shown at the field that it names, or else above the buttons.

import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import {
	Button,
	Checkbox,
	ComboBox,
	FieldError,
	Form,
	Input,
	Label,
	ListBox,
	ListBoxItem,
	Popover,
	Radio,
	RadioGroup,
	SearchField,
	Select,
	SelectValue,
	Switch,
	Text,
	TextArea,
	TextField,
} from "react-aria-components";
import type { Failure } from "../api/client.ts";
import { Action, RequestId, useCountdown } from "./basic.tsx";
import { Icon } from "./icon.tsx";
import { Rule } from "./rule.tsx";

/** Why sending the form would do nothing, as a preview in it says. */
const Pointless = createContext<{ why?: string; set: (why: string | undefined) => void }>({ set: () => undefined });

/** For a preview in a form: while why is set, the form cannot be sent. */
export function usePointless(why: string | undefined) {
	const { set } = useContext(Pointless);
	useEffect(() => {
		set(why);
		return () => set(undefined);
	}, [set, why]);
}

/** A form. failure is shown at its field, or above the buttons. */
export function FormBox({
	failure,
	submit,
	children,
	className = "form",
	label,
}: {
	failure?: Failure;
	submit: () => void;
	children: ReactNode;
	className?: string;
	label?: string;
}) {
	const form = useRef<HTMLFormElement>(null);
	// The error of a field goes away while the operator types in it. If it went away afterwards, the buttons would move under the pointer.
	const [edited, setEdited] = useState<Failure>();
	const errors = useMemo(() => {
		const out: Record<string, string> = {};
		if (!failure || failure === edited) return out;
		for (const f of failure.fields) out[last(f.field)] = f.message;
		if (failure.field) out[last(failure.field)] = failure.message;
		return out;
	}, [failure, edited]);
	const [shown, setShown] = useState<Failure>();
	const [why, set] = useState<string>();
	const pointless = useMemo(() => ({ why, set }), [why]);
	useEffect(() => {
		const names = Object.keys(errors);
		if (names.length > 0 && names.every((name) => form.current?.elements.namedItem(name))) setShown(failure);
	}, [errors, failure]);
	return (
		<Form
			ref={form}
			className={className}
			aria-label={label}
			validationErrors={errors}
			onSubmit={(event) => {
				event.preventDefault();
				if (!why) submit();
			}}
		>
			<div className="contents" onInput={() => setEdited(failure)}>
				<Pointless.Provider value={pointless}>{children}</Pointless.Provider>
			</div>
			{failure && shown !== failure && <Refusal failure={failure} />}
		</Form>
	);
}

/** "address.country" → "country": the form knows the last part. */
function last(field: string): string {
	return (
		field
			.split(".")
			.pop()
			?.replace(/\[\d+\]$/, "") ?? field
	);
}

/** Why something was not done. */
export function Refusal({ failure }: { failure: Failure }) {
	const left = useCountdown(failure.retryAfter);
	return (
		<div className="note note-bad" role="alert">
			<Icon name="warning" />
			<div className="note-text">
				<p>{failure.message}</p>
				{failure.retryAfter > 0 && <p>{left > 0 ? `Try again in ${left} s.` : "Try again now."}</p>}
				{(failure.rule || failure.request) && (
					<p className="faint">
						{failure.rule && <Rule id={failure.rule} />} {failure.request && <RequestId id={failure.request} />}
					</p>
				)}
			</div>
		</div>
	);
}

interface FieldProps {
	label: string;
	name: string;
	value: string;
	onChange: (value: string) => void;
	about?: ReactNode;
	required?: boolean;
	not?: string;
}

export interface TextProps extends FieldProps {
	type?: "text" | "email" | "password" | "url" | "date" | "datetime-local";
	autoComplete?: string;
	inputMode?: "numeric" | "text";
	autoFocus?: boolean;
	placeholder?: string;
	maxLength?: number;
	pattern?: string;
	lines?: number;
	mono?: boolean;
}

/** A field for a text. Longer than a line if lines says so. */
export function TextInput(p: TextProps) {
	return (
		<TextField
			className="field"
			name={p.name}
			value={p.value}
			onChange={p.onChange}
			isRequired={p.required}
			isDisabled={!!p.not}
			type={p.type === "date" || p.type === "datetime-local" ? (p.type as "text") : p.type}
			autoComplete={p.autoComplete ?? "off"}
			inputMode={p.inputMode}
			autoFocus={p.autoFocus}
			maxLength={p.maxLength}
			pattern={p.pattern}
		>
			<Caption label={p.label} optional={!p.required} />
			{p.lines ? (
				<TextArea className="input" rows={p.lines} placeholder={p.placeholder} />
			) : (
				<Input className={p.mono ? "input mono" : "input"} placeholder={p.placeholder} />
			)}
			{(p.not || p.about) && (
				<Text slot="description" className="about">
					{p.not ?? p.about}
				</Text>
			)}
			<FieldError className="field-error" />
		</TextField>
	);
}

function Caption({ label, optional }: { label: string; optional?: boolean }) {
	return (
		<Label className="label">
			{label}
			{optional && <span className="optional"> optional</span>}
		</Label>
	);
}

export interface Option {
	id: string;
	text: string;
	about?: string;
	not?: string;
}

/** One of a few values. */
export function Pick(
	p: Omit<FieldProps, "onChange"> & { options: Option[]; onChange: (id: string) => void; small?: boolean; hideLabel?: boolean },
) {
	return (
		<Select
			className={p.small ? "field field-small" : "field"}
			name={p.name}
			selectedKey={p.value || null}
			onSelectionChange={(key) => p.onChange(String(key))}
			isRequired={p.required}
			isDisabled={!!p.not}
			aria-label={p.hideLabel ? p.label : undefined}
			placeholder="Choose"
		>
			{!p.hideLabel && <Caption label={p.label} />}
			<Button className="input select">
				<SelectValue />
				<Icon name="down" />
			</Button>
			{(p.not || p.about) && (
				<Text slot="description" className="about">
					{p.not ?? p.about}
				</Text>
			)}
			<FieldError className="field-error" />
			<Popover className="popover popover-list">
				<ListBox className="list-box" items={p.options}>
					{(o) => (
						<ListBoxItem className="list-item" id={o.id} textValue={o.text} isDisabled={!!o.not}>
							<span className="list-check">
								<Icon name="check" />
							</span>
							<Text slot="label" className="item-text">
								{o.text}
								{(o.not || o.about) && <span className="item-about"> {o.not ?? o.about}</span>}
							</Text>
						</ListBoxItem>
					)}
				</ListBox>
			</Popover>
		</Select>
	);
}

/** Words of the API as the choices of a filter. */
export function choicesOf(words: Record<string, string | { text: string }>): Option[] {
	return Object.entries(words).map(([id, word]) => ({ id, text: typeof word === "string" ? word : word.text }));
}

/** One of many values, found by typing. The server is asked while the operator types. */
export function Find(
	p: Omit<FieldProps, "value" | "onChange"> & {
		text: string;
		onText: (text: string) => void;
		options: Option[];
		onChange: (id: string) => void;
		loading?: boolean;
		placeholder?: string;
		/** The id of the choice that the field holds, which it must not lose when the focus leaves it; "": none. Missing: it holds none. */
		chosen?: string;
		/** What is typed counts, also if it is none of the choices. */
		free?: boolean;
		/** What is wrong with it, said once the focus has left it or nothing is left to choose. */
		wrong?: string;
	},
) {
	const [left, setLeft] = useState(false);
	const wrong = left || p.options.length === 0 ? p.wrong : undefined;
	return (
		<ComboBox
			selectedKey={p.chosen === undefined ? undefined : p.chosen || null}
			allowsCustomValue={p.free}
			isInvalid={wrong !== undefined || undefined}
			isDisabled={!!p.not}
			onFocusChange={(on) => setLeft(!on)}
			className="field"
			name={p.name}
			inputValue={p.text}
			onInputChange={p.onText}
			onSelectionChange={(key) => key !== null && p.onChange(String(key))}
			items={p.options}
			isRequired={p.required}
			allowsEmptyCollection
			menuTrigger="focus"
		>
			<Caption label={p.label} />
			<div className="input-group">
				<Input className="input" placeholder={p.placeholder} />
				<Button className="input-button" aria-label="Show the choices">
					<Icon name="down" />
				</Button>
			</div>
			{(p.not || p.about) && (
				<Text slot="description" className="about">
					{p.not ?? p.about}
				</Text>
			)}
			<FieldError className="field-error">{wrong}</FieldError>
			<Popover className="popover popover-list">
				<ListBox className="list-box" renderEmptyState={() => <p className="list-empty">{p.loading ? "Searching…" : "Nothing found."}</p>}>
					{(o: Option) => (
						<ListBoxItem className="list-item" id={o.id} textValue={o.text} isDisabled={!!o.not}>
							<Text slot="label" className="item-text">
								{o.text}
								{(o.not || o.about) && <span className="item-about"> {o.not ?? o.about}</span>}
							</Text>
						</ListBoxItem>
					)}
				</ListBox>
			</Popover>
		</ComboBox>
	);
}

/** One of a few values that are all shown. */
export function Choose(p: Omit<FieldProps, "onChange"> & { options: Option[]; onChange: (id: string) => void; cards?: boolean }) {
	return (
		<RadioGroup
			className={p.cards ? "field choices choices-cards" : "field choices"}
			name={p.name}
			value={p.value}
			onChange={p.onChange}
			isDisabled={!!p.not}
			isRequired={p.required}
		>
			<Caption label={p.label} />
			<div className="choice-list">
				{p.options.map((o) => (
					<Radio key={o.id} value={o.id} className="radio" isDisabled={!!o.not}>
						<span className="radio-dot" aria-hidden="true" />
						<span>
							<span className="radio-text">{o.text}</span>
							{(o.not || o.about) && <span className="about">{o.not ?? o.about}</span>}
						</span>
					</Radio>
				))}
			</div>
			{(p.not || p.about) && (
				<Text slot="description" className="about">
					{p.not ?? p.about}
				</Text>
			)}
			<FieldError className="field-error" />
		</RadioGroup>
	);
}

/** Yes or no, part of a form. */
export function Tick({
	label,
	about,
	checked,
	onChange,
	not,
	name,
}: {
	label: ReactNode;
	about?: ReactNode;
	checked: boolean;
	onChange: (checked: boolean) => void;
	not?: string;
	name?: string;
}) {
	return (
		<Checkbox className="check" isSelected={checked} onChange={onChange} isDisabled={!!not} name={name}>
			<span className="check-box" aria-hidden="true">
				<Icon name="check" size={12} />
			</span>
			<span>
				<span className="check-text">{label}</span>
				{(not || about) && <span className="about">{not ?? about}</span>}
			</span>
		</Checkbox>
	);
}

/** On or off, at once. */
export function Toggle({
	label,
	about,
	on,
	onChange,
	not,
}: {
	label: string;
	about?: ReactNode;
	on: boolean;
	onChange: (on: boolean) => void;
	not?: string;
}) {
	return (
		<Switch className="switch" isSelected={on} onChange={onChange} isDisabled={!!not}>
			<span className="switch-track" aria-hidden="true">
				<span className="switch-thumb" />
			</span>
			<span>
				<span className="check-text">{label}</span>
				{(not || about) && <span className="about">{not ?? about}</span>}
			</span>
		</Switch>
	);
}

/** A search field. It waits until typing pauses. */
export function Search({
	value,
	onChange,
	label,
	placeholder,
	wait = 250,
}: {
	value: string;
	onChange: (value: string) => void;
	label: string;
	placeholder?: string;
	wait?: number;
}) {
	const [text, setText] = useState(value);
	const sent = useRef(value);
	useEffect(() => {
		if (value !== sent.current) {
			sent.current = value;
			setText(value);
		}
	}, [value]);
	useEffect(() => {
		if (text === sent.current) return;
		const timer = setTimeout(() => {
			sent.current = text;
			onChange(text);
		}, wait);
		return () => clearTimeout(timer);
	}, [text, wait, onChange]);
	return (
		<SearchField className="search" aria-label={label} value={text} onChange={setText}>
			<Icon name="search" />
			<Input className="search-input" placeholder={placeholder ?? label} />
			<Button className="icon-button search-clear" aria-label="Clear the search">
				<Icon name="close" />
			</Button>
		</SearchField>
	);
}

/** Buttons that filter: one of them is on. */
export function Chips({
	label,
	value,
	options,
	onChange,
}: {
	label: string;
	value: string;
	options: { id: string; text: string; count?: number }[];
	onChange: (id: string) => void;
}) {
	return (
		<fieldset className="chips">
			<legend className="visually-hidden">{label}</legend>
			{options.map((o) => (
				<button
					key={o.id}
					type="button"
					className={`chip${o.id === value ? " is-on" : ""}`}
					aria-pressed={o.id === value}
					onClick={() => onChange(o.id)}
				>
					{o.text}
					{o.count !== undefined && <span className="chip-count">{o.count}</span>}
				</button>
			))}
		</fieldset>
	);
}

/** A filter as a small menu that names what is chosen. */
export function Filter({
	label,
	value,
	options,
	onChange,
}: {
	label: string;
	value: string;
	options: Option[];
	onChange: (id: string) => void;
}) {
	const chosen = options.find((o) => o.id === value && o.id !== "");
	return (
		<Select
			className="filter"
			selectedKey={value || "*"}
			onSelectionChange={(key) => onChange(key === "*" ? "" : String(key))}
			aria-label={label}
		>
			<Button className={`chip${chosen ? " is-on" : ""}`}>
				<span>
					{label}
					{chosen && `: ${chosen.text}`}
				</span>
				<Icon name="down" size={14} />
			</Button>
			<Popover className="popover popover-list">
				<ListBox className="list-box" items={[{ id: "*", text: "All" }, ...options.filter((o) => o.id !== "")]}>
					{(o) => (
						<ListBoxItem className="list-item" id={o.id} textValue={o.text}>
							<span className="list-check">
								<Icon name="check" />
							</span>
							<Text slot="label" className="item-text">
								{o.text}
							</Text>
						</ListBoxItem>
					)}
				</ListBox>
			</Popover>
		</Select>
	);
}

/** The buttons at the end of a form. */
export function Submit({
	children,
	running,
	cancel,
	danger,
	not,
	right,
}: {
	children: ReactNode;
	running?: boolean;
	cancel?: () => void;
	danger?: boolean;
	not?: string;
	right?: string;
}) {
	const { why } = useContext(Pointless);
	return (
		<div className="form-foot">
			{cancel && (
				<Action look="quiet" onPress={cancel}>
					Cancel
				</Action>
			)}
			<Action submit look={danger ? "danger" : "primary"} running={running} not={not ?? why} right={right}>
				{children}
			</Action>
		</div>
	);
}
