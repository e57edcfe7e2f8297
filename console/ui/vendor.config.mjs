import optimizeLocales from "@react-aria/optimize-locales-plugin";
import { defineConfig } from "vite";

/** Changes a file of a package. Fails if the package does not look like that any more. */
function patch(name, file, from, to) {
	return {
		name,
		enforce: "pre",
		transform(code, id) {
			if (!file.test(id)) return undefined;
			const changed = code.replace(from, to);
			if (changed === code) this.error(`${name}: React Aria does it in another way than before`);
			return changed;
		},
	};
}

// React Aria asks for the locale of the browser as soon as it is loaded, and so starts the whole Intl of the browser before the first page
// is there: half a second on a four times slower processor. The console names the locale itself (I18nProvider).
const ownLocale = patch("own-locale", /useDefaultLocale\.m?js$/, /Intl\.DateTimeFormat\.supportedLocalesOf\(\[\s*\w+\s*\]\);/, "");

// An open combo box hides the rest of the page from screen readers, but what it hides can still be reached with Tab (axe: aria-hidden-focus).
// The list of a combo box is not modal, so nothing needs to be hidden.
const hideNothing = patch(
	"hide-nothing",
	/combobox\/useComboBox\.m?js$/,
	/if \(state\.isOpen\) return \(0, [\w$]+\)\(\[\s*inputRef\.current,\s*popoverRef\.current\s*\]\.filter\([^;]*;/,
	"",
);

// A popover that is not modal closes when the page or the dialog scrolls, and a combo box that closes forgets what was typed. It moves with
// its field instead.
const followScroll = patch(
	"follow-scroll",
	/overlays\/useOverlayPosition\.m?js$/,
	"onClose: onClose && close",
	"onClose: onClose && updatePosition",
);

// Third-party code is built once into assets/vendor, one file for each entry below. Our own code is not bundled: tsc writes one
// file for each source file.
export default defineConfig({
	plugins: [{ ...optimizeLocales.vite({ locales: ["en-US", "en-GB"] }), enforce: "pre" }, ownLocale, hideNothing, followScroll],
	define: { "process.env.NODE_ENV": '"production"' },
	build: {
		outDir: "assets/vendor",
		emptyOutDir: true,
		minify: true,
		modulePreload: false,
		rolldownOptions: {
			preserveEntrySignatures: "strict",
			input: { core: "vendor/core.js", aria: "vendor/aria.js" },
			output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
		},
	},
});
