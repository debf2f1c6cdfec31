/* The lookup as a careful C or C++ developer writes it: one reused libcurl easy handle, OpenSSL's HMAC,
 * cJSON. */

#include "peer.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_ANSWER = 64 * 1024, MAX_SIGNED = 1024, MAX_HEADER = 256 };

const int peer_is_shared = 0;

struct peer {
  CURL *handle;
  char *received; /* kept from call to call, as a std::string would be */
  size_t length, capacity;
};

static size_t keep(char *bytes, size_t size, size_t count, void *receiver) {
  peer *with = receiver;
  size_t added = size * count, needed = with->length + added + 1;

  if (needed > MAX_ANSWER) {
    return 0;
  }
  if (needed > with->capacity) {
    char *grown = realloc(with->received, 2 * needed);
    if (grown == NULL) {
      return 0;
    }
    with->received = grown;
    with->capacity = 2 * needed;
  }
  memcpy(with->received + with->length, bytes, added);
  with->length += added;
  return added;
}

peer *peer_open(const char *url, const char *ca_file) {
  peer *opened = calloc(1, sizeof *opened);
  char lookup_url[MAX_HEADER];

  curl_global_init(CURL_GLOBAL_DEFAULT);
  snprintf(lookup_url, sizeof lookup_url, "%s%s", url, LOOKUP_PATH);
  opened->handle = curl_easy_init();
  curl_easy_setopt(opened->handle, CURLOPT_URL, lookup_url);
  curl_easy_setopt(opened->handle, CURLOPT_PROXY, ""); /* not even from the environment */
  curl_easy_setopt(opened->handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(opened->handle, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
  curl_easy_setopt(opened->handle, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(opened->handle, CURLOPT_WRITEDATA, opened);
  if (ca_file != NULL) {
    curl_easy_setopt(opened->handle, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(opened->handle, CURLOPT_CAPATH, NULL);
  }
  return opened;
}

/* {"customerId":"70022"}, to be freed by cJSON_free. */
static char *request_body(const char *customer_id) {
  cJSON *request = cJSON_CreateObject();
  char *body;

  cJSON_AddStringToObject(request, "customerId", customer_id);
  body = cJSON_PrintUnformatted(request);
  cJSON_Delete(request);
  return body;
}

static void sign(const char *date, const char *body, char *signature) {
  char text[MAX_SIGNED];
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int mac_length = 0;
  int length = snprintf(text, sizeof text, "POST\napplication/json\n%s\n%s\n%s", date, body,
                        LOOKUP_PATH);

  HMAC(EVP_sha256(), ACCESS_KEY_SECRET, sizeof ACCESS_KEY_SECRET - 1, (unsigned char *)text,
       (size_t)length, mac, &mac_length);
  EVP_EncodeBlock((unsigned char *)signature, mac, (int)mac_length);
}

/* To be freed by curl_slist_free_all. */
static struct curl_slist *signed_headers(const char *body) {
  char date[64], header[MAX_HEADER], signature[EVP_MAX_MD_SIZE * 2];
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  time_t now = time(NULL);
  struct tm utc;

  strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &utc));
  sign(date, body, signature);
  snprintf(header, sizeof header, "x-dlg-date: %s", date);
  headers = curl_slist_append(headers, header);
  headers = curl_slist_append(headers, "x-dlg-requester-userid: " REQUESTER_USER_ID);
  snprintf(header, sizeof header, "x-dlg-authorization: DLGA " ACCESS_KEY_ID ":%s", signature);
  return curl_slist_append(headers, header);
}

/* Posts the body and receives the response, which has to have status 200. */
static int exchange(peer *with, const char *body) {
  struct curl_slist *headers = signed_headers(body);
  CURLcode result;
  long status = 0;

  with->length = 0;
  curl_easy_setopt(with->handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(with->handle, CURLOPT_POSTFIELDS, body);
  result = curl_easy_perform(with->handle);
  curl_easy_getinfo(with->handle, CURLINFO_RESPONSE_CODE, &status);
  curl_slist_free_all(headers);
  if (result != CURLE_OK || status != 200) {
    fprintf(stderr, "%s, status %ld\n", curl_easy_strerror(result), status);
    return 0;
  }
  return 1;
}

static void copy_text(const cJSON *from, const char *name, char *to, size_t size) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(from, name));

  snprintf(to, size, "%s", text ? text : "");
}

static int read_answer(const char *json, size_t length, peer_answer *answer) {
  cJSON *object = cJSON_ParseWithLength(json, length);
  const cJSON *is_in_help = cJSON_GetObjectItemCaseSensitive(object, "isInHelp");
  int is_answer = cJSON_IsBool(is_in_help);

  if (is_answer) {
    answer->is_in_help = cJSON_IsTrue(is_in_help);
    copy_text(object, "helpType", answer->help_type, sizeof answer->help_type);
    copy_text(object, "staffId", answer->staff_id, sizeof answer->staff_id);
  }
  cJSON_Delete(object);
  return is_answer;
}

int peer_look_up(peer *with, const char *customer_id, peer_answer *answer) {
  char *body = request_body(customer_id);
  int received = exchange(with, body);

  cJSON_free(body);
  return received && read_answer(with->received, with->length, answer);
}

void peer_close(peer *used) {
  curl_easy_cleanup(used->handle);
  free(used->received);
  free(used);
}
