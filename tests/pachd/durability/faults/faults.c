/* What is watched, and what happens at which operation. */
#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const NAMES[] = {"create", "mkdir", "write", "truncate", "sync", "rename", "remove", "rmdir"};

static int trace = -1;
static long number, fault_at, fault_count, fault_every;
static const char *fault = "";
static char root[PATH_MAX], undo[PATH_MAX];
static pid_t server;

void fail(const char *what) {
  fprintf(stderr, "faults: %s\n", what);
  abort();
}

__attribute__((constructor)) static void begin(void) {
  const char *value = getenv("FAULT_ROOT");
  if (!value) return;
  snprintf(root, sizeof root, "%s/", value);
  snprintf(undo, sizeof undo, "%s.undo", value);
  syscall(SYS_mkdirat, AT_FDCWD, undo, 0700);
  trace = syscall(SYS_openat, AT_FDCWD, getenv("FAULT_TRACE"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (trace < 0) fail("no FAULT_TRACE");
  if ((value = getenv("FAULT_KIND"))) fault = strdup(value);
  if ((value = getenv("FAULT_AT"))) fault_at = atol(value);
  if ((value = getenv("FAULT_COUNT"))) fault_count = atol(value);
  if ((value = getenv("FAULT_EVERY"))) fault_every = atol(value);
  if ((value = getenv("FAULT_SEED"))) srandom(atol(value));
  unsetenv("LD_PRELOAD"); /* the commands of pipelines write to a real disk */
  server = getpid();
}

static int is(const char *name) { return !strcmp(fault, name); }

int survives(void) { return is("reorder") && random() % 2; }

const char *undo_folder(void) { return undo; }

static int ends(const char *path, const char *end) {
  size_t length = strlen(path), tail = strlen(end);
  return length >= tail && !strcmp(path + length - tail, end);
}

/* Whether the path, made absolute, is watched. */
int watched(int folder, const char *name, char *path) {
  char link[64];
  ssize_t length = 0;
  if (!server || getpid() != server) return 0;
  if (!name || *name != '/') {
    snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
    length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
  }
  if (name) snprintf(path + length, PATH_MAX - length, length ? "/%s" : "%s", name);
  if (!strncmp(path, root, strlen(root) - 1) && !path[strlen(root) - 1]) return !name; /* the root folder's own sync */
  return !strncmp(path, root, strlen(root)) && !ends(path, "-shm") && !ends(path, "/lock") && !ends(path, "/server.log");
}

/* A second name for a file that is about to lose its own. */
const char *second_name(const char *path) {
  static char kept[PATH_MAX + 32];
  snprintf(kept, sizeof kept, "%s/%ld", undo, number);
  return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, kept, 0) ? NULL : kept;
}

/* Called with the lock held before each watched operation; 0, or the error that it fails with. */
int operation(enum op op, const char *path, int fd, const void *bytes, size_t length, off_t at) {
  number++;
  dprintf(trace, "%ld %s %s\n", number, NAMES[op], path + strlen(root) - 1);
  if (!fault_at || number < fault_at) return 0;
  if (is("enospc") || is("eio")) {
    int fails = fault_every ? random() % fault_every == 0 : number < fault_at + fault_count;
    int needs_room = op <= TRUNCATE;
    return !fails || (is("enospc") && !needs_room) ? 0 : is("eio") ? EIO : ENOSPC;
  }
  if (is("kill") && op == WRITE) syscall(SYS_pwrite64, fd, bytes, length / 2, at);
  if (!is("kill")) power_fails();
  dprintf(trace, "%ld %s\n", number, fault);
  syscall(SYS_kill, server, SIGKILL);
  for (;;) pause();
}
