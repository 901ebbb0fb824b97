/* Linked into the sanitized programs: options that an environment cannot bring, since theirs is closed. */
const char *__asan_default_options(void);

__attribute__((visibility("default"), used)) const char *__asan_default_options(void)
{
        return "detect_leaks=0:log_path=/tmp/asan.log:abort_on_error=1";
}
