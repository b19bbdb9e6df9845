/* XMPP multi-user chat, anonymous. Stanzas are told by how they begin and end. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <string.h>

#define HALL "bench.example"
#define ROOMS "rooms." HALL

static const char stream[] =
    "<stream:stream to='" HALL "' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
static const char features[] = "</stream:features>";

/* What is said while greeting, each when the words before it have come. */
static const struct { const char *wait, *say; } steps[] = {
    {features, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"},
    {"<success", stream},
    {features, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"},
    {"</iq>", NULL},
};

static size_t hello(struct conn *c, char *out)
{
    (void)c;
    memcpy(out, stream, sizeof stream - 1);
    return sizeof stream - 1;
}

static size_t join(struct conn *c, char *out)
{
    return (size_t)sprintf(out, "<presence to='r%u@" ROOMS "/u%05u'>"
        "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>",
        c->room, c->index);
}

static size_t say(struct conn *c, char *out, const char *body, size_t len)
{
    return (size_t)sprintf(out, "<message to='r%u@" ROOMS "' type='groupchat' id='%u'>"
        "<body>%.*s</body></message>", c->room, c->sends, (int)len, body);
}

static int has(const char *data, size_t len, const char *word)
{
    return memmem(data, len, word, strlen(word)) != NULL;
}

static size_t greet(struct conn *c, const char *data, size_t len)
{
    if (has(data, len, "<failure") || has(data, len, "<stream:error"))
        fail("connection %u was told %.*s", c->index, (int)(len > 300 ? 300 : len), data);
    if (!has(data, len, steps[c->step].wait))
        return 0;
    const char *next = steps[c->step++].say;
    if (next)
        net_write(c, next, strlen(next));
    else
        greeted(c);
    return len;
}

/* The length of the stanza that `data` begins with; 0 if it is not complete. */
static size_t stanza(const char *data, size_t len, const char *ending)
{
    const char *end = memmem(data, len, ending, strlen(ending));
    return end ? (size_t)(end - data) + strlen(ending) : 0;
}

static size_t parse(struct conn *c, char *data, size_t len)
{
    size_t at = 0;
    if (c->state == GREETING)
        return greet(c, data, len);
    while (len - at > 9) {
        const char *p = data + at;
        size_t size;
        if (!memcmp(p, "<message ", 9)) {
            size = stanza(p, len - at, "</message>");
            if (size && has(p, size, "</body>"))
                delivered(c, p, size);
        } else if (!memcmp(p, "<presence", 9)) {
            size = stanza(p, len - at, "</presence>");
            if (size && has(p, size, "type='error'"))
                fail("connection %u was told %.*s", c->index, (int)size, p);
            tally.presences += size != 0;
            if (size && c->state == JOINING && has(p, size, "code='110'"))
                joined(c);
        } else {
            fail("connection %u got an unknown stanza: %.60s", c->index, p);
        }
        if (!size)
            break;
        at += size;
    }
    return at;
}

const struct protocol xmpp_protocol = {"xmpp", 1, 0, TOLD_ALL, hello, join, say, parse};
