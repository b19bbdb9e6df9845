/* Entering, idling, and talking: closed loop or open loop. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sender {
    struct conn *conn, *observer;
    uint32_t seen;    /* the last of its messages that its observer got */
    uint32_t credits; /* messages that it may send now */
    int queued;
};

static struct sender *senders;
static uint32_t sender_count;
static uint32_t *ready, ready_count; /* senders with credits */
static uint64_t window_from, window_to;
static uint32_t entered;
static int talking;

void greeted(struct conn *c)
{
    if (c->state == GREETING) {
        c->state = GREETED;
        entered++;
    }
}

void joined(struct conn *c)
{
    if (c->state == JOINING) {
        c->state = JOINED;
        entered++;
    }
}

static void start(struct conn *c, enum state goal)
{
    char join[MAX_FRAME];
    if (goal == GREETED) {
        net_launch(c);
    } else {
        c->state = JOINING;
        net_write(c, join, opt.protocol->join(c, join));
    }
}

/* Connect and greet, or join, all of them in order, at most `at_once` under way. */
void enter_all(enum state goal, int at_once)
{
    uint32_t started = 0;
    entered = 0;
    while (entered < conn_count) {
        while (started < conn_count && started - entered < (uint32_t)at_once)
            start(&conns[started++], goal);
        net_turn(100);
    }
}

static uint64_t hex(const char *p, int digits)
{
    uint64_t value = 0;
    for (int i = 0; i < digits; i++)
        value = value << 4 | (uint64_t)(p[i] <= '9' ? p[i] - '0' : p[i] - 'a' + 10);
    return value;
}

static void put_hex(char *p, uint64_t value, int digits)
{
    while (digits--) {
        p[digits] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
}

/* An observer got a message: when it was sent, by whom, and which it is stands in it. */
void observed(struct conn *c, const char *frame, size_t len)
{
    const char *stamp = memmem(frame, len, "~T", 2);
    if (!stamp || frame + len - stamp < STAMP_BYTES)
        fail("a message without a stamp: %.*s", (int)(len > 200 ? 200 : len), frame);
    uint64_t sent = hex(stamp + 2, 16);
    if (sent >= window_from && sent < window_to) {
        uint64_t now = now_ns();
        record_latency(now > sent ? now - sent : 0);
    }
    uint32_t from = (uint32_t)hex(stamp + 26, 4), seq = (uint32_t)hex(stamp + 18, 8);
    if (from >= sender_count)
        fail("a message of sender %u, of which there are %u", from, sender_count);
    struct sender *s = &senders[from];
    if (c != s->observer)
        return;
    if (seq != s->seen + 1)
        tally.disorder++;
    s->seen = seq;
    if (talking && opt.in_flight) {
        s->credits++;
        if (!s->queued) {
            s->queued = 1;
            ready[ready_count++] = from;
        }
    }
}

static size_t message(struct sender *s, char *out, uint64_t stamp)
{
    static char body[MAX_BODY];
    if (!*body)
        for (int i = 0; i < opt.body; i++)
            body[i] = "the quick brown fox jumps over the lazy dog; "[i % 45];
    body[0] = '~';
    body[1] = 'T';
    put_hex(body + 2, stamp, 16);
    put_hex(body + 18, ++s->conn->sends, 8);
    put_hex(body + 26, (uint64_t)(s - senders), 4);
    tally.sends++;
    return opt.protocol->say(s->conn, out, body, (size_t)opt.body);
}

/* What a sender may send at this moment goes out in one write. */
static void send_ready(void)
{
    static char out[64 * MAX_FRAME];
    for (uint32_t i = 0; i < ready_count; i++) {
        struct sender *s = &senders[ready[i]];
        size_t len = 0;
        while (s->credits && len < sizeof out - MAX_FRAME) {
            len += message(s, out + len, now_ns());
            s->credits--;
        }
        s->queued = 0;
        net_write(s->conn, out, len);
    }
    ready_count = 0;
}

/* Senders and, half way between two of them, their observers: spread over the order of joining. */
static void choose_senders(void)
{
    uint32_t each = (uint32_t)opt.senders, members = (uint32_t)opt.members;
    sender_count = each * (uint32_t)opt.rooms;
    senders = calloc(sender_count, sizeof *senders);
    ready = calloc(sender_count, sizeof *ready);
    for (uint32_t i = 0; i < sender_count; i++) {
        uint32_t room = i / each, k = i % each;
        struct conn *first = &conns[room * members];
        senders[i].conn = first + k * members / each;
        senders[i].observer = first + (2 * k + 1) * members / (2 * each);
        senders[i].observer->observes = 1;
    }
}

/* Send what the schedule says is due; its stamp is when it was due, so being late shows. */
static uint64_t keep_schedule(uint64_t from, uint64_t sent)
{
    uint64_t gap = 1000000000u / (uint64_t)opt.rate, due = from + sent * gap, now = now_ns();
    char out[MAX_FRAME];
    for (; due <= now; due += gap) {
        struct sender *s = &senders[sent++ % sender_count];
        net_write(s->conn, out, message(s, out, due));
    }
    net_timer(due);
    return sent;
}

static void talk_until(uint64_t end)
{
    static uint64_t from, sent;
    if (!from)
        from = now_ns();
    while (now_ns() < end) {
        if (opt.rate)
            sent = keep_schedule(from, sent);
        else
            send_ready();
        net_turn(10);
    }
}

void print_common(void)
{
    printf("\"confirms\":%d,\"confirmed\":%llu,\"closed\":%llu,\"disorder\":%llu,\"presences\":%llu",
           opt.protocol->confirms, (unsigned long long)tally.confirmed,
           (unsigned long long)tally.closed,
           (unsigned long long)tally.disorder, (unsigned long long)tally.presences);
}

static void pause_for(double seconds)
{
    uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);
    while (now_ns() < end)
        net_turn(20);
}

