/* Fails or kills at the n-th event below a folder: an open for writing, a write, fsync, rename, unlink, mkdir, link.
 *
 *   cc -shared -fPIC -O1 -o shim.so shim.c -ldl;  LD_PRELOAD=shim.so python ...
 *
 * The process arms it through ctypes: shim_arm(folder, at, how), `at` 1 for the first event and 0 to count only, `how`
 * an errno, or -1 for SIGKILL. A fault is one event: what comes after it works again, as after a full disk is emptied.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[PATH_MAX];
static long at, count;
static int how;
static char names[1 << 16][8];

void shim_arm(const char *below, long n, int what) {
    count = 0;
    at = n;
    how = what;
    strncpy(folder, below, sizeof folder - 1);
}

long shim_count(void) { return count; }
const char *shim_name(long n) { return names[n & 0xffff]; }

static int hit(const char *name) {
    count++;
    strncpy(names[count & 0xffff], name, 7);
    if (count != at) return 0;
    if (how < 0) kill(getpid(), SIGKILL);
    errno = how;
    return 1;
}

static int below(const char *path) { return folder[0] && !strncmp(path, folder, strlen(folder)); }

static int path_hit(const char *name, int dir, const char *path) {
    char whole[2 * PATH_MAX], base[PATH_MAX], link[64];
    if (!folder[0] || !path) return 0;
    if (path[0] == '/') return below(path) && hit(name);
    if (dir == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return 0;
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length < 0) return 0;
        base[length] = 0;
    }
    snprintf(whole, sizeof whole, "%s/%s", base, path);
    return below(whole) && hit(name);
}

static int fd_hit(const char *name, int fd) {
    char path[PATH_MAX], link[64];
    if (!folder[0] || fd < 3) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path) && hit(name);
}

#define REAL(type, name, ...)                                   \
    static type (*real)(__VA_ARGS__);                           \
    int kept = errno;                                           \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name); \
    errno = kept

#define WRITES(flags) ((flags) & (O_CREAT | O_WRONLY | O_RDWR))
#define OPEN(name)                                              \
    int name(const char *path, int flags, ...) {                \
        REAL(int, name, const char *, int, ...);                \
        va_list list;                                           \
        va_start(list, flags);                                  \
        int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, int) : 0; \
        va_end(list);                                           \
        if (WRITES(flags) && path_hit("open", AT_FDCWD, path)) return -1; \
        return real(path, flags, mode);                         \
    }
#define OPENAT(name)                                            \
    int name(int dir, const char *path, int flags, ...) {       \
        REAL(int, name, int, const char *, int, ...);           \
        va_list list;                                           \
        va_start(list, flags);                                  \
        int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, int) : 0; \
        va_end(list);                                           \
        if (WRITES(flags) && path_hit("open", dir, path)) return -1; \
        return real(dir, path, flags, mode);                    \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    return fd_hit("write", fd) ? -1 : real(fd, data, size);
}
ssize_t sendfile(int out, int in, off_t *offset, size_t size) {
    REAL(ssize_t, sendfile, int, int, off_t *, size_t);
    return fd_hit("write", out) ? -1 : real(out, in, offset, size);
}
ssize_t sendfile64(int out, int in, off64_t *offset, size_t size) {
    REAL(ssize_t, sendfile64, int, int, off64_t *, size_t);
    return fd_hit("write", out) ? -1 : real(out, in, offset, size);
}
int fsync(int fd) {
    REAL(int, fsync, int);
    return fd_hit("fsync", fd) ? -1 : real(fd);
}
int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    return path_hit("rename", AT_FDCWD, to) ? -1 : real(from, to);
}
int renameat(int from_dir, const char *from, int to_dir, const char *to) {
    REAL(int, renameat, int, const char *, int, const char *);
    return path_hit("rename", to_dir, to) ? -1 : real(from_dir, from, to_dir, to);
}
int unlink(const char *path) {
    REAL(int, unlink, const char *);
    return path_hit("unlink", AT_FDCWD, path) ? -1 : real(path);
}
int unlinkat(int dir, const char *path, int flags) {
    REAL(int, unlinkat, int, const char *, int);
    return path_hit("unlink", dir, path) ? -1 : real(dir, path, flags);
}
int rmdir(const char *path) {
    REAL(int, rmdir, const char *);
    return path_hit("unlink", AT_FDCWD, path) ? -1 : real(path);
}
int mkdir(const char *path, mode_t mode) {
    REAL(int, mkdir, const char *, mode_t);
    return path_hit("mkdir", AT_FDCWD, path) ? -1 : real(path, mode);
}
int mkdirat(int dir, const char *path, mode_t mode) {
    REAL(int, mkdirat, int, const char *, mode_t);
    return path_hit("mkdir", dir, path) ? -1 : real(dir, path, mode);
}
int symlink(const char *target, const char *path) {
    REAL(int, symlink, const char *, const char *);
    return path_hit("link", AT_FDCWD, path) ? -1 : real(target, path);
}
int symlinkat(const char *target, int dir, const char *path) {
    REAL(int, symlinkat, const char *, int, const char *);
    return path_hit("link", dir, path) ? -1 : real(target, dir, path);
}
