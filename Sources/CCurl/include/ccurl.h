// One HTTP GET by libcurl, which is opened at run time, so that the binary starts where there is
// none. libcurl's options are variadic and its callbacks are C's, so both stay on this side; Swift
// sees one request, one answer, and a file or a buffer with the body.
#ifndef PUMICE_CCURL_H
#define PUMICE_CCURL_H

#include <stdint.h>

typedef struct {
    const char *_Nonnull url;
    /// Lines such as `Authorization: Bearer x`, each ended by a newline; empty for none.
    const char *_Nonnull headers;
    /// A file of certificates to trust in place of the system's, or null.
    const char *_Nullable authorities;
    /// Where the body goes: a file descriptor, or -1 for `PumiceAnswer.body`.
    int file;
    /// Where in the file the body begins.
    int64_t file_offset;
    /// The only status whose body is written to the file; any other body goes to the buffer.
    long file_status;
    /// The most bytes of body the file may get, and the buffer.
    int64_t file_limit, buffer_limit;
    long connect_seconds, stall_seconds, stall_bytes_per_second;
    /// Called with `context` and the number of bytes that were just written to the file, and about
    /// once a second with 0. What it returns other than 0 ends the transfer.
    int (*_Nonnull progress)(void *_Nonnull context, int64_t written);
    void *_Nonnull context;
} PumiceTransfer;

typedef enum {
    PUMICE_TRANSFER_COMPLETE = 0,
    /// The connection failed, was cut or stalled: `message` says how.
    PUMICE_TRANSFER_BROKEN,
    /// The body is longer than the limit.
    PUMICE_TRANSFER_TOO_LONG,
    /// The file could not be written: `code` is errno.
    PUMICE_TRANSFER_NOT_WRITTEN,
    /// `progress` asked for it.
    PUMICE_TRANSFER_STOPPED,
    /// The request cannot succeed as it is, as with a certificate that is not trusted.
    PUMICE_TRANSFER_REFUSED
} PumiceTransferOutcome;

typedef struct {
    PumiceTransferOutcome outcome;
    int code;
    /// The HTTP status, 0 when there was none.
    long status;
    /// The header lines of the answer, cut at 64 KiB.
    char *_Nullable headers;
    uint8_t *_Nullable body;
    int64_t body_count;
    /// Bytes of body that were written to the file.
    int64_t written_count;
    char message[512];
} PumiceAnswer;

/// Opens libcurl. Returns null, or why it could not. May be called again, from any thread.
const char *_Nullable pumice_curl_load(void);

/// Performs a GET without following redirects, and fills `answer`, whose buffers are the caller's
/// until `pumice_answer_free`. libcurl must be loaded.
void pumice_curl_get(const PumiceTransfer *_Nonnull transfer, PumiceAnswer *_Nonnull answer);

void pumice_answer_free(PumiceAnswer *_Nonnull answer);

#endif