static uint64_t drain(void)
{
    uint64_t each = (uint64_t)(opt.members - !opt.protocol->echoes), due = tally.sends * each;
    uint64_t end = now_ns() + 5000000000u;
    uint64_t confirms = opt.protocol->confirms ? tally.sends : 0;
    while ((tally.deliveries < due || tally.confirmed < confirms) && now_ns() < end)
        net_turn(20);
    return due;
}

void run_talk(void)
{
    uint64_t begun = now_ns();
    enter_all(GREETED, opt.at_once);
    enter_all(JOINED, 16);
    pause_for(opt.settle);
    choose_senders();
    double entering = (double)(now_ns() - begun) / 1e9;
    if (!opt.rate)
        for (uint32_t i = 0; i < sender_count; i++) {
            senders[i].credits = (uint32_t)opt.in_flight;
            ready[ready_count++] = i;
        }
    talking = 1;
    window_from = now_ns() + (uint64_t)(opt.warmup * 1e9);
    window_to = window_from + (uint64_t)(opt.measure * 1e9);
    talk_until(window_from);
    struct tally before = tally;
    double server = cpu_of(opt.pid), own = cpu_of(0);
    uint64_t from = now_ns();
    talk_until(window_to);
    server = cpu_of(opt.pid) - server;
    own = cpu_of(0) - own;
    double seconds = (double)(now_ns() - from) / 1e9;
    struct tally after = tally;
    talking = 0;
    uint64_t due = drain();
    printf("{\"seconds\":%.6f,\"server_cpu\":%.6f,\"own_cpu\":%.6f,\"entering\":%.3f,"
           "\"sends\":%llu,\"deliveries\":%llu,\"reads\":%llu,\"all_sends\":%llu,\"all_deliveries\":%llu,"
           "\"all_due\":%llu,\"latency_ms\":{",
           seconds, server, own, entering, (unsigned long long)(after.sends - before.sends),
           (unsigned long long)(after.deliveries - before.deliveries),
           (unsigned long long)(after.reads - before.reads),
           (unsigned long long)tally.sends, (unsigned long long)tally.deliveries,
           (unsigned long long)due);
    print_latencies();
    printf("},");
    print_common();
    printf("}\n");
}

/* Connect and greet all, tell how long that took, and hold them until stdin ends. */
void run_idle(void)
{
    double server = cpu_of(opt.pid), own = cpu_of(0);
    uint64_t from = now_ns();
    enter_all(GREETED, opt.at_once);
    double seconds = (double)(now_ns() - from) / 1e9;
    printf("{\"seconds\":%.6f,\"server_cpu\":%.6f,\"own_cpu\":%.6f,\"connections\":%u}\n",
           seconds, cpu_of(opt.pid) - server, cpu_of(0) - own, conn_count);
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0)
        ;
}
