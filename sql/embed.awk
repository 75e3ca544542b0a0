# Makes C of SQL: named queries, migrations and rules become one `struct
# db_set` and an enum of names, so that a misspelt query does not compile and
# a program carries its schema with it.
#
#   awk -v set=ledger -v out=DIR/ledger_sql [-v prefix=Q] -f embed.awk FILES
#
# writes DIR/ledger_sql.c and .h: `ledger_set` and Q_NAME of each query.
#
# Files whose names begin with four digits and a '-' (0001-ledger.sql) are
# migrations, given in the order of their numbers, without a gap. All others
# hold queries:
#
#   -- name: hold_insert            begins a query (lower case, digits, _)
#   -- rule: words                  marks it as one that must find nothing
#   INSERT INTO hold VALUES (?1, ?2);
#
# A name may stand once; a query is one statement; parameters are ?1, ?2, ...
# without a gap, and a rule has none; a text in quotes ends on its line. What
# breaks this stops the build, and says where. Nothing is written then.

function fail_at(where, message)
{
    printf "%s: %s\n", where, message > "/dev/stderr"
    failed = 1
    exit 1
}

function fail(message)
{
    fail_at(FILENAME ":" FNR, message)
}

# As the inside of a C string; \? because ??/ and its like mean others.
function escaped(text)
{
    gsub(/[\\"?]/, "\\\\&", text)
    return text
}

function quoted(text)
{
    return "\"" escaped(text) "\\n\""
}

function finish_query(    i)
{
    if (name == "")
        return
    if (sql[queries] == "")
        fail_at(place, "query '" name "' is empty")
    for (i = 1; i <= highest; i++)
        if (!(i in used))
            fail_at(place, "query '" name "' lacks parameter ?" i)
    if (highest > 0 && queries in rule)
        fail_at(place, "rule '" name "' has parameters")
    parameters[queries] = highest
    name = ""
}

function finish_migration()
{
    if (migration && !filled)
        fail_at(migration_place, "the migration is empty")
    migration = 0
}

function begin_query(title)
{
    finish_query()
    if (title !~ /^[a-z][a-z0-9_]*$/)
        fail("'" title "' is no name for a query")
    if (title in known)
        fail("query '" title "' stands twice, first in " known[title])
    known[title] = place = FILENAME ":" FNR
    name = title
    names[++queries] = title
    sql[queries] = ""
    highest = 0
    ended = 0
    split("", used)
}

# The line without its comment; what stands in quotes is left alone.
function without_comment(line,    i, c, quote)
{
    quote = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        if (quote != "") {
            if (c == quote)
                quote = ""
        } else if (c == "'" || c == "\"") {
            quote = c
        } else if (substr(line, i, 2) == "--") {
            line = substr(line, 1, i - 1)
            break
        } else if (substr(line, i, 2) == "/*") {
            fail("comments begin with --")
        }
    }
    if (quote != "")
        fail("a " quote " is not closed on its line")
    sub(/[ \t\r]+$/, "", line)
    return line
}

# Parameters, and whether the statement ends; `line` has no comment.
function scan(line,    number)
{
    gsub(/'[^']*'/, "''", line)
    gsub(/"[^"]*"/, "\"\"", line)
    if (line ~ /;.*[^ \t;]/ || (ended && line ~ /[^ \t;]/))
        fail("a second statement in query '" name "'")
    if (line ~ /;/)
        ended = 1
    if (line ~ /\?([^0-9]|$)/)
        fail("a parameter without a number")
    while (match(line, /\?[0-9]+/)) {
        number = substr(line, RSTART + 1, RLENGTH - 1)
        if (number !~ /^[1-9][0-9]?$/)
            fail("parameters are ?1 to ?99")
        number += 0
        used[number] = 1
        if (number > highest)
            highest = number
        line = substr(line, RSTART + RLENGTH)
    }
}

