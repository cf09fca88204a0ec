/* Preloaded into the server, this counts what it does to the disk below FAULT_ROOT, and at operation FAULT_AT

     kill            ends the process: half of a write is done, of anything else nothing;
     power, reorder  ends the process as a power failure does: what was not synced is undone, all of it or, as a disk
                     may write in any order, a part of it (4 KiB blocks and folder entries, chosen by FAULT_SEED);
     enospc, eio     lets this operation and the next FAULT_COUNT - 1 fail; enospc only those that need room. With
                     FAULT_EVERY, from FAULT_AT on one operation of so many fails, chosen by FAULT_SEED.

   FAULT_TRACE gets a line for each operation: its number, what it is, on which file. Removed files and the like are
   kept in "FAULT_ROOT.undo". Left out are SQLite's shared memory, which a start makes anew, the lock and the log.
   Linux on 64 bits only. The real work is done by raw system calls. */
#ifndef FAULTS_H
#define FAULTS_H

#include <sys/types.h>

enum op { CREATE, MKDIR, WRITE, TRUNCATE, SYNC, RENAME, REMOVE, RMDIR };

#pragma GCC visibility push(hidden) /* the server's own libraries must not meet these names */

/* faults.c: what is watched, and what happens at which operation. */
void fail(const char *what);
int watched(int folder, const char *name, char *path);
int operation(enum op op, const char *path, int fd, const void *bytes, size_t length, off_t at);
int survives(void);
const char *undo_folder(void);
const char *second_name(const char *path);

/* unsynced.c: what a power failure undoes. */
void keep(int fd, off_t from, off_t to);
void synced(int fd);
void note_entry(enum op op, const char *path, const char *other, const char *kept);
void synced_folder(const char *folder);
void power_fails(void);

#pragma GCC visibility pop

#endif
