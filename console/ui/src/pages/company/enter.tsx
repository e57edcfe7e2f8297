// Launch: working inside a company. The audit trail and the band on each page show it.

import { useState } from "react";
import { useLocation } from "wouter";
import { useAction } from "../../api/query.ts";
import { Name } from "../../parts/basic.tsx";
import { Box } from "../../parts/dialog.tsx";
import { FormBox, Pick, Submit, TextInput } from "../../parts/form.tsx";
import { noteInside } from "../../shell/frame.tsx";
import { to } from "../../shell/place.ts";

export function Enter({ tenant, name, close }: { tenant: string | undefined; name: string; close: () => void }) {
	const [reason, setReason] = useState("");
	const [minutes, setMinutes] = useState("60");
	const [, go] = useLocation();
	const enter = useAction("enter-tenant");
	const run = async () => {
		if (!tenant) return;
		if (await enter.run({ path: { tenant }, body: { reason: reason.trim() || undefined, minutes: Number(minutes) } })) {
			noteInside(tenant);
			setReason("");
			close();
			go(to.company(tenant));
		}
	};
	return (
		<Box
			title={
				<>
					Launch <Name text={name} short />
				</>
			}
			open={tenant !== undefined}
			close={close}
		>
			<FormBox failure={enter.failure} submit={run}>
				<p>
					Until you leave, a band on every page says that you work inside this company. Each of your changes is shown in its visits report.
				</p>
				<TextInput
					label="Reason"
					name="reason"
					value={reason}
					onChange={setReason}
					placeholder="Ticket 4711"
					maxLength={500}
					about="The company sees it."
					autoFocus
				/>
				<Pick
					label="For how long"
					name="minutes"
					value={minutes}
					onChange={setMinutes}
					required
					options={[
						{ id: "15", text: "15 minutes" },
						{ id: "60", text: "1 hour" },
						{ id: "240", text: "4 hours" },
						{ id: "720", text: "12 hours" },
					]}
				/>
				<Submit running={enter.running} cancel={close}>
					Launch
				</Submit>
			</FormBox>
		</Box>
	);
}