function base_name(path)
{
    sub(/.*\//, "", path)
    sub(/\.sql$/, "", path)
    return path
}

BEGIN {
    if (prefix == "")
        prefix = "Q"
    if (set !~ /^[a-z][a-z0-9_]*$/ || prefix !~ /^[A-Z][A-Z0-9_]*$/ ||
        out == "" || ARGC < 2)
        fail_at("embed.awk", "wants -v set= -v out= and files")
}

FNR == 1 {
    finish_query()
    finish_migration()
    seen[FILENAME] = 1
    file = base_name(FILENAME)
    migration = file ~ /^[0-9][0-9][0-9][0-9]-/
    if (migration) {
        if (substr(file, 1, 4) + 0 != ++migrations)
            fail(sprintf("migration %04d should come here", migrations))
        if (file !~ /^[0-9]+-[a-z0-9-]+$/)
            fail("a migration is named like 0001-first-words.sql")
        migration_name[migrations] = substr(file, 6)
        migration_sql[migrations] = ""
        migration_place = FILENAME ":1"
        filled = 0
    }
}

migration {
    if ($0 !~ /^[ \t]*(--|$)/)
        filled = 1
    migration_sql[migrations] = migration_sql[migrations] "\n    " quoted($0)
    next
}

/^-- name:/ {
    if (NF != 3)
        fail("a name is one word")
    begin_query($3)
    next
}

/^-- rule:/ {
    if (name == "")
        fail("a rule outside a query")
    line = $0
    sub(/^-- rule:[ \t]*/, "", line)
    if (line == "")
        fail("a rule without words")
    if (queries in rule) # asked apart: an assignment makes its left side first
        rule[queries] = rule[queries] " " line
    else
        rule[queries] = line
    next
}

# Anything else that was meant to be one of the two.
/^[ \t]*--[ \t]*(name|rule)[ \t]*:/ { fail("write '-- name: x', '-- rule: x'") }

/^[ \t]*--/ || /^[ \t\r]*$/ { next }

{
    if (name == "")
        fail("SQL outside a named query")
    code = without_comment($0)
    scan(code)
    if (code !~ /^[ \t;]*$/ || sql[queries] != "")
        sql[queries] = sql[queries] "\n      " quoted(code)
}

END {
    if (failed)
        exit 1
    finish_query()
    finish_migration()
    for (i = 1; i < ARGC && !failed; i++)
        if (!(ARGV[i] in seen))
            fail_at(ARGV[i], "the file is empty or cannot be read")
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

    # C has no empty array: each is there only with something in it.
    if (queries > 0) {
        printf "static const struct db_query queries[] = {\n" > source
        for (i = 1; i <= queries; i++)
            printf "    { \"%s\",%s,\n      %d },\n", names[i], sql[i], \
                parameters[i] > source
        printf "};\n\n" > source
    }
    if (migrations > 0) {
        printf "static const struct db_migration migrations[] = {\n" > source
        for (i = 1; i <= migrations; i++)
            printf "    { %d, \"%s\",%s },\n", i, migration_name[i], \
                migration_sql[i] > source
        printf "};\n\n" > source
    }
    rules = 0
    for (i = 1; i <= queries; i++)
        if (i in rule)
            rules++
    if (rules > 0) {
        printf "static const struct db_rule rules[] = {\n" > source
        for (i = 1; i <= queries; i++)
            if (i in rule)
                printf "    { %s_%s, \"%s\" },\n", prefix, \
                    toupper(names[i]), escaped(rule[i]) > source
        printf "};\n\n" > source
    }
    printf "const struct db_set %s_set = {\n", set > source
    printf "    %s, %d, %s, %d, %s, %d\n};\n", \
        (queries > 0 ? "queries" : "NULL"), queries + 0, \
        (migrations > 0 ? "migrations" : "NULL"), migrations + 0, \
        (rules > 0 ? "rules" : "NULL"), rules > source
}
