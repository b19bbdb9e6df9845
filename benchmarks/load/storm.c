/* A join storm: all are greeted, then all join one room, 64 at a time.

   It is over when everybody knows of everybody. Where a `joined` only counts those who were there
   (pychat), a member must have been told of all who were let in after it. In which order they were
   let in is the server's affair, but there has to be one: whoever was not told of by name to a
   member that counted k was among the first k. Then a few ask for the whole list. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASKING = 20, NAME_DIGITS = 5 };

static int storming;
static uint32_t asked, answered, wrong;

static void note_names(struct conn *c, const char *from, const char *end)
{
    static const char name[] = "\"name\":\"u";
    while ((from = memmem(from, (size_t)(end - from), name, sizeof name - 1))) {
        uint32_t index = 0;
        from += sizeof name - 1;
        for (int i = 0; i < NAME_DIGITS && from < end; i++)
            index = index * 10 + (uint32_t)(*from++ - '0');
        if (index >= conn_count)
            fail("connection %u was told of member %u, of %u", c->index, index, conn_count);
        c->known[index / 64] |= 1ull << index % 64;
    }
}

static size_t words(void)
{
    return (conn_count + 63) / 64;
}

void storm_joined(struct conn *c, const char *frame, size_t len)
{
    static const char count[] = "\"count\":";
    if (!storming)
        return;
    const char *at = memmem(frame, len, count, sizeof count - 1);
    c->counted = at ? (uint32_t)atoi(at + sizeof count - 1) : 0;
    memset(c->known, 0, words() * sizeof *c->known);
}

void storm_presence(struct conn *c, const char *frame, size_t len)
{
    tally.presences++;
    if (!storming)
        return;
    if (memmem(frame, len, "\"left\":", 7))
        fail("connection %u was told that somebody left", c->index);
    note_names(c, frame, frame + len);
}

static void ask(struct conn *c, uint32_t after)
{
    char name[32] = "", frame[256];
    if (after)
        sprintf(name, ",\"after\":\"u%05u\"", after - 1);
    int len = sprintf(frame + 4, "{\"type\":\"members\",\"id\":3,\"room\":\"r%u\",\"limit\":1000%s}",
                      c->room, name);
    frame[0] = frame[1] = frame[2] = 0;
    frame[3] = (char)len;
    net_write(c, frame, (size_t)len + 4);
    asked++;
}

/* A page of those by name, from `listed` on; the next is asked for until there is none. */
void storm_members(struct conn *c, const char *frame, size_t len)
{
    uint32_t missing = 0, end = c->listed + 1000;
    note_names(c, frame, frame + len);
    for (uint32_t i = c->listed; i < conn_count && i < end; i++)
        missing += !(c->known[i / 64] >> i % 64 & 1);
    wrong += missing;
    answered++;
    c->listed = end;
    int more = memmem(frame, len, "\"more\":true", 11) != NULL;
    if (more != (end < conn_count))
        wrong++;
    else if (more)
        ask(c, end);
}

/* Whether there is an order of being let in that fits what each member counted and was told. */
static int lists_are_right(void)
{
    uint32_t *first = calloc(conn_count + 1, sizeof *first); /* how many must be in the first k */
    uint32_t *within = malloc(conn_count * sizeof *within);
    int right = 1;
    for (uint32_t i = 0; i < conn_count; i++)
        within[i] = conn_count;
    for (uint32_t i = 0; i < conn_count; i++) {
        const struct conn *c = &conns[i];
        for (uint32_t other = 0; other < conn_count; other++)
            if (!(c->known[other / 64] >> other % 64 & 1) && c->counted < within[other])
                within[other] = c->counted;
    }
    for (uint32_t i = 0; i < conn_count; i++)
        first[within[i]]++;
    for (uint32_t k = 0, sum = 0; k <= conn_count; k++) {
        sum += first[k];
        right &= sum <= k;
    }
    free(first);
    free(within);
    return right;
}

static int all_know_all(void)
{
    uint64_t n = conn_count;
    switch (opt.protocol->presence) {
    case TOLD_AFTER:
        return tally.presences >= n * (n + 1) / 2;
    case TOLD_ALL:
        return tally.presences >= n * n;
    case COUNTED:
        return lists_are_right();
    default:
        fail("%s does not tell who joins", opt.protocol->name);
    }
}

static void check_lists(void)
{
    storming = 1;
    for (uint32_t i = 0; i < ASKING; i++) {
        struct conn *c = &conns[(uint64_t)i * conn_count / ASKING];
        memset(c->known, 0, words() * sizeof *c->known);
        ask(c, 0);
    }
    while (answered < asked)
        net_turn(100);
}

void run_storm(void)
{
    for (uint32_t i = 0; i < conn_count; i++)
        conns[i].known = calloc(words(), sizeof *conns[i].known);
    enter_all(GREETED, opt.at_once);
    storming = 1;
    double server = cpu_of(opt.pid), own = cpu_of(0);
    uint64_t from = now_ns(), look = 0;
    enter_all(JOINED, 64);
    double joining = (double)(now_ns() - from) / 1e9;
    for (;;) {
        net_turn(20);
        if (now_ns() < look)
            continue;
        if (all_know_all())
            break;
        look = now_ns() + 50000000u;
    }
    server = cpu_of(opt.pid) - server;
    double seconds = (double)(now_ns() - from) / 1e9;
    own = cpu_of(0) - own;
    if (opt.protocol->presence == COUNTED)
        check_lists();
    printf("{\"seconds\":%.6f,\"joining\":%.6f,\"server_cpu\":%.6f,\"own_cpu\":%.6f,"
           "\"lists_asked\":%u,\"lists_wrong\":%u,",
           seconds, joining, server, own, asked, wrong);
    print_common();
    printf("}\n");
}
