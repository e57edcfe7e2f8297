import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense } from "react";
import { I18nProvider, RouterProvider } from "react-aria-components";
import { createRoot } from "react-dom/client";
import { Route, Router, Switch, useLocation } from "wouter";
import { call } from "./api/client.ts";
import { signedOut } from "./api/first.ts";
import { keyOf, newCache } from "./api/query.ts";
import { Empty, Needs, Opening } from "./parts/state.tsx";
import { Frame } from "./shell/frame.tsx";
import { SessionGate, signInReady } from "./shell/session.tsx";

const Link = lazy(() => import("./pages/session/link.tsx"));
const Factor = lazy(() => import("./pages/session/factor.tsx"));
const Companies = lazy(() => import("./pages/company/list.tsx"));
const Company = lazy(() => import("./pages/company/company.tsx"));
const People = lazy(() => import("./pages/user/everywhere.tsx"));
const Connections = lazy(() => import("./pages/connection/list.tsx"));
const Connection = lazy(() => import("./pages/connection/connection.tsx"));
const Operators = lazy(() => import("./pages/operator/list.tsx"));
const SignedIn = lazy(() => import("./pages/session/sign-in.tsx").then((m) => ({ default: m.SignedInAlready })));
const Home = lazy(() => import("./pages/home/home.tsx"));
const Alerts = lazy(() => import("./pages/alert/alerts.tsx"));
const Billing = lazy(() => import("./pages/billing/billing.tsx"));
const Audit = lazy(() => import("./pages/audit/audit.tsx"));
const Targets = lazy(() => import("./pages/target/list.tsx"));
const Target = lazy(() => import("./pages/target/target.tsx"));
const Projects = lazy(() => import("./pages/project/list.tsx"));
const Project = lazy(() => import("./pages/project/project.tsx"));
const Webhooks = lazy(() => import("./pages/webhook/list.tsx"));
const Webhook = lazy(() => import("./pages/webhook/webhook.tsx"));
const Server = lazy(() => import("./pages/server/server.tsx"));
const Account = lazy(() => import("./pages/account/account.tsx"));
const Settings = lazy(() => import("./pages/settings/settings.tsx"));

const base = "/console";
const cache = newCache();

function needing(any: string[], page: ReactNode) {
	return (
		<Needs any={any} level={1}>
			{page}
		</Needs>
	);
}

function Console() {
	const [path, go] = useLocation();
	const navigate = (to: string) => {
		document.body.dataset.moved = "yes";
		history.replaceState({ ...history.state, link: base + to }, ""); // the way back returns to it
		go(to);
	};
	return (
		<RouterProvider navigate={navigate} useHref={(href) => (href.startsWith("/") ? base + href : href)}>
			{path === "/link" ? (
				<Suspense fallback={<Opening />}>
					<Link />
				</Suspense>
			) : (
				<SessionGate>
					<Frame>
						<Switch>
							<Route path="/account/mfa">
								<Factor />
							</Route>
							<Route path="/" component={Home} />
							<Route path="/sign-in">{location.hash.startsWith("#oidc=") ? <SignedIn /> : <Home />}</Route>
							<Route path="/companies" component={Companies} />
							<Route path="/companies/:company/*?" component={Company} />
							<Route path="/people" component={People} />
							<Route path="/connections" component={Connections} />
							<Route path="/connections/:connection/:tab?" component={Connection} />
							<Route path="/alerts" component={Alerts} />
							<Route path="/billing">{needing(["tenant.billing"], <Billing />)}</Route>
							<Route path="/audit">{needing(["tenant.record", "provider.record"], <Audit />)}</Route>
							<Route path="/targets" component={Targets} />
							<Route path="/targets/:target/:tab?" component={Target} />
							<Route path="/google-projects" component={Projects} />
							<Route path="/google-projects/:project" component={Project} />
							<Route path="/webhooks">{needing(["webhook.read"], <Webhooks />)}</Route>
							<Route path="/webhooks/:webhook/:tab?">{needing(["webhook.read"], <Webhook />)}</Route>
							<Route path="/server">{needing(["server.manage"], <Server />)}</Route>
							<Route path="/account" component={Account} />
							<Route path="/administrators">{needing(["operator.read"], <Operators />)}</Route>
							<Route path="/settings" component={Settings} />
							<Route>
								<Empty title="There is no such page" level={1}>
									The address is wrong, or the page has moved. Use the navigation or the search.
								</Empty>
							</Route>
						</Switch>
					</Frame>
				</SessionGate>
			)}
		</RouterProvider>
	);
}

// Who is signed in is asked while the page is built.
if (!signedOut && !location.pathname.endsWith("/link"))
	void cache.prefetchQuery({ queryKey: keyOf("get-me"), queryFn: () => call("get-me") });

const root = document.getElementById("root");
await signInReady;
if (root) {
	createRoot(root).render(
		<QueryClientProvider client={cache}>
			<I18nProvider locale="en-GB">
				<Router base={base}>
					<Console />
				</Router>
			</I18nProvider>
		</QueryClientProvider>,
	);
}
