/* Preloaded into the server, this counts what it does to the disk below FAULT_ROOT, and at operation FAULT_AT

     kill            ends the process: half of a write is done, of anything else nothing;
     power, reorder  ends the process as a power failure does: what was not synced is undone, all of it or, as a disk
                     may write in any order, a part of it (4 KiB blocks and folder entries, chosen by FAULT_SEED);
     enospc, eio     lets this operation and the next FAULT_COUNT - 1 fail; enospc only those that need room. With
                     FAULT_EVERY, from FAULT_AT on one operation of so many fails, chosen by FAULT_SEED.

   FAULT_TRACE gets a line for each operation: its number, what it is, on which file. Removed files and the like are
   kept in "FAULT_ROOT.undo". Left out are SQLite's shared memory, which a start makes anew, the lock and the log.
   Linux on 64 bits only. The real work is done by raw system calls. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BLOCK = 4096, FILES = 4096, ENTRIES = 65536 };
enum op { CREATE, MKDIR, WRITE, TRUNCATE, SYNC, RENAME, REMOVE, RMDIR };
static const char *const NAMES[] = {"create", "mkdir", "write", "truncate", "sync", "rename", "remove", "rmdir"};

struct block { off_t at; ssize_t length; char bytes[BLOCK]; };
struct file { dev_t device; ino_t inode; int fd, changed; off_t synced; size_t count; struct block *blocks; };
struct entry { enum op op; char *path, *other, *kept; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file files[FILES];
static struct entry entries[ENTRIES];
static int file_count, entry_count, trace = -1;
static long number, fault_at, fault_count, fault_every;
static const char *fault = "";
static char root[PATH_MAX], undo[PATH_MAX];
static pid_t server;

static void fail(const char *what) {
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

static int ends(const char *path, const char *end) {
  size_t length = strlen(path), tail = strlen(end);
  return length >= tail && !strcmp(path + length - tail, end);
}

/* Whether the path, made absolute, is watched. */
static int watched(int folder, const char *name, char *path) {
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

/* What is known of an open file since it was last synced. */
static struct file *file_of(int fd) {
  struct stat now;
  char link[64];
  struct file *file = files;
  if (fstat(fd, &now) || !S_ISREG(now.st_mode)) return NULL;
  while (file < files + file_count && (file->inode != now.st_ino || file->device != now.st_dev)) file++;
  if (file == files + file_count) {
    if (++file_count > FILES) fail("too many files");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    /* Never closed: that would take the server's own locks away, and the inode's number could come again. */
    *file = (struct file){now.st_dev, now.st_ino, syscall(SYS_openat, AT_FDCWD, link, O_RDWR | O_CLOEXEC), 0, 0, 0, NULL};
  }
  if (!file->changed) file->synced = now.st_size;
  return file;
}

/* Keep what was synced of the blocks from..to before they change. */
static void keep(int fd, off_t from, off_t to) {
  struct file *file = file_of(fd);
  if (!file) return;
  file->changed = 1;
  for (off_t at = from - from % BLOCK; at < to && at < file->synced; at += BLOCK) {
    size_t i = 0;
    while (i < file->count && file->blocks[i].at != at) i++;
    if (i < file->count) continue;
    if (!(file->blocks = realloc(file->blocks, (i + 1) * sizeof *file->blocks))) fail("no memory");
    struct block *block = &file->blocks[file->count++];
    size_t length = file->synced - at < BLOCK ? file->synced - at : BLOCK;
    block->at = at;
    block->length = syscall(SYS_pread64, file->fd, block->bytes, length, at);
  }
}

static void synced(int fd) {
  struct file *file = file_of(fd);
  if (!file) return;
  free(file->blocks);
  file->blocks = NULL;
  file->count = file->changed = 0;
}

static void note_entry(enum op op, const char *path, const char *other, const char *kept) {
  if (entry_count == ENTRIES) fail("too many entries");
  entries[entry_count++] = (struct entry){op, strdup(path), strdup(other ? other : ""), strdup(kept ? kept : "")};
}

static void synced_folder(const char *folder) {
  size_t length = strlen(folder);
  int left = 0;
  for (int i = 0; i < entry_count; i++) {
    const char *path = entries[i].op == RENAME ? entries[i].other : entries[i].path;
    if (strncmp(path, folder, length) || path[length] != '/' || strchr(path + length + 1, '/'))
      entries[left++] = entries[i];
  }
  entry_count = left;
}

static void move(const char *from, const char *to) { syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); }

