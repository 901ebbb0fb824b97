# awk -v rows=N -v batch=B -f check.awk REFERENCE OUTPUT
#
# REFERENCE is one undisturbed export. OUTPUT must hold all of its lines, in order, byte for byte; after an interruption
# it may step back, by less than one batch, and it may hold a torn line, which is the beginning of the line that then
# follows a step back.
FNR == NR {
        line[FNR] = $0
        number[$0] = FNR
        next
}
!($0 in number) {
        if (torn != "" || index(line[last + 1], $0) != 1)
                fail("line " FNR " is not a row, nor the beginning of row " last + 1)
        torn = $0
        torn_lines++
        next
}
{
        n = number[$0]
        if (n > last + 1)
                fail("row " n " follows row " last ": rows are missing")
        if (n <= last) {
                if (n <= most - batch)
                        fail("row " n " again, after row " most ": more than one batch back")
                steps++
        }
        if (n <= most)
                again++
        last = n
        if (n > most)
                most = n
        torn = ""
}
function fail(text) {
        print "    " text > "/dev/stderr"
        failed = 1
        exit 1
}
END {
        if (failed)
                exit 1
        if (most != rows) {
                print "    ends at row " most " of " rows > "/dev/stderr"
                exit 1
        }
        print steps + 0, again + 0, torn_lines + 0
}
