/* The profiles as they are shipped, against what is known to be dangerous and what people write. */
#include <limits.h>

#include "tests/unit/t_policy_fixture.h"

static struct policy *policy;

static void begin(void)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        char profiles[PATH_MAX];
        char text[PATH_MAX + 400];

        fixture_begin();
        ck_assert_ptr_nonnull(realpath("pam_diag/commands", profiles));
        ck_assert_int_lt(snprintf(text, sizeof(text),
                                  "[session]\nprofiles = %s\n"
                                  "commands = cat head tail ls stat wc grep df du free uptime ps id uname hostname "
                                  "date ss journalctl systemctl ip find lsof dig host ping docker podman\n"
                                  "[paths]\nallow = /var/log /proc/* /tmp\ndeny = /srv/secret\n",
                                  profiles),
                         (int)sizeof(text));
        fixture_write("policy.conf", text);
        ck_assert_msg(policy_load(fixture_path("policy.conf"), POLICY_ANY_OWNER, &errors, &policy) == 0, "%s",
                      errors.text.data);
}

static void end(void)
{
        policy_free(policy);
        fixture_end();
}

static bool is_installed(const char *line)
{
        size_t n = strcspn(line, " ");

        for (size_t i = 0; i < policy_command_count(policy); i++) {
                const char *name = policy_command_name(policy, i);

                if (strncmp(name, line, n) == 0 && (name[n] == '\0' || name[n] == ' '))
                        return policy_command_problem(policy, i) == NULL;
        }
        return false;
}

static void all_denied(const char *const *lines, enum decide_code code)
{
        for (; *lines != NULL; lines++) {
                struct decision *decision = fixture_decide(policy, *lines);

                ck_assert_msg(decision->verdict == VERDICT_DENY, "%s is allowed", *lines);
                if (is_installed(*lines) && code != CODE_NONE)
                        ck_assert_msg(decision->code == code, "%s: %s: %s", *lines, decide_code_name(decision->code),
                                      decision->reason);
                decision_free(decision);
        }
}
#define DENIED(code, ...) all_denied((const char *const[]){ __VA_ARGS__, NULL }, code)

static void all_allowed(const char *const *lines)
{
        for (; *lines != NULL; lines++) {
                struct decision *decision = fixture_decide(policy, *lines);

                if (is_installed(*lines))
                        ck_assert_msg(decision->verdict == VERDICT_ALLOW, "%s: %s", *lines, decision->reason);
                decision_free(decision);
        }
}
#define ALLOWED(...) all_allowed((const char *const[]){ __VA_ARGS__, NULL })

START_TEST(options_that_read_files)
{
        DENIED(CODE_REFUSED, "grep -f /srv/secret/token x", "grep -f/srv/secret/token", "grep -nf/srv/secret/token x",
               "grep -Ef /srv/secret/token x", "grep --file=/srv/secret/token x", "grep --file /srv/secret/token x",
               "grep --fil=/srv/secret/token x", "grep --exclude-from=/srv/secret/token -r x /tmp",
               "grep --exclude-fr=/srv/secret/token x", "wc --files0-from=/srv/secret/token",
               "wc --files0=/srv/secret/token", "du --files0-from=/srv/secret/token", "du -X /srv/secret/token",
               "du -aX/srv/secret/token", "date -f /srv/secret/token", "date --file=/srv/secret/token",
               "date -uf/srv/secret/token", "ss -F /srv/secret/token", "ss -tF/srv/secret/token",
               "hostname -F /srv/secret/token", "hostname --file=/srv/secret/token",
               "journalctl --file=/srv/secret/token", "journalctl -D /srv/secret", "journalctl -rD/srv/secret",
               "journalctl --root=/srv/secret", "journalctl --image /srv/secret/token");
        DENIED(CODE_PATH, "cat /srv/secret/token", "cat -- /srv/secret/token", "head -n1 /srv/secret/token",
               "tail -c +1 /srv/secret/token", "ls -la /srv/secret", "stat /srv/secret/token",
               "wc -l /srv/secret/token", "grep . /srv/secret/token", "grep -e . /srv/secret/token",
               "du -a /srv/secret", "df /srv/secret", "date -r /srv/secret/token", "date --reference=/srv/secret/token",
               "cat /tmp/../srv/secret/token", "cat /etc/shadow", "cat token", "cat -", "cat /proc/1/environ",
               "cat /proc/*/environ");
}
END_TEST

