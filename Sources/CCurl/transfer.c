#include "ccurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FUNCTIONS(F)  \
    F(global_init)    \
    F(easy_init)      \
    F(easy_setopt)    \
    F(easy_perform)   \
    F(easy_getinfo)   \
    F(easy_cleanup)   \
    F(easy_strerror)  \
    F(slist_append)   \
    F(slist_free_all)

// The headers check the types of variadic options by macros of the same names.
#undef curl_easy_setopt
#undef curl_easy_getinfo

static struct {
#define MEMBER(name) __typeof__(&curl_##name) name;
    FUNCTIONS(MEMBER)
#undef MEMBER
} curl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *load_error;

static void load(void) {
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        load_error = dlerror();
        if (load_error) load_error = strdup(load_error);
        return;
    }
#define LOAD(name)                                                                 \
    curl.name = (__typeof__(curl.name))dlsym(library, "curl_" #name);              \
    if (!curl.name) {                                                              \
        load_error = "it lacks curl_" #name;                                       \
        return;                                                                    \
    }
    FUNCTIONS(LOAD)
#undef LOAD
    if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) load_error = "it does not start";
}

const char *pumice_curl_load(void) {
    pthread_once(&once, load);
    return load_error;
}

// The state of one GET, as the callbacks see it.
typedef struct {
    CURL *handle;
    const PumiceTransfer *transfer;
    PumiceAnswer *answer;
    size_t header_count, body_capacity;
} Transfer;

static size_t header_callback(char *bytes, size_t size, size_t count, void *context) {
    Transfer *transfer = context;
    enum { LIMIT = 64 << 10 };
    size_t length = size * count;
    // Each answer begins anew, as the one after `100 Continue` or a proxy's.
    if (length >= 5 && memcmp(bytes, "HTTP/", 5) == 0) transfer->header_count = 0;
    if (transfer->header_count + length > LIMIT) return length;
    char *grown = realloc(transfer->answer->headers, transfer->header_count + length + 1);
    if (!grown) return 0;
    memcpy(grown + transfer->header_count, bytes, length);
    transfer->header_count += length;
    grown[transfer->header_count] = 0;
    transfer->answer->headers = grown;
    return length;
}

static int write_to_file(Transfer *transfer, const char *bytes, size_t length) {
    PumiceAnswer *answer = transfer->answer;
    if ((int64_t)length > transfer->transfer->file_limit - answer->written_count) {
        answer->outcome = PUMICE_TRANSFER_TOO_LONG;
        return 0;
    }
    while (length > 0) {
        off_t offset = transfer->transfer->file_offset + answer->written_count;
        ssize_t written = pwrite(transfer->transfer->file, bytes, length, offset);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            answer->outcome = PUMICE_TRANSFER_NOT_WRITTEN;
            answer->code = written < 0 ? errno : ENOSPC;
            return 0;
        }
        bytes += written;
        length -= written;
        answer->written_count += written;
        if (transfer->transfer->progress(transfer->transfer->context, written)) {
            answer->outcome = PUMICE_TRANSFER_STOPPED;
            return 0;
        }
    }
    return 1;
}

static int write_to_buffer(Transfer *transfer, const char *bytes, size_t length) {
    PumiceAnswer *answer = transfer->answer;
    if ((int64_t)length > transfer->transfer->buffer_limit - answer->body_count) {
        answer->outcome = PUMICE_TRANSFER_TOO_LONG;
        return 0;
    }
    size_t needed = answer->body_count + length;
    if (needed > transfer->body_capacity) {
        size_t capacity = needed * 2;
        uint8_t *grown = realloc(answer->body, capacity);
        if (!grown) return 0;
        answer->body = grown;
        transfer->body_capacity = capacity;
    }
    memcpy(answer->body + answer->body_count, bytes, length);
    answer->body_count = needed;
    return 1;
}

