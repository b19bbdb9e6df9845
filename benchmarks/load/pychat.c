/* pychat: 4 bytes of length, then JSON. Only the first letters of a frame are looked at. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <string.h>

static size_t framed(char *out, size_t len)
{
    out[0] = (char)(len >> 24);
    out[1] = (char)(len >> 16);
    out[2] = (char)(len >> 8);
    out[3] = (char)len;
    return len + 4;
}

static size_t hello(struct conn *c, char *out)
{
    return framed(out, (size_t)sprintf(out + 4,
        "{\"type\":\"hello\",\"id\":1,\"protocol\":[1],\"client\":\"load\",\"name\":\"u%05u\"}",
        c->index));
}

static size_t join(struct conn *c, char *out)
{
    return framed(out, (size_t)sprintf(out + 4,
        "{\"type\":\"join\",\"id\":2,\"room\":\"r%u\"}", c->room));
}

static size_t say(struct conn *c, char *out, const char *body, size_t len)
{
    unsigned id = 10 + c->sends;
    return framed(out, (size_t)sprintf(out + 4,
        "{\"type\":\"send\",\"id\":%u,\"room\":\"r%u\",\"text\":\"%.*s\",\"nonce\":\"%08x-%04x\"}",
        id, c->room, (int)len, body, id, c->index));
}

#define IS(word) (len > sizeof(word) && !memcmp(frame, word "\"", sizeof(word)))

static void other(struct conn *c, const char *frame, size_t len)
{
    static const char pong[] = "\0\0\0\17{\"type\":\"pong\"}";
    const char *start = frame - sizeof("{\"type\":\"") + 1;
    if (IS("sent"))
        tally.confirmed++;
    else if (IS("presence"))
        storm_presence(c, frame, len);
    else if (IS("ping"))
        net_write(c, pong, sizeof pong - 1);
    else if (IS("welcome"))
        greeted(c);
    else if (IS("joined")) {
        storm_joined(c, frame, len);
        joined(c);
    } else if (IS("members"))
        storm_members(c, frame, len);
    else if (IS("error") || IS("bye"))
        fail("connection %u was told %.*s", c->index, (int)(len > 300 ? 300 : len), start);
}

static size_t parse(struct conn *c, char *data, size_t len)
{
    static const char opening[] = "{\"type\":\"";
    const size_t skip = 4 + sizeof opening - 1;
    size_t at = 0;
    while (len - at >= 4) {
        const unsigned char *p = (unsigned char *)data + at;
        size_t size = 4 + ((size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]);
        if (len - at < size)
            break;
        const char *frame = data + at + skip;
        if (size < skip || memcmp(data + at + 4, opening, sizeof opening - 1))
            fail("a frame that does not begin with its type: %.*s", 60, data + at + 4);
        size_t left = size - skip;
        if (left > 8 && !memcmp(frame, "message\"", 8))
            delivered(c, frame, left);
        else
            other(c, frame, left);
        at += size;
    }
    return at;
}

const struct protocol pychat_protocol = {"pychat", 1, 1, COUNTED, hello, join, say, parse};