START_TEST(options_that_change_something)
{
        DENIED(CODE_REFUSED, "ss -K", "ss -tK", "ss --kill", "ss --kil", "ss -D /tmp/x", "ss -N x", "ss --diag=/tmp/x",
               "date -s 2001-01-01", "date --set=@0", "date --se=@0", "hostname -b x", "journalctl --rotate",
               "journalctl --rota", "journalctl --vacuum-size=1", "journalctl --vacuum-time 2d", "journalctl --flush",
               "journalctl --sync", "journalctl --relinquish-var", "journalctl --update-catalog",
               "journalctl --setup-keys", "journalctl --cursor-file=/tmp/x", "systemctl restart ssh",
               "systemctl stop ssh", "systemctl -q start ssh", "systemctl daemon-reload",
               "systemctl isolate rescue.target", "systemctl reboot -f", "systemctl set-property x y=z",
               "systemctl edit ssh", "systemctl kill ssh", "systemctl mask ssh", "systemctl enable --now ssh",
               "systemctl poweroff", "df --sync");
        DENIED(CODE_OPERAND, "date 010100002001", "hostname other", "uname x", "uptime x", "free x",
               "systemctl frobnicate", "systemctl status /srv/secret/token");
}
END_TEST

START_TEST(what_reaches_elsewhere)
{
        DENIED(CODE_REFUSED, "journalctl -M other", "journalctl -Mother", "journalctl --machine=x",
               "journalctl --namespace='*'", "systemctl -H host status", "systemctl -Hhost status",
               "systemctl --host=x status", "systemctl -M x status", "systemctl --user status",
               "systemctl --root=/tmp status", "ss -r", "ss -tr");
        DENIED(CODE_VALUE, "ss dst attacker.invalid", "ss -t dst attacker", "journalctl -o export",
               "journalctl -u /srv/secret", "date -d 'TZ=\"/srv/secret/token\" now'");
}
END_TEST

START_TEST(environments)
{
        DENIED(CODE_REFUSED, "ps auxe", "ps e", "ps auxeww", "ps axe", "systemctl show-environment",
               "systemctl cat ssh");
        DENIED(CODE_NONE, "ps -o pid,environ", "ps -axe", "ps -efx", "ps -eHT e", "systemctl show ssh",
               "systemctl show -p Environment ssh", "systemctl show -pEnvironment ssh",
               "systemctl show --property=Environment,Id ssh", "systemctl show -P Environment ssh",
               "systemctl show --property Environment --property Id ssh", "systemctl show --prop=Environment ssh",
               "systemctl --value show -p ExecStart ssh");
}
END_TEST

START_TEST(what_people_write)
{
        ALLOWED("journalctl -u ssh -n 50 --no-pager", "journalctl -xe", "journalctl -p err..alert",
                "journalctl -b -1 -u x.service", "journalctl -n", "journalctl --since '1 hour ago' --until=now",
                "journalctl _PID=1 + _UID=0", "journalctl -fu ssh", "journalctl -k -o short-iso",
                "journalctl --disk-usage", "systemctl status ssh", "systemctl", "systemctl --failed",
                "systemctl list-units --state running", "systemctl is-active ssh.service",
                "systemctl show -p ActiveState,MainPID ssh", "systemctl list-timers --all",
                "systemctl status 'ssh*' -l", "cat /var/log/syslog", "head -20 /var/log/syslog",
                "tail -n +5 /var/log/syslog", "tail -f /var/log/syslog", "ls -lah /var/log", "ls --color=auto",
                "stat -c '%U %G' /tmp", "wc -l /var/log/syslog", "grep -rin error /var/log",
                "grep -A3 -B 3 -e x /proc/cpuinfo", "grep -m 1 'cpu MHz' /proc/cpuinfo", "df -hT", "df -h /tmp",
                "du -sh /var/log", "du -h --max-depth=1 /var/log", "free -m", "uptime -p", "ps aux", "ps -ef",
                "ps aux --sort=-%cpu", "ps -eo pid,ppid,comm --sort -rss", "ps -fp 1", "ps -o ppid= -p 1", "id",
                "id -gn root", "uname -a", "hostname -f", "date", "date -u +%FT%TZ", "date -d @1561019091",
                "date -Iseconds", "ss -tulpn", "ss state established", "ss -t '( sport = :22 or dport = :22 )'",
                "ss -nt dst 10.0.0.0/8");
}
END_TEST

