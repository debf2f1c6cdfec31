/* Every mode of diyalog-hostile ends with the code of tests/hostile.table, and the same client then
 * makes a correct lookup.
 *
 * DIYALOG_SCRATCH is a folder with hostile-list, the output of the program, which run.sh starts, and
 * with a folder that has its CA certificate and a name with letters beyond ASCII. */

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The timeout for modes that never end. The others have as long as valgrind needs. */
#define SHORT_MS 300
#define LONG_MS 60000

#define TEXT 512

static char ca_file[TEXT];

static const char *needed(const char *variable) {
  const char *value = getenv(variable);
  if (value == NULL) {
    fprintf(stderr, "%s is not set; run tests/c/run.sh\n", variable);
    exit(2);
  }
  return value;
}

static FILE *opened(const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    perror(path);
    exit(2);
  }
  return file;
}

/* Finds the line that begins with this word. Returns the rest of the line, or 0. */
static int find(const char *path, const char *word, char *rest) {
  FILE *file = opened(path);
  char line[TEXT], first[TEXT];
  int found = 0;

  while (!found && fgets(line, sizeof line, file) != NULL) {
    found = sscanf(line, "%511s %511s", first, rest) == 2 && strcmp(first, word) == 0;
  }
  fclose(file);
  return found;
}

static diyalog_client *client_at(const char *url) {
  diyalog_config *config = sandbox_config();

  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, url, &error));
  CHECK_SUCCEEDED(diyalog_config_set_ca_file(config, ca_file, &error));
  CHECK_SUCCEEDED(diyalog_config_set_system_trust(config, 0, &error));
  CHECK_SUCCEEDED(diyalog_config_set_timeout_ms(config, LONG_MS, &error));
  return client_of(config);
}

static int32_t look_up(const diyalog_client *client, const char *customer_id, uint32_t timeout_ms,
                       diyalog_error **error) {
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  diyalog_help_status before = status;
  char expected[TEXT];
  int32_t code;

  options.timeout_ms = timeout_ms;
  code = diyalog_client_is_customer_in_online_help(client, customer_id, &options, &status, error);
  if (code == DIYALOG_OK) {
    snprintf(expected, sizeof expected, "staff-of-%s", customer_id);
    CHECK_TEXT(status.staff_id, expected);
    CHECK_NUMBER(status.is_in_help, 1);
    CHECK_NUMBER(status.help_type, DIYALOG_HELP_TYPE_INBOUND);
    diyalog_help_status_clear(&status);
  } else {
    CHECK(memcmp(&status, &before, sizeof status) == 0);
  }
  return code;
}

/* Checks that the same client makes a correct lookup after the mode. */
static void after(const char *mode, const diyalog_client *client, const char *customer_id) {
  diyalog_error *error = NULL;
  int32_t code = look_up(client, customer_id, LONG_MS, &error);

  check_succeeded(code, error, mode, __FILE__, __LINE__);
}

static void meet(const char *mode, const char *url, int32_t expected) {
  diyalog_client *client = client_at(url);
  diyalog_error *error = NULL;
  uint32_t timeout_ms = expected == DIYALOG_ERROR_TIMEOUT ? SHORT_MS : LONG_MS;
  int32_t code = look_up(client, "70022", timeout_ms, &error);
  const char *message = diyalog_error_message(error);

  check_number(code, expected, mode, __FILE__, __LINE__);
  if (code != expected) {
    printf("  %s\n", message);
  }
  CHECK_NUMBER(diyalog_error_code(error), expected);
  CHECK((error == NULL) == (expected == DIYALOG_OK));
  CHECK_CONTAINS(message, expected == DIYALOG_OK ? "" : "127.0.0.1");
  CHECK(strstr(message, SECRET) == NULL && strstr(message, "DLGA") == NULL);
  diyalog_error_free(error);

  after(mode, client, "70023");
  after(mode, client, "70024");
  diyalog_client_free(client);
}

void test_hostile(void) {
  const char *table_path = "tests/hostile.table";
  char list[TEXT], line[TEXT], mode[TEXT], code[TEXT], url[TEXT];
  int modes = 0, met = 0;
  FILE *lines;

  snprintf(ca_file, sizeof ca_file, "%s/\xc5\x9f" "ube/hostile-ca.pem", needed("DIYALOG_SCRATCH"));
  snprintf(list, sizeof list, "%s/hostile-list", needed("DIYALOG_SCRATCH"));
  lines = opened(list);
  while (fgets(line, sizeof line, lines) != NULL && sscanf(line, "%511s %511s", mode, url) == 2) {
    modes++;
    if (find(table_path, mode, code)) {
      met++;
      meet(mode, url, (int32_t)atoi(code));
    }
  }
  fclose(lines);
  CHECK(modes > 200);
  CHECK_NUMBER(met, modes);
}
