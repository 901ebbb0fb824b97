/* The splitter on any bytes. What it hands out, quoted again, splits into the same words. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int truth)
{
        if (!truth)
                abort();
}

static void quote(struct buf *line, const char *text)
{
        buf_put_char(line, '\'');
        for (; *text != '\0'; text++) {
                if (*text == '\'')
                        buf_put_text(line, "'\\''");
                else
                        buf_put_char(line, *text);
        }
        buf_put_text(line, "' ");
}

static void split_again(const struct words *words)
{
        cleanup_buf struct buf line = BUF_INIT((size_t)16 * DECIDE_LINE_MOST);
        cleanup_words struct words again = { 0 };
        struct words_error error = { 0 };

        for (size_t i = 0; i < words->count; i++)
                quote(&line, words->list[i].text);
        expect(line.error == 0);
        if (line.length > DECIDE_LINE_MOST)
                return;
        expect(words_split(line.data == NULL ? "" : line.data, line.length, &again, &error) == 0);
        expect(again.count == words->count);
        for (size_t i = 0; i < words->count; i++)
                expect(strcmp(again.list[i].text, words->list[i].text) == 0 && !again.list[i].glob &&
                       !again.list[i].assignment);
        buf_free(&error.reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_words struct words words = { 0 };
        struct words_error error = { 0 };
        int r = words_split((const char *)data, size, &words, &error);

        expect(words.count <= DECIDE_WORDS_MOST);
        if (r == 0)
                split_again(&words);
        else
                expect(error.position > 0 && error.position <= size + 1 && error.reason.length > 0);
        buf_free(&error.reason);
        return 0;
}
