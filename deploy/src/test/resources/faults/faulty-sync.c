/*
 * Preloaded into the broker: fsync and fdatasync do what the file named by FAULTY_SYNC says, which
 * is empty, "fail" or "slow". Every call that was hit adds a byte to that file's name with ".hits".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SLOW_MICROS 1500000

static int hit(void) {
  char order = 0;
  char hits[4096];
  const char *control = getenv("FAULTY_SYNC");
  int file = control == NULL ? -1 : open(control, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return 0;
  }
  if (read(file, &order, 1) != 1) {
    order = 0;
  }
  close(file);
  if (order == 0) {
    return 0;
  }
  snprintf(hits, sizeof hits, "%s.hits", control);
  file = open(hits, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file >= 0) {
    if (write(file, &order, 1) != 1) {
      perror(hits);
    }
    close(file);
  }
  if (order == 's') {
    usleep(SLOW_MICROS);
  }
  return order == 'f';
}

static int sync_with(const char *name, int descriptor) {
  if (hit()) {
    errno = EIO;
    return -1;
  }
  return ((int (*)(int))dlsym(RTLD_NEXT, name))(descriptor);
}

int fsync(int descriptor) { return sync_with("fsync", descriptor); }

int fdatasync(int descriptor) { return sync_with("fdatasync", descriptor); }
