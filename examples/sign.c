/* Signs a request and sends it with libcurl, for programs that keep their own HTTP stack. Settings
 * come from the environment: DIYALOG_ENDPOINT (without a path here), DIYALOG_ACCESS_KEY_ID,
 * DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID.
 *
 *   cc sign.c -ldiyalog -lcurl -o sign
 *   ./sign /v1/application/iscustomerinonlinehelp '{"customerId": "70022"}'
 */

#include <curl/curl.h>
#include <diyalog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Header values have at most 8 KiB. */
#define LINE_SIZE (9 * 1024)

static struct curl_slist *with_header(struct curl_slist *headers, const char *name, const char *value) {
  char line[LINE_SIZE];
  snprintf(line, sizeof line, "%s: %s", name, value);
  return curl_slist_append(headers, line);
}

/* Sends the body with the signature, and prints the response. */
static int send_signed(const char *url, const char *body, const diyalog_signed_headers *signature) {
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  CURL *curl = curl_easy_init();
  CURLcode code;
  long status = 0;

  headers = with_header(headers, "x-dlg-date", signature->date);
  headers = with_header(headers, "x-dlg-requester-userid", signature->requester_user_id);
  headers = with_header(headers, "x-dlg-authorization", signature->authorization);
  curl_easy_setopt(curl, CURLOPT_URL, url);
  /* The path is signed as it is: libcurl must not shorten /../ in it. */
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 10000L);
  code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  printf("\n");
  if (code != CURLE_OK) {
    fprintf(stderr, "%s\n", curl_easy_strerror(code));
  } else if (status != 200) {
    fprintf(stderr, "status %ld\n", status);
  }
  curl_easy_cleanup(curl);
  curl_slist_free_all(headers);
  return code == CURLE_OK && status == 200 ? 0 : 1;
}

int main(int argc, char **argv) {
  diyalog_config *config = diyalog_config_new();
  diyalog_client *client = NULL;
  diyalog_signed_headers signature = DIYALOG_SIGNED_HEADERS_INIT;
  diyalog_error *error = NULL;
  const char *endpoint = getenv(diyalog_config_variable("endpoint"));
  char url[2048];
  int result = 1;

  if (argc != 3 || endpoint == NULL) {
    fprintf(stderr, "usage: DIYALOG_ENDPOINT=https://HOST sign PATH JSON\n");
  } else if (diyalog_config_load_env(config, &error) != DIYALOG_OK ||
             diyalog_client_new(config, &client, &error) != DIYALOG_OK ||
             diyalog_client_sign(client, "POST", argv[1], argv[2], strlen(argv[2]), NULL, &signature,
                                 &error) != DIYALOG_OK) {
    fprintf(stderr, "error %d: %s\n", (int)diyalog_error_code(error), diyalog_error_message(error));
  } else {
    snprintf(url, sizeof url, "%s%s", endpoint, argv[1]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    result = send_signed(url, argv[2], &signature);
    curl_global_cleanup();
  }
  diyalog_signed_headers_clear(&signature);
  diyalog_error_free(error);
  diyalog_client_free(client);
  diyalog_config_free(config);
  return result;
}
