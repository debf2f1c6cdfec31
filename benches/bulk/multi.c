/* The same lookups by curl_multi with as many transfers. Signing and reading are libcurl.c's. */

#include "../libcurl.c"

#include "bulk.h"

struct transfer {
  peer *with;
  char *body;
  struct curl_slist *headers;
};

static void begin(CURLM *multi, struct transfer *transfer) {
  peer *with = transfer->with;
  with->length = 0;
  transfer->body = request_body("70022");
  transfer->headers = signed_headers(transfer->body);
  curl_easy_setopt(with->handle, CURLOPT_HTTPHEADER, transfer->headers);
  curl_easy_setopt(with->handle, CURLOPT_POSTFIELDS, transfer->body);
  curl_easy_setopt(with->handle, CURLOPT_PRIVATE, transfer);
  curl_multi_add_handle(multi, with->handle);
}

static int finish(CURLM *multi, struct transfer *transfer) {
  peer_answer answer;
  curl_multi_remove_handle(multi, transfer->with->handle);
  curl_slist_free_all(transfer->headers);
  cJSON_free(transfer->body);
  return read_answer(transfer->with->received, transfer->with->length, &answer) &&
         answer.is_in_help;
}

int main(int argc, char **argv) {
  struct run run = start(argc, argv);
  CURLM *multi = curl_multi_init();
  struct transfer *transfers = calloc((size_t)run.in_flight, sizeof *transfers);
  long started = 0, ended = 0, answered = 0, i;

  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, run.in_flight);
  for (i = 0; i < run.in_flight && i < run.lookups; i++) {
    transfers[i].with = peer_open(run.url, NULL);
    begin(multi, &transfers[i]);
    started++;
  }
  while (ended < run.lookups) {
    CURLMsg *message;
    int running, queued;
    curl_multi_perform(multi, &running);
    while ((message = curl_multi_info_read(multi, &queued)) != NULL) {
      struct transfer *transfer;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
      answered += finish(multi, transfer);
      ended++;
      if (started < run.lookups) {
        begin(multi, transfer);
        started++;
      }
    }
    if (running > 0) {
      curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
  }
  report(&run, answered);
  return 0;
}
