/* IRC: lines. Only the command of a line is looked at. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <string.h>

static size_t hello(struct conn *c, char *out)
{
    return (size_t)sprintf(out, "NICK u%05u\r\nUSER u 0 * :u\r\n", c->index);
}

static size_t join(struct conn *c, char *out)
{
    return (size_t)sprintf(out, "JOIN #r%u\r\n", c->room);
}

static size_t say(struct conn *c, char *out, const char *body, size_t len)
{
    return (size_t)sprintf(out, "PRIVMSG #r%u :%.*s\r\n", c->room, (int)len, body);
}

static void numeric(struct conn *c, const char *line, const char *command, size_t len)
{
    if (!memcmp(command, "376", 3) || !memcmp(command, "422", 3))
        greeted(c);
    else if (!memcmp(command, "366", 3))
        joined(c);
    else if (*command >= '4')
        fail("connection %u was told %.*s", c->index, (int)len, line);
}

static void take(struct conn *c, const char *line, size_t len)
{
    if (*line != ':') {
        if (len > 5 && !memcmp(line, "PING ", 5)) {
            char pong[MAX_FRAME];
            net_write(c, pong, (size_t)sprintf(pong, "PONG %.*s\r\n", (int)(len - 5), line + 5));
        } else if (len > 5 && !memcmp(line, "ERROR", 5)) {
            fail("connection %u was told %.*s", c->index, (int)len, line);
        }
        return;
    }
    const char *command = memchr(line, ' ', len);
    if (!command || (size_t)(line + len - ++command) < 5)
        return;
    if (!memcmp(command, "PRIVM", 5))
        delivered(c, line, len);
    else if (*command >= '0' && *command <= '9')
        numeric(c, line, command, len);
    else if (!memcmp(command, "JOIN ", 5))
        tally.presences++;
    else if (!memcmp(command, "KICK ", 5) || !memcmp(command, "KILL ", 5))
        fail("connection %u was told %.*s", c->index, (int)len, line);
}

static size_t parse(struct conn *c, char *data, size_t len)
{
    size_t at = 0;
    for (;;) {
        char *end = memchr(data + at, '\n', len - at);
        if (!end)
            return at;
        size_t next = (size_t)(end - data) + 1;
        if (end > data + at && end[-1] == '\r')
            end--;
        if (end > data + at)
            take(c, data + at, (size_t)(end - data) - at);
        at = next;
    }
}

const struct protocol irc_protocol = {"irc", 0, 0, TOLD_AFTER, hello, join, say, parse};
