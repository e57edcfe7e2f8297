// Groups of a company, and the page of one group.

import type { SectionProps } from "../company/company.tsx";
import Group from "./group.tsx";
import Groups from "./list.tsx";

export default function GroupsSection(props: SectionProps) {
	const [id] = props.rest;
	return id ? <Group company={props.company} group={id} /> : <Groups {...props} />;
}
