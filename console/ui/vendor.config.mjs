import optimizeLocales from "@react-aria/optimize-locales-plugin";
import { defineConfig } from "vite";

// React Aria asks for the locale of the browser as soon as it is loaded, and so starts the whole Intl of the browser before the first page
// is there: half a second on a four times slower processor. The console names the locale itself (I18nProvider).
const ownLocale = {
	name: "own-locale",
	enforce: "pre",
	transform(code, id) {
		if (!/useDefaultLocale\.m?js$/.test(id)) return undefined;
		const changed = code.replace(/Intl\.DateTimeFormat\.supportedLocalesOf\(\[\s*\w+\s*\]\);/, "");
		if (changed === code) this.error("React Aria looks for the locale in another way than before");
		return changed;
	},
};

// Third-party code is built once into assets/vendor, one file for each entry below. Our own code is not bundled: tsc writes one
// file for each source file.
export default defineConfig({
	plugins: [{ ...optimizeLocales.vite({ locales: ["en-US", "en-GB"] }), enforce: "pre" }, ownLocale],
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
