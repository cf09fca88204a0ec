/* The calls of the C library that change a disk, intercepted. */
#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

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
