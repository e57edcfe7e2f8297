// The logo of the provider.

import { downloadURL } from "../api/client.ts";
import { useRead } from "../api/query.ts";
import type { SignInMethods } from "../api/schema.ts";
import { Mark } from "./icon.tsx";

/** Who runs this installation; undefined until it is known. */
export function useProvider(): SignInMethods["provider"] | undefined {
	return useRead("list-sign-in-methods", {}, { every: false }).data?.provider;
}

/** The logo with this mark; without one, the mark of the product. The name of the provider stands beside it, so it has no text of its own. */
export function Logo({ mark, size }: { mark: string | undefined; size?: number | undefined }) {
	if (!mark) return <Mark size={size} />;
	return <img className="logo" src={downloadURL("get-provider-logo", { query: { mark } })} alt="" />;
}