static void undo_entry(const struct entry *entry, int i) {
  char lost[PATH_MAX + 32];
  snprintf(lost, sizeof lost, "%s/lost%d", undo, i);
  if (entry->op == CREATE || entry->op == MKDIR) move(entry->path, lost);
  if (entry->op == RENAME) move(entry->other, entry->path);
  if (entry->op == RMDIR) syscall(SYS_mkdirat, AT_FDCWD, entry->path, 0700);
  if (*entry->kept) move(entry->kept, entry->op == RENAME ? entry->other : entry->path); /* it comes back */
}

static int survives(void) { return is("reorder") && random() % 2; }

static void undo_file(struct file *file) {
  static const char zeros[BLOCK];
  struct stat now;
  if (!file->changed || fstat(file->fd, &now)) return;
  off_t length = survives() && now.st_size > file->synced ? now.st_size : file->synced;
  if (syscall(SYS_ftruncate, file->fd, length)) fail("cannot undo a length");
  for (size_t i = 0; i < file->count; i++)
    if (!survives()) syscall(SYS_pwrite64, file->fd, file->blocks[i].bytes, file->blocks[i].length, file->blocks[i].at);
  for (off_t at = file->synced; at < length; at += BLOCK - at % BLOCK)
    if (!survives()) {
      off_t end = at + BLOCK - at % BLOCK;
      syscall(SYS_pwrite64, file->fd, zeros, (end < length ? end : length) - at, at);
    }
}

static void power_fails(void) {
  for (int i = 0; i < file_count; i++) undo_file(&files[i]);
  for (int i = entry_count - 1; i >= 0; i--)
    if (!survives()) undo_entry(&entries[i], i);
}

/* Called with the lock held before each watched operation; 0, or the error that it fails with. */
static int operation(enum op op, const char *path, int fd, const void *bytes, size_t length, off_t at) {
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

/* End an intercepted call: give the lock back, fail as `error` says. */
#define FINISH(error, call)                  \
  long result = (error) ? -1 : (call);       \
  int kept_errno = (error) ? (error) : errno; \
  pthread_mutex_unlock(&lock);               \
  errno = kept_errno;                        \
  return result

static ssize_t write_at(int fd, const void *bytes, size_t length, off_t at, int moves) {
  char path[PATH_MAX];
  if (!watched(fd, NULL, path)) return moves ? syscall(SYS_write, fd, bytes, length) : syscall(SYS_pwrite64, fd, bytes, length, at);
  pthread_mutex_lock(&lock);
  if (moves) at = fcntl(fd, F_GETFL) & O_APPEND ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
  int error = operation(WRITE, path, fd, bytes, length, at);
  if (!error) keep(fd, at, at + (off_t)length);
  FINISH(error, moves ? syscall(SYS_write, fd, bytes, length) : syscall(SYS_pwrite64, fd, bytes, length, at));
}

ssize_t write(int fd, const void *bytes, size_t length) { return write_at(fd, bytes, length, 0, 1); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return write_at(fd, bytes, length, at, 0); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return write_at(fd, bytes, length, at, 0); }

/* Vectors are written piece by piece: fewer bytes than asked for is an answer that callers must know. */
static ssize_t writev_at(int fd, const struct iovec *pieces, int count, off_t at, int moves) {
  ssize_t all = 0;
  for (int i = 0; i < count; i++) {
    ssize_t done = write_at(fd, pieces[i].iov_base, pieces[i].iov_len, at + all, moves);
    if (done < 0) return all ? all : done;
    all += done;
    if ((size_t)done < pieces[i].iov_len) break;
  }
  return all;
}

static ssize_t vector(int fd, const struct iovec *pieces, int count, off_t at, int moves) {
  char path[PATH_MAX];
  if (watched(fd, NULL, path)) return writev_at(fd, pieces, count, at, moves);
  return moves ? syscall(SYS_writev, fd, pieces, count) : syscall(SYS_pwritev, fd, pieces, count, at, 0);
}

ssize_t writev(int fd, const struct iovec *pieces, int count) { return vector(fd, pieces, count, 0, 1); }
ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t at) { return vector(fd, pieces, count, at, 0); }
ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off64_t at) { return vector(fd, pieces, count, at, 0); }

static int sync_with(long call, int fd) {
  char path[PATH_MAX];
  struct stat now;
  if (!watched(fd, NULL, path)) return syscall(call, fd);
  pthread_mutex_lock(&lock);
  int error = operation(SYNC, path, fd, NULL, 0, 0);
  if (!error && !fstat(fd, &now) && S_ISDIR(now.st_mode)) synced_folder(path);
  if (!error) synced(fd);
  FINISH(error, 0); /* the machine goes on: only what this library undoes is lost */
}

