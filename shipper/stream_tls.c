#include "shipper/stream_tls.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "shipper/stream_wait.h"

struct tls {
        int fd;
        SSL_CTX *context;
        SSL *ssl;
};

void tls_free(struct tls *tls)
{
        if (tls == NULL)
                return;
        SSL_free(tls->ssl);
        SSL_CTX_free(tls->context);
        free(tls);
}

/* A key with a passphrase must be an error, not a question on a terminal that a timer's run does not have. */
static int no_passphrase(char *text, int size, int writing, void *context)
{
        (void)text, (void)size, (void)writing, (void)context;
        return -1;
}

static const char *library_reason(void)
{
        unsigned long code = ERR_peek_last_error();
        const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

        if (code != 0 && ERR_SYSTEM_ERROR(code))
                return strerror(ERR_GET_REASON(code));
        return reason != NULL ? reason : "unknown fault of TLS";
}

static int load_trust(SSL_CTX *context, const struct stream_tls *with, struct stream_why *ret_why)
{
        if (with->ca != NULL ? SSL_CTX_load_verify_file(context, with->ca) == 1
                             : SSL_CTX_set_default_verify_paths(context) == 1)
                return 0;
        return stream_fail(ret_why, ENOKEY, "cannot read certificates from %s: %s",
                           with->ca != NULL ? with->ca : "the system's store", library_reason());
}

static int load_own(SSL_CTX *context, const struct stream_tls *with, struct stream_why *ret_why)
{
        if (with->certificate == NULL)
                return 0;
        if (SSL_CTX_use_certificate_chain_file(context, with->certificate) != 1)
                return stream_fail(ret_why, ENOKEY, "cannot read the certificate %s: %s", with->certificate,
                                   library_reason());
        if (SSL_CTX_use_PrivateKey_file(context, with->key, SSL_FILETYPE_PEM) != 1 ||
            SSL_CTX_check_private_key(context) != 1)
                return stream_fail(ret_why, ENOKEY, "cannot use the key %s: %s", with->key, library_reason());
        return 0;
}

static int make_context(struct tls *tls, const struct stream_tls *with, struct stream_why *ret_why)
{
        int r;

        tls->context = SSL_CTX_new(TLS_client_method());
        if (tls->context == NULL || SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) != 1)
                return stream_fail(ret_why, EPROTO, "cannot set up TLS: %s", library_reason());
        SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
        SSL_CTX_set_default_passwd_cb(tls->context, no_passphrase);
        (void)SSL_CTX_set_options(tls->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
        (void)SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        r = load_trust(tls->context, with, ret_why);
        return r < 0 ? r : load_own(tls->context, with, ret_why);
}

/* The name is checked by the library within the handshake. Server Name Indication is for names alone (RFC 6066, section 3). */
static int set_name(SSL *ssl, const char *name, struct stream_why *ret_why)
{
        X509_VERIFY_PARAM *parameters = SSL_get0_param(ssl);

        X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name) == 1)
                return 0;
        if (SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1)
                return 0;
        return stream_fail(ret_why, EPROTO, "cannot ask for a certificate of %s: %s", name, library_reason());
}

/* What a call of the library left behind: 0 when it wants to be called again, and the socket is ready for that. */
static int settle(struct tls *tls, int result, int64_t until, const char *doing, struct stream_why *ret_why)
{
        int error = errno;
        int what = SSL_get_error(tls->ssl, result);
        long verified = SSL_get_verify_result(tls->ssl);
        int r;

        if (what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE) {
                r = stream_wait(tls->fd, what == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until);
                return r < 0 ? stream_fail(ret_why, -r, "%s: %s", doing, strerror(-r)) : 0;
        }
        if (verified != X509_V_OK)
                return stream_fail(ret_why, EKEYREJECTED, "its certificate is refused: %s",
                                   X509_verify_cert_error_string(verified));
        if (what == SSL_ERROR_SYSCALL && error != 0)
                return stream_fail(ret_why, error, "%s: %s", doing, strerror(error));
        return stream_fail(ret_why, EPROTO, "%s: %s", doing, library_reason());
}

static int handshake(struct tls *tls, int64_t until, struct stream_why *ret_why)
{
        for (;;) {
                int result;
                int r;

                ERR_clear_error();
                errno = 0;
                result = SSL_connect(tls->ssl);
                if (result == 1)
                        return 0;
                r = settle(tls, result, until, "the TLS handshake fails", ret_why);
                if (r < 0)
                        return r;
        }
}

int tls_open(int fd, const struct stream_tls *with, const char *name, int64_t until, struct tls **ret_tls,
             struct stream_why *ret_why)
{
        cleanup_tls struct tls *tls = calloc(1, sizeof(*tls));
        int r;

        if (tls == NULL)
                return stream_fail(ret_why, ENOMEM, "out of memory");
        tls->fd = fd;
        ERR_clear_error();
        r = make_context(tls, with, ret_why);
        if (r < 0)
                return r;
        tls->ssl = SSL_new(tls->context);
        if (tls->ssl == NULL || SSL_set_fd(tls->ssl, fd) != 1)
                return stream_fail(ret_why, EPROTO, "cannot set up TLS: %s", library_reason());
        r = set_name(tls->ssl, name, ret_why);
        if (r == 0)
                r = handshake(tls, until, ret_why);
        if (r == 0)
                *ret_tls = take_ptr(&tls);
        return r;
}

int tls_write(struct tls *tls, const void *data, size_t length, int64_t until, struct stream_why *ret_why)
{
        const char *next = data;
        size_t left = length;

        while (left > 0) {
                size_t written = 0;
                int result;
                int r;

                ERR_clear_error();
                errno = 0;
                result = SSL_write_ex(tls->ssl, next, left, &written);
                if (result == 1) {
                        next += written;
                        left -= written;
                        continue;
                }
                r = settle(tls, result, until, "cannot send", ret_why);
                if (r < 0)
                        return r;
        }
        return 0;
}

int tls_read(struct tls *tls, void *data, size_t size, int64_t until, size_t *ret_length, struct stream_why *ret_why)
{
        for (;;) {
                size_t got = 0;
                int result;
                int r;

                ERR_clear_error();
                errno = 0;
                result = SSL_read_ex(tls->ssl, data, size, &got);
                if (result == 1 || SSL_get_error(tls->ssl, result) == SSL_ERROR_ZERO_RETURN) {
                        *ret_length = got;
                        return 0;
                }
                r = settle(tls, result, until, "cannot read the answer", ret_why);
                if (r < 0)
                        return r;
        }
}

int tls_end(struct tls *tls, int64_t until, struct stream_why *ret_why)
{
        for (;;) {
                int result;
                int r;

                ERR_clear_error();
                errno = 0;
                result = SSL_shutdown(tls->ssl);
                if (result >= 0) /* 0: ours is sent, the peer's has not come yet */
                        return 0;
                r = settle(tls, result, until, "cannot end TLS", ret_why);
                if (r < 0)
                        return r;
        }
}
