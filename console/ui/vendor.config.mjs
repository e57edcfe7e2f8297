import optimizeLocales from "@react-aria/optimize-locales-plugin";
import { defineConfig } from "vite";

// Third-party code is built once into assets/vendor, one file for each entry below. Our own code is not bundled: tsc writes one
// file for each source file.
export default defineConfig({
	plugins: [{ ...optimizeLocales.vite({ locales: ["en-US", "en-GB"] }), enforce: "pre" }],
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
