/* The load generator: one process, one epoll loop, many members. See load.c for its options. */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { STAMP_BYTES = 30, MAX_BODY = 4096, MAX_FRAME = 8192, READ_BYTES = 256 * 1024 };

enum state { CLOSED, CONNECTING, SHAKING, GREETING, GREETED, JOINING, JOINED };

struct conn {
    int fd;
    void *tls;            /* NULL on a plain connection */
    enum state state;
    uint32_t index, room;
    int step;             /* how far a greeting of several steps has come */
    int wants_out;        /* EPOLLOUT is asked for */
    int observes;         /* its messages are looked into */
    uint32_t sends;       /* what it has said */
    char *rest, *out;     /* a frame that is not complete yet; what the socket did not take */
    size_t rest_len, rest_cap, out_len, out_cap;
    uint64_t *known;      /* join storm: of whom it was told by name, a bit each */
    uint32_t counted;     /* join storm: the members whom its `joined` counted */
    uint32_t listed;      /* join storm: how far it has read the list of members */
};

/* How members hear of each other: not at all; each is told of itself and of those who come after
   it; of everybody; or gets a count of those before it, and the others by name. */
enum presence { UNTOLD, TOLD_AFTER, TOLD_ALL, COUNTED };

/* What a protocol is to the generator. Each writer fills `out` (MAX_FRAME bytes) and returns its
   length. `parse` takes whole frames off the front of `data` and returns how much it took. */
struct protocol {
    const char *name;
    int echoes;           /* a sender gets its own message */
    int confirms;         /* a sender gets a reply to each message */
    enum presence presence;
    size_t (*hello)(struct conn *, char *out);
    size_t (*join)(struct conn *, char *out);
    size_t (*say)(struct conn *, char *out, const char *body, size_t len);
    size_t (*parse)(struct conn *, char *data, size_t len);
};

extern const struct protocol pychat_protocol, irc_protocol, nats_protocol, resp_protocol,
    xmpp_protocol;

struct options {
    const char *mode, *host;
    const struct protocol *protocol;
    int port, rooms, members, senders, in_flight, rate, body, pid, plain_acks, at_once, tls;
    double warmup, measure, settle, limit;
};
extern struct options opt;

struct tally {
    uint64_t deliveries, reads, sends, confirmed, closed, disorder, presences;
};
extern struct tally tally;

extern struct conn *conns;
extern uint32_t conn_count;

/* clock.c */
uint64_t now_ns(void);
double cpu_of(int pid);       /* seconds of user and system time, all threads; pid 0: our own */

/* histogram.c */
void record_latency(uint64_t ns);
void print_latencies(void);

/* net.c */
void net_open(void);
void net_launch(struct conn *);
void net_write(struct conn *, const char *data, size_t len);
void net_turn(int timeout_ms);
void net_timer(uint64_t at_ns);
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* tls.c */
void tls_start(struct conn *);
int tls_shake(struct conn *);
ssize_t tls_read(struct conn *, char *to, size_t len);
ssize_t tls_write(struct conn *, const char *data, size_t len);

/* run.c: what parsers tell */
void greeted(struct conn *);
void joined(struct conn *);
void observed(struct conn *, const char *frame, size_t len);
static inline void delivered(struct conn *c, const char *frame, size_t len)
{
    tally.deliveries++;
    if (c->observes)
        observed(c, frame, len);
}
void run_idle(void);
void run_talk(void);

/* storm.c */
void storm_joined(struct conn *, const char *frame, size_t len);
void storm_presence(struct conn *, const char *frame, size_t len);
void storm_members(struct conn *, const char *frame, size_t len);
void run_storm(void);

void enter_all(enum state goal, int at_once);
void print_common(void);

#endif
