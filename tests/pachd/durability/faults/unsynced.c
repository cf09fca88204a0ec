/* What a power failure undoes: the old bytes of files since their last sync, the old names of folders since theirs. */
#define _GNU_SOURCE
#include "faults.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BLOCK = 4096, FILES = 4096, ENTRIES = 65536 };

struct block { off_t at; ssize_t length; char bytes[BLOCK]; };
struct file { dev_t device; ino_t inode; int fd, changed; off_t synced; size_t count; struct block *blocks; };
struct entry { enum op op; char *path, *other, *kept; };

static struct file files[FILES];
static struct entry entries[ENTRIES];
static int file_count, entry_count;

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
void keep(int fd, off_t from, off_t to) {
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

void synced(int fd) {
  struct file *file = file_of(fd);
  if (!file) return;
  free(file->blocks);
  file->blocks = NULL;
  file->count = file->changed = 0;
}

void note_entry(enum op op, const char *path, const char *other, const char *kept) {
  if (entry_count == ENTRIES) fail("too many entries");
  entries[entry_count++] = (struct entry){op, strdup(path), strdup(other ? other : ""), strdup(kept ? kept : "")};
}

void synced_folder(const char *folder) {
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
  snprintf(lost, sizeof lost, "%s/lost%d", undo_folder(), i);
  if (entry->op == CREATE || entry->op == MKDIR) move(entry->path, lost);
  if (entry->op == RENAME) move(entry->other, entry->path);
  if (entry->op == RMDIR) syscall(SYS_mkdirat, AT_FDCWD, entry->path, 0700);
  if (*entry->kept) move(entry->kept, entry->op == RENAME ? entry->other : entry->path); /* it comes back */
}

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

void power_fails(void) {
  for (int i = 0; i < file_count; i++) undo_file(&files[i]);
  for (int i = entry_count - 1; i >= 0; i--)
    if (!survives()) undo_entry(&entries[i], i);
}