int fsync(int fd) { return sync_with(SYS_fsync, fd); }
int fdatasync(int fd) { return sync_with(SYS_fdatasync, fd); }

static int truncate_to(int fd, off_t length) {
  char path[PATH_MAX];
  if (!watched(fd, NULL, path)) return syscall(SYS_ftruncate, fd, length);
  pthread_mutex_lock(&lock);
  int error = operation(TRUNCATE, path, fd, NULL, 0, 0);
  if (!error) keep(fd, length, LLONG_MAX);
  FINISH(error, syscall(SYS_ftruncate, fd, length));
}

int ftruncate(int fd, off_t length) { return truncate_to(fd, length); }
int ftruncate64(int fd, off64_t length) { return truncate_to(fd, length); }

static int open_at(int folder, const char *name, int flags, mode_t mode) {
  char path[PATH_MAX];
  int makes = flags & O_CREAT && watched(folder, name, path) && syscall(SYS_faccessat, AT_FDCWD, path, F_OK);
  if (makes) {
    pthread_mutex_lock(&lock);
    int error = operation(CREATE, path, -1, NULL, 0, 0);
    if (!error) note_entry(CREATE, path, NULL, NULL);
    FINISH(error, syscall(SYS_openat, folder, name, flags, mode));
  }
  if (!(flags & O_TRUNC) || !watched(folder, name, path)) return syscall(SYS_openat, folder, name, flags, mode);
  int fd = syscall(SYS_openat, folder, name, flags & ~O_TRUNC, mode);
  if (fd < 0 || !truncate_to(fd, 0)) return fd;
  syscall(SYS_close, fd);
  return -1;
}

#define OPEN(name, folder, ...)              \
  int name(__VA_ARGS__, int flags, ...) {    \
    va_list more;                            \
    va_start(more, flags);                   \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, int) : 0; \
    va_end(more);                            \
    return open_at(folder, path, flags, mode); \
  }
OPEN(open, AT_FDCWD, const char *path)
OPEN(open64, AT_FDCWD, const char *path)
OPEN(openat, folder, int folder, const char *path)
OPEN(openat64, folder, int folder, const char *path)

int mkdirat(int folder, const char *name, mode_t mode) {
  char path[PATH_MAX];
  if (!watched(folder, name, path) || !syscall(SYS_faccessat, AT_FDCWD, path, F_OK))
    return syscall(SYS_mkdirat, folder, name, mode);
  pthread_mutex_lock(&lock);
  int error = operation(MKDIR, path, -1, NULL, 0, 0);
  if (!error) note_entry(MKDIR, path, NULL, NULL);
  FINISH(error, syscall(SYS_mkdirat, folder, name, mode));
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* A second name for a file that is about to lose its own. */
static const char *second_name(const char *path) {
  static char kept[PATH_MAX + 32];
  snprintf(kept, sizeof kept, "%s/%ld", undo, number);
  return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, kept, 0) ? NULL : kept;
}

int unlinkat(int folder, const char *name, int flags) {
  char path[PATH_MAX];
  int dir = flags & AT_REMOVEDIR;
  if (!watched(folder, name, path) || syscall(SYS_faccessat, AT_FDCWD, path, F_OK))
    return syscall(SYS_unlinkat, folder, name, flags);
  pthread_mutex_lock(&lock);
  int error = operation(dir ? RMDIR : REMOVE, path, -1, NULL, 0, 0);
  const char *kept = error || dir ? NULL : second_name(path);
  if (!error && (dir || kept)) note_entry(dir ? RMDIR : REMOVE, path, NULL, kept);
  FINISH(error, syscall(SYS_unlinkat, folder, name, flags));
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int renameat(int from, const char *old, int to, const char *new) {
  char path[PATH_MAX], other[PATH_MAX];
  if (!watched(from, old, path) || !watched(to, new, other)) return syscall(SYS_renameat2, from, old, to, new, 0);
  pthread_mutex_lock(&lock);
  int error = operation(RENAME, other, -1, NULL, 0, 0);
  if (!error) note_entry(RENAME, path, other, second_name(other));
  FINISH(error, syscall(SYS_renameat2, from, old, to, new, 0));
}

int rename(const char *old, const char *new) { return renameat(AT_FDCWD, old, AT_FDCWD, new); }
