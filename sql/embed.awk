# Makes C of SQL: named queries, migrations and rules become one `struct
# db_set` and an enum of names, so that a misspelt query does not compile and
# a program carries its schema with it.
#
#   awk -v set=ledger -v prefix=Q -v out=DIR/ledger_sql -f embed.awk FILES
#
# Files whose names begin with four digits and a '-' (0001-ledger.sql) are
# migrations, in the order of their numbers, without a gap. All others hold
# queries:
#
#   -- name: hold_insert            begins a query (lower case, digits, _)
#   -- rule: words                  marks it as one that must find nothing
#   INSERT INTO hold VALUES (?1, ?2);
#
# A name may stand once; parameters are ?1, ?2, ... without a gap. What breaks
# this stops the build, and says where.

function fail(message)
{
    printf "%s:%d: %s\n", FILENAME, FNR, message > "/dev/stderr"
    failed = 1
    exit 1
}

function quoted(text)
{
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\\n\""
}

function finish_query(    i)
{
    if (name == "")
        return
    if (sql[queries] == "")
        fail("query '" name "' is empty")
    for (i = 1; i <= highest; i++)
        if (!(i in used))
            fail("query '" name "' lacks parameter ?" i)
    parameters[queries] = highest
    name = ""
}

function begin_query(title)
{
    finish_query()
    if (title !~ /^[a-z][a-z0-9_]*$/)
        fail("'" title "' is no name for a query")
    if (title in known)
        fail("query '" title "' stands twice")
    known[title] = 1
    name = title
    names[++queries] = title
    sql[queries] = ""
    highest = 0
    split("", used)
}

function scan_parameters(line,    rest, number)
{
    rest = line
    gsub(/'[^']*'/, "''", rest)
    if (rest ~ /\?([^0-9]|$)/)
        fail("a parameter without a number")
    while (match(rest, /\?[0-9]+/)) {
        number = substr(rest, RSTART + 1, RLENGTH - 1) + 0
        if (number < 1)
            fail("parameters count from ?1")
        used[number] = 1
        if (number > highest)
            highest = number
        rest = substr(rest, RSTART + RLENGTH)
    }
}

function base_name(path)
{
    sub(/.*\//, "", path)
    sub(/\.sql$/, "", path)
    return path
}

BEGIN {
    if (set == "" || prefix == "" || out == "") {
        print "embed.awk: wants -v set= -v prefix= -v out=" > "/dev/stderr"
        failed = 1
        exit 1
    }
}

FNR == 1 {
    finish_query()
    file = base_name(FILENAME)
    migration = file ~ /^[0-9][0-9][0-9][0-9]-/
    if (migration) {
        migrations++
        if (substr(file, 1, 4) + 0 != migrations)
            fail("migration " migrations " is missing before this one")
        migration_name[migrations] = substr(file, 6)
        migration_sql[migrations] = ""
    }
}

migration {
    migration_sql[migrations] = migration_sql[migrations] "\n    " quoted($0)
    next
}

/^-- name:/ {
    begin_query($3)
    if (NF != 3)
        fail("a name is one word")
    next
}

/^-- rule:/ {
    if (name == "")
        fail("a rule outside a query")
    line = $0
    sub(/^-- rule: */, "", line)
    rule[queries] = (queries in rule) ? rule[queries] " " line : line
    next
}

/^[ \t]*--/ || /^[ \t]*$/ { next }

{
    if (name == "")
        fail("SQL outside a named query")
    code = $0
    sub(/[ \t]+--[ \t].*$/, "", code)
    scan_parameters(code)
    sql[queries] = sql[queries] "\n      " quoted(code)
}

END {
    if (failed)
        exit 1
    finish_query()
    if (failed)
        exit 1

    header = out ".h"
    guard = toupper(set) "_SQL_H"
    printf "/* Made by sql/embed.awk; do not edit. */\n" > header
    printf "#ifndef %s\n#define %s\n\n#include \"db.h\"\n\n", guard, guard \
        > header
    printf "enum %s_query {\n", set > header
    for (i = 1; i <= queries; i++)
        printf "    %s_%s,\n", prefix, toupper(names[i]) > header
    printf "    %s_COUNT\n};\n\n", prefix > header
    printf "extern const struct db_set %s_set;\n\n#endif\n", set > header

    source = out ".c"
    printf "/* Made by sql/embed.awk; do not edit. */\n" > source
    printf "#include \"%s.h\"\n\n", base_name(out) > source
    printf "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n\n" \
        > source
    printf "static const struct db_query queries[] = {\n" > source
    for (i = 1; i <= queries; i++)
        printf "    { \"%s\",%s,\n      %d },\n", names[i], sql[i], \
            parameters[i] > source
    printf "};\n\nstatic const struct db_migration migrations[] = {\n" > source
    for (i = 1; i <= migrations; i++)
        printf "    { %d, \"%s\",%s },\n", i, migration_name[i], \
            migration_sql[i] > source
    printf "};\n\n" > source
    rules = 0
    for (i = 1; i <= queries; i++)
        if (i in rule)
            rules++
    if (rules > 0) {
        printf "static const struct db_rule rules[] = {\n" > source
        for (i = 1; i <= queries; i++)
            if (i in rule) {
                words = rule[i]
                gsub(/\\/, "\\\\", words)
                gsub(/"/, "\\\"", words)
                printf "    { %s_%s, \"%s\" },\n", prefix, \
                    toupper(names[i]), words > source
            }
        printf "};\n\n" > source
    }
    printf "const struct db_set %s_set = {\n", set > source
    printf "    queries, %s_COUNT, migrations, %d, %s, %d\n};\n", prefix, \
        migrations, (rules > 0 ? "rules" : "NULL"), rules > source
}
