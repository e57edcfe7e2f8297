// Short messages at the edge of the page, which screen readers read out.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { Button } from "react-aria-components";
import { type Answer, type Failure, failureOf, type Operation } from "../api/client.ts";
import { type Action, useAction } from "../api/query.ts";
import { RequestId } from "./basic.tsx";
import { Icon } from "./icon.tsx";

interface Toast {
	id: number;
	tone: "good" | "bad";
	text: string;
	request?: string;
	undo?: Undo;
}

/** How what was done is taken back. */
export interface Undo {
	run: () => Promise<unknown>;
	/** What is said afterwards. */
	said: string;
}

let toasts: Toast[] = [];
let last = 0;
const watchers = new Set<() => void>();

function change(next: Toast[]) {
	toasts = next;
	for (const tell of watchers) tell();
}

function dismiss(id: number) {
	change(toasts.filter((t) => t.id !== id));
}

function show(toast: Omit<Toast, "id">, milliseconds: number) {
	const id = ++last;
	change([...toasts.slice(-2), { id, ...toast }]);
	if (milliseconds) setTimeout(() => dismiss(id), milliseconds);
}

/** Says that something was done. With a way to take it back it stays longer. */
export function say(text: string, undo?: Undo): void {
	show({ tone: "good", text, undo }, undo ? 30_000 : 6_000);
}

/** Says that something failed. It stays until it is closed. */
export function complain(failure: Failure | string): void {
	if (typeof failure === "string") show({ tone: "bad", text: failure }, 0);
	else show({ tone: "bad", text: failure.message, request: failure.request }, 0);
}

/** An action without a form: of a menu entry or a button. What the server refuses is said in a message. */
export function useQuick<O extends Operation>(operation: O, done?: (answer: Answer<O>) => void): Action<O> {
	const action = useAction(operation, done);
	const { failure } = action;
	useEffect(() => {
		if (failure) complain(failure);
	}, [failure]);
	return action;
}

function UndoButton({ id, undo }: { id: number; undo: Undo }) {
	const cache = useQueryClient();
	const run = async () => {
		dismiss(id);
		try {
			await undo.run();
			say(undo.said);
		} catch (error) {
			complain(failureOf(error));
		}
		void cache.invalidateQueries();
	};
	return (
		<Button className="button button-plain button-small" onPress={() => void run()}>
			Undo
		</Button>
	);
}

export function Toasts() {
	const shown = useSyncExternalStore(
		(tell) => {
			watchers.add(tell);
			return () => watchers.delete(tell);
		},
		() => toasts,
	);
	return (
		<div className="toasts" role="status" aria-live="polite" aria-label="Messages">
			{shown.map((t) => (
				<div key={t.id} className={`toast toast-${t.tone}`}>
					<Icon name={t.tone === "good" ? "check" : "warning"} />
					<div>
						<p>{t.text}</p>
						{t.request && (
							<p>
								<RequestId id={t.request} />
							</p>
						)}
					</div>
					{t.undo && <UndoButton id={t.id} undo={t.undo} />}
					<Button className="icon-button" aria-label="Close the message" onPress={() => dismiss(t.id)}>
						<Icon name="close" />
					</Button>
				</div>
			))}
		</div>
	);
}
