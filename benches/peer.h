/* What every C client of the comparison implements; peer.c runs it. */

#ifndef PEER_H
#define PEER_H

/* The sandbox's access key and the requester, which every client uses. */
#define ACCESS_KEY_ID "1234567-8ABC-DEF0-5432-56712ABCDEF5"
#define ACCESS_KEY_SECRET "s3cr3t-access-key"
#define REQUESTER_USER_ID "45186"
#define LOOKUP_PATH "/v1/application/iscustomerinonlinehelp"
#define TIMEOUT_MS 10000

typedef struct peer peer;

/* The result of a lookup, in typed fields. */
typedef struct {
  int is_in_help;
  char help_type[16];
  char staff_id[64];
} peer_answer;

/* Whether all threads share one client, or each has its own. */
extern const int peer_is_shared;

/* ca_file: the certificates to trust, alone; NULL for plain HTTP. */
peer *peer_open(const char *url, const char *ca_file);

/* Signs, sends, and reads the response. Returns 1, or 0 on failure. */
int peer_look_up(peer *with, const char *customer_id, peer_answer *answer);

void peer_close(peer *used);

#endif
