// A place for a file: drop it, or choose it.

import { type DragEvent, useRef, useState } from "react";
import { Icon } from "./icon.tsx";
import { bytes } from "./words.ts";

export function FileDrop({
	label,
	about,
	accept,
	file,
	take,
}: {
	label: string;
	about: string;
	accept: string;
	file: File | undefined;
	take: (file: File) => void;
}) {
	const input = useRef<HTMLInputElement>(null);
	const [over, setOver] = useState(false);
	const drag = (on: boolean) => (event: DragEvent) => {
		event.preventDefault();
		setOver(on);
	};
	return (
		<label
			className={`drop${over ? " is-over" : ""}`}
			onDragOver={drag(true)}
			onDragLeave={drag(false)}
			onDrop={(event) => {
				event.preventDefault();
				setOver(false);
				const dropped = event.dataTransfer.files[0];
				if (dropped) take(dropped);
			}}
		>
			<input
				ref={input}
				type="file"
				className="visually-hidden"
				accept={accept}
				onChange={(event) => {
					const chosen = event.target.files?.[0];
					if (chosen) take(chosen);
					event.target.value = "";
				}}
			/>
			<Icon name="upload" size={20} />
			<span>
				<span className="drop-label">{file ? file.name : label}</span>
				<span className="about">{file ? bytes(file.size) : `${about}. Drop it here, or choose it.`}</span>
			</span>
		</label>
	);
}