START_TEST(what_runs)
{
        struct {
                const char *line;
                const char *argv;
        } table[] = {
                { "journalctl -u ssh -n 5 --no-pager", "journalctl|--no-pager|-u|ssh|-n5" },
                { "systemctl -l status ssh", "systemctl|--no-pager|status|-l|ssh" },
                { "systemctl", "systemctl|--no-pager|list-units" },
                { "ps -ef", "ps|-A|-f" },
                { "ps -eo pid,comm", "ps|-A|--format=pid,comm" },
                { "ps -u root", "ps|--user=root" },
                { "tail -50 /var/log/syslog", "tail|-n|50|/var/log/syslog" },
                { "grep -C2 -- -x /var/log/syslog", "grep|-C|2|--|-x|/var/log/syslog" },
                { "date -Iseconds", "date|-Iseconds" },
        };

        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
                if (is_installed(table[i].line))
                        fixture_allow(policy, table[i].line, table[i].argv);
}
END_TEST

START_TEST(the_shipped_policy_is_good)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        cleanup_free char *text = NULL;
        cleanup_buf struct buf changed = BUF_INIT(1 << 20);
        struct policy *shipped = NULL;
        char profiles[PATH_MAX];
        const char *rest;
        size_t length = 0;

        ck_assert_int_eq(fd_read_file("etc/policy.conf", 1 << 20, &text, &length), 0);
        ck_assert_ptr_nonnull(realpath("pam_diag/commands", profiles));
        rest = strstr(text, "[session]\n");
        ck_assert_ptr_nonnull(rest);
        buf_printf(&changed, "%.*s[session]\nprofiles = %s\n%s", (int)(rest - text), text, profiles,
                   rest + strlen("[session]\n"));
        fixture_write("shipped.conf", changed.data);
        ck_assert_msg(policy_load(fixture_path("shipped.conf"), POLICY_ANY_OWNER, &errors, &shipped) == 0, "%s",
                      errors.text.data);
        fixture_allow(shipped, "cat /var/log/syslog", "cat|/var/log/syslog");
        fixture_deny(shipped, "cat /run/secrets/x", CODE_PATH, "is denied");
        fixture_deny(shipped, "cat /persist/etc/shadow", CODE_PATH, "/persist/etc/shadow");
        fixture_deny(shipped, "cat /var/lib/private/n8n/config", CODE_PATH, "is denied");
        fixture_deny(shipped, "cat /srv/x", CODE_PATH, "lies outside");
        fixture_deny(shipped, "grep -r . /proc", CODE_PATH, "lies outside");
        policy_free(shipped);
}
END_TEST

