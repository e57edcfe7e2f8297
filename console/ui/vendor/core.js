// React, the query cache and the router: everything that is loaded whatever page is opened. The import map of page.html points
// react, react/jsx-runtime, react-dom/client, @tanstack/react-query and wouter to this file.
import React from "react";
import Runtime from "react/jsx-runtime";
import Client from "react-dom/client";

export default React;
export const {
	Component,
	Fragment,
	StrictMode,
	Suspense,
	createContext,
	lazy,
	memo,
	startTransition,
	use,
	useCallback,
	useContext,
	useDeferredValue,
	useEffect,
	useId,
	useLayoutEffect,
	useMemo,
	useReducer,
	useRef,
	useState,
	useSyncExternalStore,
	useTransition,
} = React;
export const { jsx, jsxs } = Runtime;
export const { createRoot } = Client;
export {
	keepPreviousData,
	QueryClient,
	QueryClientProvider,
	QueryObserver,
	useInfiniteQuery,
	useIsFetching,
	useMutation,
	useQueries,
	useQuery,
	useQueryClient,
} from "@tanstack/react-query";
export { Route, Router, Switch, useLocation, useParams, useRoute, useSearch } from "wouter";
