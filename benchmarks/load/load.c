/* load MODE --protocol P --port N [options]: members who talk, idle or storm in; one JSON line.

   talk    --rooms R --members M --senders S, and --in-flight K (closed loop) or --rate N (open
           loop, messages a second in all); --warmup, --measure, --settle in seconds
   idle    --members M: connect and greet, print, hold until stdin ends
   storm   --members M: greet all, then all join one room, 64 at a time

   Closed loop: a sender's next message goes out when its observer, a fixed other member of its
   room, has got the last one but K-1. Open loop: latency counts from when a message was due.
   --at-once N: connections that are being made and greeted at one time.
   --pid P: the server, whose CPU time is read at both ends of the window. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options opt = {.mode = "talk", .host = "127.0.0.1", .rooms = 1, .members = 100,
                      .senders = 10, .body = 100, .at_once = 128, .warmup = 1, .measure = 3, .settle = 0.2,
                      .limit = 60};
struct tally tally;
struct conn *conns;
uint32_t conn_count;

static const struct protocol *protocol_named(const char *name)
{
    const struct protocol *all[] = {&pychat_protocol, &irc_protocol, &nats_protocol,
                                    &resp_protocol, &xmpp_protocol};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i]->name, name))
            return all[i];
    fail("there is no protocol %s", name);
}

static void set(const char *name, const char *value)
{
    struct { const char *name; int *to; } whole[] = {
        {"--port", &opt.port}, {"--rooms", &opt.rooms}, {"--members", &opt.members},
        {"--senders", &opt.senders}, {"--in-flight", &opt.in_flight}, {"--rate", &opt.rate},
        {"--body", &opt.body}, {"--pid", &opt.pid}, {"--plain-acks", &opt.plain_acks},
        {"--at-once", &opt.at_once}, {"--tls", &opt.tls}};
    struct { const char *name; double *to; } real[] = {
        {"--warmup", &opt.warmup}, {"--measure", &opt.measure}, {"--settle", &opt.settle},
        {"--limit", &opt.limit}};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (!strcmp(whole[i].name, name)) {
            *whole[i].to = atoi(value);
            return;
        }
    for (size_t i = 0; i < sizeof real / sizeof *real; i++)
        if (!strcmp(real[i].name, name)) {
            *real[i].to = atof(value);
            return;
        }
    if (!strcmp(name, "--protocol"))
        opt.protocol = protocol_named(value);
    else if (!strcmp(name, "--host"))
        opt.host = value;
    else
        fail("there is no option %s", name);
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc % 2)
        fail("usage: load talk|idle|storm --protocol P --port N [--option value ...]");
    opt.mode = argv[1];
    for (int i = 2; i < argc; i += 2)
        set(argv[i], argv[i + 1]);
    if (!opt.protocol || !opt.port)
        fail("--protocol and --port are needed");
    if (opt.body < STAMP_BYTES || opt.body > MAX_BODY)
        fail("--body is %d; it may be %d to %d", opt.body, STAMP_BYTES, MAX_BODY);
    if (opt.members < 2 * opt.senders && !strcmp(opt.mode, "talk"))
        fail("%d senders need as many observers: --members is %d", opt.senders, opt.members);
    alarm((unsigned)opt.limit);
    conn_count = (uint32_t)(opt.rooms * opt.members);
    conns = calloc(conn_count, sizeof *conns);
    for (uint32_t i = 0; i < conn_count; i++) {
        conns[i].index = i;
        conns[i].room = i / (uint32_t)opt.members;
    }
    net_open();
    if (!strcmp(opt.mode, "idle"))
        run_idle();
    else if (!strcmp(opt.mode, "storm"))
        run_storm();
    else
        run_talk();
    return 0;
}
