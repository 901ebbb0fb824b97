#include <stdarg.h>
#include <stdio.h>

#include "sql/verify_state.h"

static const char *const names[VERIFY_KIND_COUNT] = {
        [VERIFY_EDITED] = "edited",
        [VERIFY_MISSING] = "missing",
        [VERIFY_CUT] = "cut",
        [VERIFY_ANCHOR] = "anchor",
        [VERIFY_MAC] = "mac",
        [VERIFY_NO_MAC] = "no-mac",
        [VERIFY_KEY_AHEAD] = "key-ahead",
        [VERIFY_KEY_FOREIGN] = "key-foreign",
        [VERIFY_KEY_GONE] = "key-gone",
        [VERIFY_HEAD_DIFFERS] = "head-differs",
        [VERIFY_HEAD_PAST] = "head-past",
        [VERIFY_HEAD_FORGED] = "head-forged",
        [VERIFY_NOTE_NO_KEY] = "before-key",
        [VERIFY_NOTE_UNCHECKED] = "unchecked",
        [VERIFY_NOTE_KEY_BEHIND] = "key-behind",
        [VERIFY_NOTE_KEY_UNSEEN] = "key-unseen",
        [VERIFY_NOTE_VERIFIER] = "verifier",
        [VERIFY_NOTE_PRUNED] = "head-pruned",
        [VERIFY_NOTE_CLOCK] = "clock",
};

const char *verify_kind_name(enum verify_kind kind)
{
        return names[kind];
}

void verify_say(struct verify *verify, enum verify_kind kind, int64_t first, int64_t last, const char *format, ...)
{
        char text[1024];
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        if (kind < VERIFY_BROKEN_COUNT)
                verify->result.broken++;
        verify->found(verify->context,
                      &(struct verify_finding){ .kind = kind, .first = first, .last = last, .text = text });
}

/* What a run of rows is called, behind "row N" or "rows N to M". */
static const char *const runs[VERIFY_KIND_COUNT] = {
        [VERIFY_EDITED] = "fit their hashes no longer: edited, or the row before is another one",
        [VERIFY_MAC] =
                "have macs that do not fit the first key: rewritten, or added, by somebody without the key of then",
        [VERIFY_NO_MAC] = "have no mac, and there was a key: written by somebody who did not have it",
        [VERIFY_KEY_FOREIGN] = "are not by the key that the key file holds: forged, or the key file is another one",
        [VERIFY_NOTE_NO_KEY] =
                "have no mac, they are from before there was a key: only kept heads can witness for them",
        [VERIFY_NOTE_UNCHECKED] = "have macs that nothing was held against: give their first key (--first-key)",
};

void verify_run_end(struct verify *verify, enum verify_kind kind)
{
        struct verify_run run = verify->runs[kind];

        if (run.first == 0)
                return;
        verify->runs[kind] = (struct verify_run){ 0 };
        if (kind == VERIFY_MAC && run.first == verify->new_key_seq)
                verify_say(verify, kind, run.first, run.last,
                           "rows %lld to %lld: %s; row %lld says that a new key was made there (key init --again): if "
                           "that was you, give that first key too",
                           (long long)run.first, (long long)run.last, runs[kind], (long long)run.first);
        else
                verify_say(verify, kind, run.first, run.last, "rows %lld to %lld: %s", (long long)run.first,
                           (long long)run.last, runs[kind]);
}

void verify_run_add(struct verify *verify, enum verify_kind kind, int64_t seq)
{
        struct verify_run *run = &verify->runs[kind];

        if (run->first != 0 && run->last + 1 == seq) {
                run->last = seq;
                return;
        }
        verify_run_end(verify, kind);
        *run = (struct verify_run){ .first = seq, .last = seq };
}