static size_t body_callback(char *bytes, size_t size, size_t count, void *context) {
    Transfer *transfer = context;
    size_t length = size * count;
    if (length == 0) return 0;
    long status = 0;
    curl.easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
    int isForFile = transfer->transfer->file >= 0 && status == transfer->transfer->file_status;
    int isWritten = isForFile ? write_to_file(transfer, bytes, length)
                              : write_to_buffer(transfer, bytes, length);
    return isWritten ? length : 0;
}

static int progress_callback(void *context, curl_off_t a, curl_off_t b, curl_off_t c,
                             curl_off_t d) {
    (void)a, (void)b, (void)c, (void)d;
    Transfer *transfer = context;
    return transfer->transfer->progress(transfer->transfer->context, 0);
}

static struct curl_slist *header_list(const char *lines) {
    struct curl_slist *list = NULL;
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        char *line = strndup(lines, length);
        struct curl_slist *longer = line ? curl.slist_append(list, line) : NULL;
        free(line);
        if (!longer) break;
        list = longer;
        lines += length + (lines[length] == '\n');
    }
    return list;
}

// What another attempt would meet again.
static int is_final(CURLcode code) {
    switch (code) {
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_ENGINE_NOTFOUND: return 1;
        default: return 0;
    }
}

static void configure(Transfer *transfer, struct curl_slist *headers, char *message) {
    const PumiceTransfer *t = transfer->transfer;
    CURL *handle = transfer->handle;
#define SET(option, value) curl.easy_setopt(handle, CURLOPT_##option, value)
    SET(URL, t->url);
    SET(USERAGENT, "pumice");
    SET(HTTPHEADER, headers);
    SET(FOLLOWLOCATION, 0L);
    SET(NOSIGNAL, 1L);
    SET(ERRORBUFFER, message);
    SET(CONNECTTIMEOUT, t->connect_seconds);
    SET(LOW_SPEED_TIME, t->stall_seconds);
    SET(LOW_SPEED_LIMIT, t->stall_bytes_per_second);
    SET(BUFFERSIZE, 256L << 10);
    SET(TCP_KEEPALIVE, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(PROTOCOLS_STR, "http,https");
#else
    SET(PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    if (t->authorities) SET(CAINFO, t->authorities);
    SET(HEADERFUNCTION, header_callback);
    SET(HEADERDATA, transfer);
    SET(WRITEFUNCTION, body_callback);
    SET(WRITEDATA, transfer);
    SET(NOPROGRESS, 0L);
    SET(XFERINFOFUNCTION, progress_callback);
    SET(XFERINFODATA, transfer);
#undef SET
}

void pumice_curl_get(const PumiceTransfer *request, PumiceAnswer *answer) {
    memset(answer, 0, sizeof *answer);
    CURL *handle = curl.easy_init();
    if (!handle) {
        answer->outcome = PUMICE_TRANSFER_REFUSED;
        strcpy(answer->message, "libcurl has no memory");
        return;
    }
    Transfer transfer = {handle, request, answer, 0, 0};
    char message[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = header_list(request->headers);
    configure(&transfer, headers, message);
    CURLcode code = curl.easy_perform(handle);
    curl.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
    if (code != CURLE_OK && answer->outcome == PUMICE_TRANSFER_COMPLETE) {
        answer->code = code;
        answer->outcome = code == CURLE_ABORTED_BY_CALLBACK ? PUMICE_TRANSFER_STOPPED
                          : is_final(code)                  ? PUMICE_TRANSFER_REFUSED
                                                            : PUMICE_TRANSFER_BROKEN;
        const char *text = message[0] ? message : curl.easy_strerror(code);
        strncpy(answer->message, text, sizeof answer->message - 1);
    }
    curl.easy_cleanup(handle);
    curl.slist_free_all(headers);
}

void pumice_answer_free(PumiceAnswer *answer) {
    free(answer->headers);
    free(answer->body);
}
