/* NATS core: MSG subject sid length, then the body. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t hello(struct conn *c, char *out)
{
    (void)c;
    return (size_t)sprintf(out, "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":true,"
                                "\"lang\":\"c\",\"version\":\"1\",\"protocol\":1}\r\nPING\r\n");
}

static size_t join(struct conn *c, char *out)
{
    return (size_t)sprintf(out, "SUB r%u 1\r\nPING\r\n", c->room);
}

static size_t say(struct conn *c, char *out, const char *body, size_t len)
{
    return (size_t)sprintf(out, "PUB r%u %zu\r\n%.*s\r\n", c->room, len, (int)len, body);
}

static size_t parse(struct conn *c, char *data, size_t len)
{
    size_t at = 0;
    for (;;) {
        char *line = data + at, *end = memchr(line, '\n', len - at);
        if (!end)
            return at;
        size_t size = (size_t)(end - line) + 1;
        if (!memcmp(line, "MSG ", 4)) {
            char *length = end - 2;
            while (length[-1] != ' ')
                length--;
            size_t body = (size_t)atoi(length) + 2;
            if (len - at < size + body)
                return at;
            delivered(c, end + 1, body - 2);
            size += body;
        } else if (!memcmp(line, "PING", 4)) {
            net_write(c, "PONG\r\n", 6);
        } else if (!memcmp(line, "PONG", 4)) {
            if (c->state == GREETING)
                greeted(c);
            else if (c->state == JOINING)
                joined(c);
        } else if (!memcmp(line, "-ERR", 4)) {
            fail("connection %u was told %.*s", c->index, (int)size, line);
        }
        at += size;
    }
}

const struct protocol nats_protocol = {"nats", 1, 0, UNTOLD, hello, join, say, parse};
