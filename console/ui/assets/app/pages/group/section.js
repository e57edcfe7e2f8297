import { jsx as _jsx } from "react/jsx-runtime";
import Group from "./group.js";
import Groups from "./list.js";
export default function GroupsSection(props) {
    const [id] = props.rest;
    return id ? _jsx(Group, { company: props.company, group: id }) : _jsx(Groups, { ...props });
}
