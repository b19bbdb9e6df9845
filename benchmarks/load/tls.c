/* TLS by OpenSSL, where the compiler has found it; certificates are not checked. */
#include "load.h"

#ifdef WITH_TLS

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

static SSL_CTX *context;

void tls_start(struct conn *c)
{
    if (!context) {
        context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    }
    c->tls = SSL_new(context);
    SSL_set_fd(c->tls, c->fd);
    SSL_set_connect_state(c->tls);
}

/* As recv and send return: -1 with EAGAIN where the socket has to be waited for. */
static ssize_t result(struct conn *c, int done)
{
    if (done > 0)
        return done;
    int error = SSL_get_error(c->tls, done);
    ERR_clear_error();
    if (error == SSL_ERROR_ZERO_RETURN)
        return 0;
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    return -1;
}

int tls_shake(struct conn *c)
{
    return (int)result(c, SSL_do_handshake(c->tls));
}

ssize_t tls_read(struct conn *c, char *to, size_t len)
{
    return result(c, SSL_read(c->tls, to, (int)len));
}

ssize_t tls_write(struct conn *c, const char *data, size_t len)
{
    return result(c, SSL_write(c->tls, data, (int)len));
}

#else

static const char absent[] = "the load generator was compiled without OpenSSL's headers";

void tls_start(struct conn *c)
{
    fail("connection %u: %s", c->index, absent);
}

int tls_shake(struct conn *c)
{
    fail("connection %u: %s", c->index, absent);
}

ssize_t tls_read(struct conn *c, char *to, size_t len)
{
    fail("connection %u: %s (%p, %zu)", c->index, absent, (void *)to, len);
}

ssize_t tls_write(struct conn *c, const char *data, size_t len)
{
    fail("connection %u: %s (%p, %zu)", c->index, absent, (const void *)data, len);
}

#endif
