# The worker, with toolchains for C, C++, Python and Java. Build: docker build -t assay .
#
# What the container must be given
# --------------------------------
# The program makes its sandboxes itself, out of the kernel's namespaces and control groups. What it needs for that, a container
# does not have by default:
#
#   user 0, host's user namespace  It maps each run to two ids from 2^30 on, which a remapped range (rootless Docker,
#                                  userns-remap, hostUsers: false) does not contain.
#   CAP_SYS_ADMIN                  New mount, PID, network, IPC, UTS and cgroup namespaces; open_tree, move_mount, mount_setattr
#                                  and pivot_root for the root of a run; remounting /sys/fs/cgroup.
#   CAP_SETUID, CAP_SETGID         Writing the id maps of a run's user namespace; setgroups.
#   CAP_CHOWN                      A run's init must own its groups' cgroup.procs, the program its work directory.
#   CAP_DAC_OVERRIDE, CAP_FOWNER   Filling and collecting the work directory, which is the program's.
#   no seccomp profile             Docker's default profile refuses pivot_root, and keyctl (each run gets a key ring of its own).
#                                  Without CAP_SYS_ADMIN it also refuses mount and unshare, and answers clone3 with ENOSYS;
#                                  only clone3 can start a process inside a control group.
#   no AppArmor profile            docker-default refuses mount. (On SELinux hosts: label=disable.)
#   its own cgroup namespace       "cgroup: private", the default on hosts with control groups version 2. With the host's the
#                                  worker can make its groups below its container's only while it is alone there; otherwise it
#                                  makes them at the host's root, outside of every limit on the container.
#   /sys/fs/cgroup writable        Docker mounts it read-only. With CAP_SYS_ADMIN the container remounts it, see
#                                  docker-compose.yml.
#
# Nothing else: no device, no other capability, and no_new_privs may be set. "privileged: true" does as well and is simpler, at
# the price of every device and capability.
#
# What that means for trust: CAP_SYS_ADMIN without seccomp and AppArmor is as good as root on the host, so the worker itself is
# trusted like a daemon of the host. The programs it grades are not: they have no capability, ids of their own, no network and a
# system call allow-list, the same as without a container. Do not put other services into this container, and give the machine
# to grading alone if you can.
#
# The list was found by running the program in a guest with exactly these capabilities, a private cgroup namespace and PID
# namespace, and a read-only root; under Docker itself it has not been run.

FROM rust:1-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends libseccomp-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY shared shared
COPY worker worker
COPY migrations migrations
# Cargo wants the files of all targets to be there.
COPY tests tests
RUN cargo build --release --locked --package assay

FROM debian:12-slim
# mount is for the remount; ca-certificates for amqps:// and PostgreSQL over TLS. The Java package registers manual pages in a
# directory that slim images lack.
RUN mkdir -p /usr/share/man/man1 \
 && apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates libseccomp2 mount tini \
      gcc g++ libc6-dev python3-minimal libpython3-stdlib openjdk-17-jdk-headless \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/target/release/assay /usr/local/bin/assay
# Runs see /usr read-only, as they would on a host; --image names another tree.
ENV ASSAY_HTTP=0.0.0.0:9187
EXPOSE 9187
# The SIGTERM of `docker stop` is passed on, and the worker drains. PID 1 reaps what it has not started: the processes of a sandbox whose
# launcher was killed.
ENTRYPOINT ["tini", "--", "assay"]
CMD ["worker"]
