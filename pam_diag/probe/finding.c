#include "pam_diag/probe/finding.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"
#include "pam_diag/probe/try.h"

enum { LINE_MOST = 1024 };

static const char *const marks[] = { [FINDING_OK] = "ok", [FINDING_FAIL] = "FAIL", [FINDING_PID] = "left" };

void finding_say(bool holds, const char *layer, const char *format, ...)
{
        char line[LINE_MOST];
        int n = snprintf(line, sizeof(line) - 1, "%s\t%s\t", marks[holds ? FINDING_OK : FINDING_FAIL], layer);
        size_t length = (size_t)n;
        va_list arguments;

        va_start(arguments, format);
        n = vsnprintf(line + length, sizeof(line) - 1 - length, format, arguments);
        va_end(arguments);
        /* A line that was cut, or names a file with a line break in it, is still one line. */
        length += n < 0 ? 0 : (size_t)n;
        if (length > sizeof(line) - 2)
                length = sizeof(line) - 2;
        for (size_t i = 0; i < length; i++)
                line[i] = line[i] == '\n' ? '?' : line[i];
        line[length++] = '\n';
        (void)fd_write_all(STDOUT_FILENO, line, length);
}

void finding_say_left(int pid)
{
        char line[64];
        int n = snprintf(line, sizeof(line), "%s\t%d\t\n", marks[FINDING_PID], pid);

        (void)fd_write_all(STDOUT_FILENO, line, (size_t)n);
}

const char *finding_answer(int got)
{
        const char *name = got == 0 ? "done" : got <= TRY_KILLED ? "killed by a signal" : strerrorname_np(-got);

        return name == NULL ? "an unknown error" : name;
}

bool finding_expect(int got, int expected, const char *layer, const char *what)
{
        if (got == -expected)
                finding_say(true, layer, "%s is refused (%s)", what, finding_answer(got));
        else if (got == 0)
                finding_say(false, layer, "%s was done and should be refused (%s)", what, finding_answer(-expected));
        else
                finding_say(false, layer, "%s got %s and should get %s", what, finding_answer(got),
                            finding_answer(-expected));
        return got == -expected;
}

int finding_parse(char *line, struct finding *ret_finding)
{
        char *layer = strchr(line, '\t');
        char *text = layer == NULL ? NULL : strchr(layer + 1, '\t');
        struct finding finding = { 0 };
        uint64_t pid = 0;

        if (text == NULL)
                return -EBADMSG;
        *layer = '\0';
        *text = '\0';
        finding.layer = layer + 1;
        finding.text = text + 1;
        if (strcmp(line, marks[FINDING_OK]) == 0)
                finding.kind = FINDING_OK;
        else if (strcmp(line, marks[FINDING_FAIL]) == 0)
                finding.kind = FINDING_FAIL;
        else if (strcmp(line, marks[FINDING_PID]) == 0 && num_parse_u64(finding.layer, 2, INT_MAX, &pid) == 0)
                finding.kind = FINDING_PID;
        else
                return -EBADMSG;
        finding.pid = (int)pid;
        *ret_finding = finding;
        return 0;
}
