// Icons on a grid of 16, drawn with one stroke. They decorate a text beside them and are hidden from screen readers.

const paths = {
	home: "M2.5 7.5 8 3l5.5 4.5M4 6.5V13h8V6.5M6.5 13V9.5h3V13",
	building: "M3.5 13.5V3h6v10.5M9.5 6.5h3v7M2 13.5h12M5.5 5.5h2M5.5 8h2M5.5 10.5h2",
	people:
		"M6 7.5a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5ZM2 13c0-2.2 1.8-3.5 4-3.5s4 1.3 4 3.5M10.5 7.4a2 2 0 1 0-.6-3.9M11 9.6c1.8.1 3 1.4 3 3.4",
	plug: "M6 2.5v3M10 2.5v3M4.5 5.5h7V8a3.5 3.5 0 0 1-7 0V5.5ZM8 11.5v2.5",
	bell: "M4 11V7a4 4 0 0 1 8 0v4l1 1H3l1-1ZM6.5 14h3",
	coins:
		"M2.5 5c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2-2.5 2-5.5 2-5.5-.9-5.5-2ZM2.5 5v6c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V5M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2",
	scroll: "M4 2.5h6.5L12.5 5v8.5H4v-11ZM6 6.5h4.5M6 9h4.5M6 11.5h3",
	shield: "M8 2 3 4v4c0 3 2.2 5 5 6 2.8-1 5-3 5-6V4L8 2Zm-2 6 1.5 1.5L10.5 6.5",
	server: "M3 3h10v4H3V3ZM3 9h10v4H3V9ZM5.5 5h.01M5.5 11h.01",
	gear: "M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM8 2v1.5M8 12.5V14M2 8h1.5M12.5 8H14M3.8 3.8l1 1M11.2 11.2l1 1M12.2 3.8l-1 1M4.8 11.2l-1 1",
	search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5 14 14",
	plus: "M8 3v10M3 8h10",
	close: "m4 4 8 8M12 4l-8 8",
	check: "m3 8.5 3.5 3.5L13 4.5",
	down: "m4 6 4 4 4-4",
	up: "m4 10 4-4 4 4",
	right: "m6 4 4 4-4 4",
	left: "m10 4-4 4 4 4",
	more: "M8 3.5h.01M8 8h.01M8 12.5h.01",
	copy: "M5.5 5.5h8v8h-8v-8ZM10.5 5.5v-3h-8v8h3",
	download: "M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10",
	upload: "M8 11V2.5M4.5 6 8 2.5 11.5 6M3 13.5h10",
	external: "M9 2.5h4.5V7M13.5 2.5 7.5 8.5M11.5 9.5v4h-9v-9h4",
	warning: "M8 2.5 14.5 13.5h-13L8 2.5ZM8 6.5v3.5M8 12h.01",
	info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.5V11M8 5h.01",
	clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 5v3.2l2 1.3",
	key: "M10 9a3.5 3.5 0 1 0-3.2-2.1L2.5 11v2.5H5V12h1.5v-1.5l1.2-1.2c.7.4 1.5.7 2.3-.3ZM11 5h.01",
	door: "M3.5 13.5v-11h7v11M2 13.5h12M8.5 8h.01",
	enter: "M9 3h4v10H9M2.5 8H9M6.5 5.5 9 8l-2.5 2.5",
	leave: "M7 3H3v10h4M7 8h6.5M11 5.5 13.5 8 11 10.5",
	link: "M6.5 9.5a2.5 2.5 0 0 0 3.6 0l2.4-2.4a2.5 2.5 0 0 0-3.6-3.6l-.9.9M9.5 6.5a2.5 2.5 0 0 0-3.6 0L3.5 8.9a2.5 2.5 0 0 0 3.6 3.6l.9-.9",
	pause: "M5.5 3.5v9M10.5 3.5v9",
	play: "M5 3.5v9l7.5-4.5L5 3.5Z",
	trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9M7 7v4M9 7v4",
	menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
	user: "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8ZM3 13.5c.2-2.4 2.2-4 5-4s4.8 1.6 5 4",
	sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1",
	refresh: "M13 4v3h-3M3 12V9h3M12.6 7A5 5 0 0 0 4 5M3.4 9A5 5 0 0 0 12 11",
	edit: "M3 13h2.5l7-7L10 3.5l-7 7V13ZM8.5 5 11 7.5",
	columns: "M2.5 3h11v10h-11V3ZM6.2 3v10M9.8 3v10",
	filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
	help: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.3 6.3c0-1 .8-1.6 1.7-1.6s1.7.6 1.7 1.5c0 1.2-1.7 1.4-1.7 2.7M8 11.3h.01",
	mail: "M2.5 3.5h11v9h-11v-9ZM2.5 5 8 9l5.5-4",
	lock: "M4 7h8v6.5H4V7ZM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
	box: "M8 2 13.5 5v6L8 14l-5.5-3V5L8 2ZM2.5 5 8 8l5.5-3M8 8v6",
	group:
		"M5 6.5a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5ZM11 6.5A1.75 1.75 0 1 0 11 3a1.75 1.75 0 0 0 0 3.5ZM8 12a1.75 1.75 0 1 0 0-3.5A1.75 1.75 0 0 0 8 12ZM5 8.5v1M11 8.5v1M6.5 5h3",
	pulse: "M1.5 8H5l1.5-4 3 8L11 8h3.5",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
	return (
		<svg
			className="icon"
			width={size}
			height={size}
			viewBox="0 0 16 16"
			fill="none"
			stroke="currentColor"
			aria-hidden="true"
			focusable="false"
		>
			<path d={paths[name]} />
		</svg>
	);
}

/** The mark of the product. */
export function Mark({ size = 28 }: { size?: number | undefined }) {
	return (
		<svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
			<rect width="32" height="32" rx="7" className="mark-ground" />
			<path className="mark-lines" d="M7 25V11m18 14V11M7 11V8h3v3m12 0V8h3v3M7 18l9-7 9 7M7 22h18" />
		</svg>
	);
}
