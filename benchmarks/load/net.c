/* Sockets: connect, read, write, and the one loop that they are all in. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int epoll, timer;
static struct sockaddr_in address;
static char *buffer;
/* A frame of 1 MiB that is not complete, and what is read after it. */
static const size_t buffer_cap = 4 * 1024 * 1024;

void fail(const char *format, ...)
{
    char text[512], *p;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (p = text; *p; p++)
        if (*p == '"' || *p == '\\' || (unsigned char)*p < ' ')
            *p = '\'';
    printf("{\"error\":\"%s\"}\n", text);
    exit(1);
}

void net_open(void)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll = epoll_create1(0);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)opt.port);
    if (inet_pton(AF_INET, opt.host, &address.sin_addr) != 1)
        fail("%s is no IPv4 address", opt.host);
    buffer = malloc(buffer_cap);
}

static void watch(struct conn *c, int op)
{
    uint32_t out = c->wants_out ? EPOLLOUT : 0;
    struct epoll_event event = {.events = EPOLLIN | out, .data.ptr = c};
    if (epoll_ctl(epoll, op, c->fd, &event))
        fail("epoll: %s", strerror(errno));
}

void net_launch(struct conn *c)
{
    int on = 1;
    struct linger reset = {.l_onoff = 1, .l_linger = 0}; /* leaves no port in TIME_WAIT */
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0)
        fail("socket: %s (connection %u)", strerror(errno), c->index);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
        fail("connect: %s (connection %u)", strerror(errno), c->index);
    c->state = CONNECTING;
    c->wants_out = 1;
    watch(c, EPOLL_CTL_ADD);
}

static void keep(char **to, size_t *cap, size_t used, const char *data, size_t len)
{
    if (used + len > *cap) {
        *cap = (used + len) * 2;
        *to = realloc(*to, *cap);
    }
    memcpy(*to + used, data, len);
}

static void want_out(struct conn *c, int wanted)
{
    if (c->wants_out != wanted) {
        c->wants_out = wanted;
        watch(c, EPOLL_CTL_MOD);
    }
}

static void shut(struct conn *c)
{
    close(c->fd);
    if (c->state <= GREETING)
        fail("the server closed connection %u before it was greeted", c->index);
    c->state = CLOSED;
    tally.closed++;
}

static ssize_t put(struct conn *c, const char *data, size_t len)
{
    return c->tls ? tls_write(c, data, len) : send(c->fd, data, len, MSG_NOSIGNAL);
}

void net_write(struct conn *c, const char *data, size_t len)
{
    if (c->state == CLOSED)
        return;
    if (!c->out_len) {
        ssize_t sent = put(c, data, len);
        if (sent < 0 && errno != EAGAIN) {
            shut(c);
            return;
        }
        if (sent > 0) {
            data += sent;
            len -= (size_t)sent;
        }
        if (!len)
            return;
    }
    keep(&c->out, &c->out_cap, c->out_len, data, len);
    c->out_len += len;
    want_out(c, 1);
}

static void greet(struct conn *c)
{
    char hello[MAX_FRAME];
    c->state = GREETING;
    net_write(c, hello, opt.protocol->hello(c, hello));
}

static void shake(struct conn *c)
{
    if (tls_shake(c) > 0)
        greet(c);
    else if (errno != EAGAIN)
        fail("the TLS handshake failed (connection %u)", c->index);
}

static void connected(struct conn *c)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error)
        fail("connect: %s (connection %u)", strerror(error), c->index);
    want_out(c, 0);
    if (!opt.tls) {
        greet(c);
        return;
    }
    c->state = SHAKING;
    tls_start(c);
    shake(c);
}

static void writable(struct conn *c)
{
    if (c->state == CONNECTING) {
        connected(c);
        return;
    }
    ssize_t sent = put(c, c->out, c->out_len);
    if (sent > 0) {
        c->out_len -= (size_t)sent;
        memmove(c->out, c->out + sent, c->out_len);
    } else if (sent < 0 && errno != EAGAIN) {
        shut(c);
        return;
    }
    if (!c->out_len)
        want_out(c, 0);
}

/* One read; whether TLS may hold more, of which the socket knows nothing. */
static int take(struct conn *c)
{
    size_t had = c->rest_len;
    if (had + READ_BYTES > buffer_cap)
        fail("a frame of more than %zu bytes on connection %u", had, c->index);
    ssize_t got = c->tls ? tls_read(c, buffer + had, READ_BYTES)
                         : recv(c->fd, buffer + had, READ_BYTES, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            shut(c);
        return 0;
    }
    tally.reads++;
    if (!opt.plain_acks) {
        /* The kernel falls back to delayed ACKs by itself, so this has to be said every time. */
        int on = 1;
        setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    }
    if (had)
        memcpy(buffer, c->rest, had);
    size_t len = had + (size_t)got, used = opt.protocol->parse(c, buffer, len);
    c->rest_len = len - used;
    if (c->rest_len)
        keep(&c->rest, &c->rest_cap, 0, buffer + used, c->rest_len);
    return c->tls && c->state != CLOSED;
}

static void readable(struct conn *c)
{
    if (c->state == SHAKING) {
        shake(c);
        return;
    }
    while (take(c))
        ;
}

/* Wake the loop at `at_ns` of the monotonic clock. */
void net_timer(uint64_t at_ns)
{
    struct itimerspec at = {.it_value = {.tv_sec = (time_t)(at_ns / 1000000000u),
                                         .tv_nsec = (long)(at_ns % 1000000000u)}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
}

void net_turn(int timeout_ms)
{
    static struct epoll_event events[512];
    int count = epoll_wait(epoll, events, 512, timeout_ms);
    for (int i = 0; i < count; i++) {
        struct conn *c = events[i].data.ptr;
        if (!c) {
            uint64_t expirations;
            if (read(timer, &expirations, sizeof expirations) < 0)
                continue;
        } else if (c->state == CLOSED) {
            continue;
        } else if (events[i].events & EPOLLOUT) {
            writable(c);
        } else {
            readable(c);
        }
    }
}
