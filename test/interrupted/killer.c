/*
 * Ends the process, or refuses the call, at the KILL_AT-th call of the kinds that KILL_ON names: rename, write (to regular
 * files), mkdir, fsync, unlink. KILL_MODE=fail refuses; anything else ends by SIGKILL, before the call.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static int calls = 0;

static int is_hit(const char *name) {
  const char *at = getenv("KILL_AT"), *on = getenv("KILL_ON"), *mode = getenv("KILL_MODE");
  if (!at || !on || !strstr(on, name)) return 0;
  if (__sync_add_and_fetch(&calls, 1) != atol(at)) return 0;
  if (mode && !strcmp(mode, "fail")) return 1;
  kill(getpid(), SIGKILL);
  pause();
  return 0;
}

static int is_file(int fd) {
  struct stat found;
  return fd > 2 && fstat(fd, &found) == 0 && S_ISREG(found.st_mode);
}

#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, #name))
#define REFUSE(code) \
  do {               \
    errno = code;    \
    return -1;       \
  } while (0)

int rename(const char *from, const char *to) {
  if (is_hit("rename")) REFUSE(EPERM);
  return NEXT(int (*)(const char *, const char *), rename)(from, to);
}

int fsync(int fd) {
  if (is_hit("fsync")) REFUSE(EIO);
  return NEXT(int (*)(int), fsync)(fd);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  if (is_file(fd) && is_hit("write")) REFUSE(ENOSPC);
  return NEXT(ssize_t(*)(int, const void *, size_t), write)(fd, bytes, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at) {
  if (is_file(fd) && is_hit("write")) REFUSE(ENOSPC);
  return NEXT(ssize_t(*)(int, const void *, size_t, off_t), pwrite64)(fd, bytes, count, at);
}

int mkdir(const char *path, mode_t mode) {
  if (is_hit("mkdir")) REFUSE(EACCES);
  return NEXT(int (*)(const char *, mode_t), mkdir)(path, mode);
}

int unlink(const char *path) {
  if (is_hit("unlink")) REFUSE(EACCES);
  return NEXT(int (*)(const char *), unlink)(path);
}
