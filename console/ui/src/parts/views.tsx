// Views of a list: its search, filters and sort order under a name. They are in this browser, apart for each operator. Their addresses are
// those of the page, so that a colleague can be sent one.

import { useState } from "react";
import { Button, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useLocation, useSearch } from "wouter";
import { remember, remembered } from "../shell/place.ts";
import { useSession } from "../shell/session.tsx";
import { Action, IconAction, To, useCopy } from "./basic.tsx";
import { FormBox, Submit, TextInput } from "./form.tsx";
import { Icon } from "./icon.tsx";

interface View {
	name: string;
	/** The query of the address. */
	search: string;
}

/** How many views a list has at most. */
const most = 30;
/** What is in an address and no part of a view: what is open above the list. */
const passing = ["open", "panel", "add", "connect", "do", "line", "event"];

/** The part of the address that a view keeps, in one order. */
function kept(search: string): string {
	const params = new URLSearchParams(search);
	if (params.has("connect")) params.delete("type"); // of the wizard
	for (const name of passing) params.delete(name);
	params.sort();
	return params.toString();
}

function viewsOf(key: string): View[] {
	try {
		const stored: unknown = JSON.parse(remembered(key) || "[]");
		return Array.isArray(stored) ? stored.filter((v) => typeof v?.name === "string" && typeof v?.search === "string") : [];
	} catch {
		return [];
	}
}

/** The views of a list, and a form to keep what is shown now as another one. */
export function Views({ list }: { list: string }) {
	const { operator } = useSession();
	const key = `views.${operator.id}.${list}`;
	const [path] = useLocation();
	const search = kept(useSearch());
	const [open, setOpen] = useState(false);
	const [views, setViews] = useState<View[]>(() => viewsOf(key));
	const here = views.find((v) => v.search === search);
	const put = (next: View[]) => {
		setViews(next);
		remember(key, next.length ? JSON.stringify(next) : "");
	};
	const look = (isOpen: boolean) => {
		if (isOpen) setViews(viewsOf(key)); // another tab may have changed them
		setOpen(isOpen);
	};
	return (
		<DialogTrigger isOpen={open} onOpenChange={look}>
			<Button className={`chip${here ? " is-on" : ""}`}>
				<span>
					{here ? (
						<>
							View: <bdi>{here.name}</bdi>
						</>
					) : (
						"Views"
					)}
				</span>
				<Icon name="down" size={14} />
			</Button>
			<Popover className="popover" placement="bottom end">
				<Dialog className="chooser views" aria-label="Views of this list">
					{views.length > 0 && (
						<ul className="picked" aria-label="Views">
							{views.map((v) => (
								<li key={v.name}>
									<span className="contents" onClickCapture={() => setOpen(false)}>
										<To href={v.search ? `${path}?${v.search}` : path}>
											<bdi>{v.name}</bdi>
										</To>
									</span>
									<IconAction icon="trash" label={`Remove the view ${v.name}`} onPress={() => put(views.filter((o) => o !== v))} />
								</li>
							))}
						</ul>
					)}
					<Keep
						not={
							!search
								? "Search, filter or sort the list first."
								: here
									? `This is the view ${here.name}.`
									: views.length >= most
										? `There are ${most} views already. Remove one first.`
										: undefined
						}
						keep={(name) => put([...views.filter((v) => v.name !== name), { name, search }].sort((a, b) => a.name.localeCompare(b.name)))}
					/>
				</Dialog>
			</Popover>
		</DialogTrigger>
	);
}

function Keep({ not, keep }: { not: string | undefined; keep: (name: string) => void }) {
	const [name, setName] = useState("");
	const copy = useCopy();
	return (
		<FormBox
			submit={() => {
				if (not || !name.trim()) return;
				keep(name.trim());
				setName("");
			}}
		>
			<TextInput
				label="Keep what is shown as"
				name="view"
				value={name}
				onChange={setName}
				maxLength={60}
				required
				about="In this browser, for you."
			/>
			<div className="row">
				<Action small icon="copy" onPress={() => copy(location.href, "The link to this view")}>
					Copy the link
				</Action>
			</div>
			<Submit not={not}>Keep</Submit>
		</FormBox>
	);
}