START_TEST(networks)
{
        DENIED(CODE_REFUSED, "ip netns exec x sh", "ip -n x link", "ip -netns x addr", "ip -b /tmp/x",
               "ip -batch /tmp/x", "ip -s -b /srv/secret/token addr", "ip -force -batch /srv/secret/token",
               "ip link set eth0 down", "ip l s eth0", "ip l se eth0 down", "ip addr add 10.0.0.1/24 dev eth0",
               "ip a a 10.0.0.1/24 dev eth0", "ip a d 10.0.0.1/24 dev eth0", "ip r a default via 10.0.0.1",
               "ip route flush all", "ip route del default", "ip neigh change 10.0.0.1 dev eth0",
               "ip ru a from all lookup main", "ip vrf exec x sh", "ip xfrm state", "ip monitor file /srv/secret/token",
               "ip -all netns exec sh", "ip tunnel add x", "ip -r addr");
        DENIED(CODE_NONE, "ip n e x", "ip addr 'show; x'", "ip", "ip link show -batch", "ip -statis link",
               "ip -sb x link", "ip addr show dev ../x", "ip addr show to 10.0.0.0/40", "ip route get evil.example",
               "ip --batch /tmp/x", "ip -c always link", "ss -t '( sport = :22; -K )'", "ss 'state established -K'",
               "ss dst ''");
        DENIED(CODE_REFUSED, "dig -f /srv/secret/token", "dig -f/srv/secret/token", "dig -4f/srv/secret/token",
               "dig -k /srv/secret/token x", "dig -y x:y x", "dig @10.0.0.1 x axfr", "dig AXFR x",
               "dig x +tls-ca=/srv/secret/token", "dig +tls-keyfile=/srv/secret/token x", "dig +subnet=10.0.0.0/8 x",
               "host -l x", "ping -f x", "ping -b 10.255.255.255", "ping -l 100 x", "ping -p 616263 x");
        DENIED(CODE_NONE, "dig +tls-keyf=/srv/secret/token x", "dig +sho x", "dig -p 22 x", "dig @/etc/passwd x",
               "dig 'a b'", "dig -- x", "ping -c 11 x", "ping -i 0 x", "ping -w 100000 x", "ping 127.1",
               "ping 2130706433", "ping a b", "host a b c", "host -W 100 x");
        ALLOWED("ip a", "ip -br a", "ip -br -c a", "ip addr show eth0", "ip a s dev eth0 up",
                "ip -4 -o addr show scope global", "ip -s -d link show dev eth0", "ip l", "ip link show master br0",
                "ip r", "ip -6 route show table all", "ip r get 10.0.0.1 from 10.0.0.2 iif eth0", "ip n",
                "ip neigh show dev eth0 nud reachable", "ip rule", "ip -j addr", "ip maddr", "ip --brief link",
                "ip route list 10.0.0.0/8", "ip -family inet6 addr", "ip monitor link");
        ALLOWED("ss -o state established '( dport = :ssh or sport = :ssh )'",
                "ss --udp 'sport == :443 and dport == :443'", "ss -t 'sport=:22'", "ss state listening sport gt 1024",
                "ss -x src /run/x", "ss dst '[::1]:80'");
        ALLOWED("dig example.com", "dig +short example.com MX", "dig @127.0.0.1 -p 8600 a.service.consul. SRV",
                "dig -x 10.0.0.1 +short", "dig example.com +nocomments +noall +answer", "dig . NS",
                "host -t mx example.com 127.0.0.1", "ping -c 3 ::1", "ping -c1 -W2 localhost",
                "ping -n -i 0.5 10.0.0.1");
}
END_TEST

START_TEST(files)
{
        DENIED(CODE_REFUSED, "find / -exec sh ';'", "find /tmp -exec rm {} +", "find /tmp -execdir x ';'",
               "find /tmp -ok cat {} ';'", "find /tmp -okdir x ';'", "find /tmp -delete", "find / -name --help -delete",
               "find /tmp -name '*.a' -o -delete", "find /tmp -fprintf /tmp/x y", "find /tmp -fprint /tmp/x",
               "find /tmp -fls /tmp/x", "find /tmp -fprint0 /tmp/x", "find -files0-from /srv/secret/token",
               "find -L /tmp", "find /tmp -follow", "find -O3 /tmp", "find -D exec /tmp", "lsof -k /srv/secret/token",
               "lsof -Db/tmp/x", "lsof -r1", "lsof +r 1", "lsof -ni +m /tmp/x", "lsof -A /tmp/x");
        DENIED(CODE_PATH, "find /srv/secret", "find /tmp /srv/secret -name x", "find /tmp -newer /srv/secret/token",
               "find /tmp -samefile /srv/secret/token", "lsof /srv/secret/token", "lsof +D /srv/secret",
               "lsof +d/srv/secret");
        DENIED(CODE_NONE, "find /tmp -print /srv/secret", "find /tmp -exe x", "find -- /tmp", "find /tmp -newerXY x",
               "find /tmp -name", "find /tmp -type f -", "find /tmp -regextype x", "lsof -i @evil.example",
               "lsof -i/srv/secret/token", "lsof -F/tmp/x");
        ALLOWED("find /var/log -name '*.log' -mtime -1", "find . -name x",
                "find /tmp -maxdepth 1 -type f -size +10M -ls", "find",
                "find /tmp '(' -name a -o -name b ')' -not -user root -printf '%p\\n'",
                "find /tmp ! -empty -newermt '1 hour ago'", "lsof -i :80", "lsof -i:80", "lsof -Pnl -i",
                "lsof -iTCP -sTCP:LISTEN -P", "lsof -p 1 -a -d cwd", "lsof +D /tmp", "lsof /var/log/syslog",
                "lsof -u root -c ssh", "lsof +L1", "lsof -t /tmp/x");
}
END_TEST

