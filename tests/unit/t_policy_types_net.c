#include "pam_diag/policy/types.h"

#include "tests/unit/t_policy_fixture.h"

/* Values up to the first NULL fit, those up to the second do not. */
static void check(const char *text, const char *const *values)
{
        cleanup_buf struct buf reason = BUF_INIT(4096);
        cleanup_type struct type *type = NULL;
        int expected = 0;

        ck_assert_msg(type_parse(text, NULL, &type, &reason) == 0, "%s: %s", text, reason.data);
        for (size_t i = 0; expected == 0 || values[i] != NULL; i++) {
                cleanup_buf struct buf wrong = BUF_INIT(4096);

                if (values[i] == NULL) {
                        expected = -EINVAL;
                        continue;
                }
                ck_assert_msg(type_check_one(type, values[i], &wrong) == expected, "%s: %s", text, values[i]);
                ck_assert_int_eq(wrong.length > 0, expected != 0);
        }
}
#define CHECK(text, ...) check(text, (const char *const[]){ __VA_ARGS__, NULL })

#define LONG_LABEL "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."

START_TEST(hosts)
{
        CHECK("host", "localhost", "a.example.org", "a.example.org.", "_srv._tcp.example.org", "10.0.0.1", "::1",
              "fe80::1%eth0", "1a.example", "3com.com", "x-y", NULL, "", "-x", ".a", "a..b", "a b", "a/b", "a;b",
              "$(x)", "127.1", "2130706433", "0x7f000001", "a.0x1f", "0X7F.1", "1.2.3.4.5", "1.2.3.4%eth0", "fe80::1%",
              "fe80::1%-x", "a.1.", "..", ".", "user@host", "a:22", "\xc3\xa9.org", "[::1]",
              LONG_LABEL LONG_LABEL LONG_LABEL LONG_LABEL "org");
}
END_TEST

START_TEST(addresses)
{
        CHECK("address", "0.0.0.0", "255.255.255.255", "::", "2001:db8::1", "::ffff:1.2.3.4", "fe80::1%eth0.5", NULL,
              "", "1.2.3", "256.1.1.1", "01.2.3.4", "localhost", "1.2.3.4/8", ":::", "1.2.3.4 ", "[::1]");
        CHECK("prefix", "10.0.0.0/8", "10.0.0.1", "::/0", "fe80::/64", "0.0.0.0/0", "2001:db8::/128", NULL, "", "10/8",
              "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "/8", "10.0.0.0/0x8", "a/8",
              "10.0.0.0/1000");
        CHECK("interface", "eth0", "br-0a1b", "eth0.100", "wg_x", "eth0:1", NULL, "", "-eth0", "a/b", ".", "..", "a b",
              "sixteen_letters_", "eth0@if2", "a;b");
        CHECK("port", "0", "22", "65535", "ssh", "http-alt", NULL, "", "65536", "-1", "22a", "a b", ":22", "ssh;",
              "99999999999999999999");
}
END_TEST

START_TEST(lsof_inet)
{
        CHECK("inet", ":80", "TCP:443", "tcp", "4", "6", "6TCP@[::1]:22", "4udp:53", "@127.0.0.1", "@localhost:ssh",
              ":22,80-90", ":http-alt", "@[2001:db8::1]", NULL, "", "5", "46", "icmp", "TCP:", ":", "@", "@:22",
              "@evil.example", "@evil.example:22", "@::1", "@[::1", "@[x]:1", "tcp:22;", ":22-", ":-22", ":22-x", ":,",
              "/etc/passwd", "-i", "TCPx:1", "@127.1", ":65536", "tcp 22");
}
END_TEST

START_TEST(ss_endpoints)
{
        CHECK("endpoint", ":22", ":ssh", "10.0.0.1", "10.0.0.0/8", "10.0.0.1:22", "10.0.0.0/8:22", "[::1]:22", "[::1]",
              "::1", "2001:db8::/32", "*", "*:22", "*:*", "10.0.0.1:*", ":*", NULL, "", ":", "22", "ssh",
              "evil.example", "evil.example:22", "[::1", "[::1]22", "[evil]:22", "::1:22:", "1.2.3.4:99999", "unix:x",
              "/tmp/x", "[]:22", "10.0.0.1:22:22", "a:22", "**", "-x", "10.0.0.0/33", "10.0.0.1:22;");
}
END_TEST

FIXTURE_MAIN("types_net", hosts, addresses, lsof_inet, ss_endpoints)
