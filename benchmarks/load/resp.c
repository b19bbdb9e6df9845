/* Redis publish and subscribe over RESP3, where a subscriber may publish on its connection. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t hello(struct conn *c, char *out)
{
    (void)c;
    return (size_t)sprintf(out, "HELLO 3\r\nPING\r\n");
}

static size_t join(struct conn *c, char *out)
{
    return (size_t)sprintf(out, "SUBSCRIBE r%u\r\n", c->room);
}

static size_t say(struct conn *c, char *out, const char *body, size_t len)
{
    char room[16];
    int room_len = sprintf(room, "r%u", c->room);
    return (size_t)sprintf(out, "*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%s\r\n$%zu\r\n%.*s\r\n", room_len,
                           room, len, (int)len, body);
}

/* The length of a push of three strings, of which the last may be a number; 0 if not complete. */
static size_t push_length(const char *data, size_t len)
{
    size_t at = 4; /* >3\r\n */
    for (int i = 0; i < 3; i++) {
        const char *end = len > at ? memchr(data + at, '\n', len - at) : NULL;
        if (!end)
            return 0;
        size_t string = data[at] == '$' ? (size_t)atoi(data + at + 1) + 2 : 0;
        at = (size_t)(end - data) + 1 + string;
    }
    return at <= len ? at : 0;
}

static size_t parse(struct conn *c, char *data, size_t len)
{
    static const char message[] = ">3\r\n$7\r\nmessage";
    if (c->state == GREETING) {
        if (len >= 7 && !memcmp(data + len - 7, "+PONG\r\n", 7)) {
            greeted(c);
            return len;
        }
        return 0;
    }
    size_t at = 0;
    while (at < len) {
        char *line = data + at, *end = memchr(line, '\n', len - at);
        if (!end)
            break;
        size_t size = (size_t)(end - line) + 1;
        if (*line == '>') {
            size = push_length(line, len - at);
            if (!size)
                break;
            if (!memcmp(line, message, sizeof message - 1))
                delivered(c, line, size);
            else if (c->state == JOINING)
                joined(c);
        } else if (*line == ':') {
            tally.confirmed++;
        } else if (*line == '-') {
            fail("connection %u was told %.*s", c->index, (int)size, line);
        }
        at += size;
    }
    return at;
}

const struct protocol resp_protocol = {"resp", 1, 1, UNTOLD, hello, join, say, parse};