START_TEST(containers)
{
        DENIED(CODE_REFUSED, "docker run x", "docker exec -it x sh", "docker --config /tmp ps",
               "docker --tlscacert /srv/secret/token ps", "docker container exec x sh", "docker cp x:/a /b",
               "docker image rm x", "docker volume rm x", "docker compose up", "docker secret ls",
               "docker context use x", "docker build .", "podman run x", "podman --runtime=/tmp/x ps",
               "podman --storage-opt=x ps", "podman unshare x", "podman --root /tmp ps", "podman machine ssh");
        DENIED(CODE_VALUE, "docker -H tcp://x ps", "docker --host=x ps");
        ALLOWED("docker -H unix:///run/podman/podman.sock ps");
        DENIED(CODE_NONE, "docker inspect x", "docker inspect -f '{{json .Config.Env}}' x",
               "docker inspect -f '{{json .Config}}' x", "docker inspect -f '{{.}}' x",
               "docker inspect -f '{{json .}}' x", "docker inspect -f json x", "docker inspect --format=json x",
               "docker inspect -f '{{range .Config.Env}}{{.}}{{end}}' x", "docker inspect -f '{{.Config.Labels}}' x",
               "docker inspect -f '{{index .Config.Env 0}}' x", "docker inspect -f '{{.Args}}' x",
               "docker ps --format '{{.Labels}}'", "docker stats --no-stream=false", "docker logs", "docker logs -- -f",
               "docker top x -o args", "docker ps --filte a=b", "podman inspect x",
               "podman inspect --format '{{.Config.Env}}' x");
        ALLOWED("docker ps -a", "docker ps -aq --filter name=x", "docker ps --format '{{.Names}}\t{{.Status}}'",
                "docker ps --format 'table {{.Names}}\t{{.Ports}}'", "docker container ls -a",
                "docker logs --tail 100 -f x", "docker logs -n5 x --since 1h", "docker images", "docker stats",
                "docker inspect -f '{{.State.Status}}' x",
                "docker inspect --format='{{json .NetworkSettings.Ports}}' x y", "docker top x", "docker port x 80/tcp",
                "docker network ls", "docker version");
}
END_TEST

START_TEST(what_runs_in_other_styles)
{
        struct {
                const char *line;
                const char *argv;
        } table[] = {
                { "ip a", "ip|address|show" },
                { "ip -c -br a s eth0", "ip|-c|-br|address|show|dev|eth0" },
                { "ip r g 10.0.0.1", "ip|route|get|to|10.0.0.1" },
                { "ip -6 r l default", "ip|-6|route|show|to|default" },
                { "ss -tn 'sport=:22'", "ss|-t|-n|sport|=|:22" },
                { "find -name '*'", "find|-name|*" },
                { "lsof -Pi :80", "lsof|-n|-P|-i:80" },
                { "dig MX example.com +short", "dig|-r|+notcp|-t|MX|-q|example.com|+short" },
                { "ping -c 3 ::1", "ping|-w|120|-c|3|::1" },
                { "ping ::1", "ping|-c|10|-w|120|::1" },
                { "docker stats x", "docker|stats|--no-stream|x" },
        };

        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
                if (is_installed(table[i].line))
                        fixture_allow(policy, table[i].line, table[i].argv);
}
END_TEST

FIXTURE_RUN("profiles", begin, end, networks, files, containers, what_runs_in_other_styles, the_shipped_policy_is_good,
            options_that_read_files, options_that_change_something, what_reaches_elsewhere, environments,
            what_people_write, what_runs)
