#!/bin/sh
# On removal the service stops; on an upgrade it goes on. dpkg says "remove", rpm says 0. The data in /var/lib/drawbridge stays.
set -e
if [ "$1" = remove ] || [ "$1" = 0 ]; then
	if [ -d /run/systemd/system ]; then
		systemctl disable --now drawbridge.service || true
	fi
fi
