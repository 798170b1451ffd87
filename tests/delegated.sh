#!/bin/sh
# delegated.sh ASSAY: the program in a container's position, in a guest: the root of a cgroup namespace of its own, which is not
# the real root and holds the processes that start there. Grading must work all the same, and leave nothing but the group into
# which these processes moved. To be run in a guest only: it mounts a cgroup file system.
set -eu
group=/sys/fs/cgroup/container
echo "+memory +pids" >/sys/fs/cgroup/cgroup.subtree_control
mkdir "$group"
sh -c "echo \$\$ >$group/cgroup.procs
exec unshare --cgroup --mount sh -c 'umount /sys/fs/cgroup && mount -t cgroup2 cgroup /sys/fs/cgroup && \"$1\" run -- /bin/echo delegated && \"$1\" run -- /bin/true'"
left=$(find "$group" -mindepth 1 -type d ! -name assay-worker)
[ -z "$left" ] || { echo "left: $left" >&2; exit 1; }
