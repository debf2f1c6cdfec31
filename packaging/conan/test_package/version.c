#include <diyalog.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  printf("diyalog %s\n", diyalog_version());
  return strcmp(diyalog_version(), DIYALOG_VERSION) == 0 ? 0 : 1;
}
