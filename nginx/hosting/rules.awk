# From the addresses of site.conf to the same addresses for another server,
# so that there is one list of them: an action that is added there is added
# everywhere.
#
#     awk -v server=apache -f rules.awk ../headers.conf ../site.conf
#
# server: apache (a .htaccess), lighttpd (for mod_fastcgi or mod_cgi) or
# fcgiwrap (locations of nginx). What stands between @ signs is filled in
# where the site is installed. Regular expressions are PCRE in all of them.

function fail(why) {
    print FILENAME ":" FNR ": " why > "/dev/stderr"
    failed = 1
    exit 1
}

# "= /x", "~ ^/x", "/x/" -> a pattern of the path below the base, with no
# slash before it, for Apache; the others put one there.
function pattern_of(kind, place) {
    if (kind == "=")
        gsub(/\./, "\\.", place)
    if (kind == "=")
        return "^" substr(place, 2) "$"
    if (kind == "~" && substr(place, 1, 2) == "^/")
        return "^" substr(place, 3)
    if (kind == "")
        return "^" substr(place, 2)
    fail("no rule can be made of location " kind " " place)
}

function add(pattern, what, target) {
    count++
    patterns[count] = pattern
    kinds[count] = what
    targets[count] = target
}

function finish_location(    target) {
    if (match(text, /fastcgi_pass unix:\.\.\/run\/[a-z_]+\.sock/)) {
        target = substr(text, RSTART, RLENGTH)
        sub(/.*\//, "", target)
        sub(/\.sock$/, "", target)
        add(pattern_of(kind, place), "program", target)
        programs[target] = 1
    } else if (match(text, /try_files [^ ]+/)) {
        target = substr(text, RSTART + 10, RLENGTH - 10)
        if (target == "$uri" && place !~ /\$$/)
            place = place ".*$"
        add(pattern_of(kind, place), "page", target)
    } else if (match(text, /return 302 [^;]+/)) {
        add(pattern_of(kind, place), "redirect",
            substr(text, RSTART + 11, RLENGTH - 11))
    } else if (text ~ /error_page 404 = \/-\/not_found; return 404/) {
        # A program says it as the contract wants it.
        add(pattern_of(kind, place), "program", "credits")
    } else if (text !~ /return 404|internal/) {
        fail("what is location " kind " " place "?")
    }
}

/^(#HSTS )? *add_header / {
    value = $0
    hsts = sub(/^#HSTS /, "", value) ? "#HSTS " : ""
    name = value
    sub(/^ *add_header /, "", name)
    sub(/ .*/, "", name)
    sub(/^ *add_header [^ ]+ /, "", value)
    sub(/ always;.*$/, "", value)
    if (value !~ /^\$/) {
        gsub(/"/, "", value)
        headers[++header_count] = hsts "Header set " name " \"" value "\""
    }
}

/^ *"" "default-src/ {
    policy = $0
    sub(/^ *"" "/, "", policy)
    sub(/";$/, "", policy)
}

/^ *server \{/ { in_server = 1 }

in_server && /^ *location / {
    kind = $2 == "=" || $2 == "~" ? $2 : ""
    place = kind == "" ? $2 : $3
    text = ""
    in_location = 1
}

in_location {
    text = text $0
    line = $0
    opened += gsub(/\{/, "", line) - gsub(/\}/, "", line)
    if (opened == 0) {
        in_location = 0
        finish_location()
    }
}

function put_apache(    i, names, name) {
    print "# Scrip: made by `scrip install`; another install replaces it."
    print "# Which address goes to which program or page. The releases' own"
    print "# folders answer through these rules only."
    print ""
    print "Options -Indexes +ExecCGI"
    print "CGIPassAuth On"
    print "AddDefaultCharset utf-8"
    print "AddCharset utf-8 .html .css .js .svg"
    print "AddType text/javascript .js"
    print "AddType image/svg+xml .svg"
    print "ErrorDocument 404 @BASE@/@RELEASE@/htdocs/404.html"
    print ""
    programs["sandbox"] = 1
    for (name in programs)
        names = names (names == "" ? "" : "|") name
    names = sorted(names)
    print "<FilesMatch \"^(" names ")$\">"
    print "    <IfModule mod_fcgid.c>"
    print "        SetHandler @HANDLER@"
    print "    </IfModule>"
    print "    <IfModule !mod_fcgid.c>"
    print "        SetHandler cgi-script"
    print "    </IfModule>"
    print "</FilesMatch>"
    print ""
    print "<IfModule mod_headers.c>"
    for (i = 1; i <= header_count; i++)
        print "    " headers[i]
    print "    <FilesMatch \"\\.(html|css|js|svg)$\">"
    print "        Header set Content-Security-Policy \"" policy "\""
    print "        Header set Cache-Control no-cache"
    print "    </FilesMatch>"
    print "</IfModule>"
    print ""
    print "RewriteEngine On"
    print "RewriteBase @BASE@/"
    print "RewriteCond %{ENV:REDIRECT_STATUS} =404"
    print "RewriteRule ^@RELEASE@/htdocs/404\\.html$ - [END]"
    print "RewriteRule ^sandbox(/|$) @RELEASE@/cgi-bin/sandbox [END]"
    for (i = 1; i <= count; i++) {
        if (kinds[i] == "program")
            print "RewriteRule " patterns[i] " @RELEASE@/cgi-bin/" \
                targets[i] " [END]"
        else if (kinds[i] == "page")
            print "RewriteRule " patterns[i] " @RELEASE@/htdocs" \
                (targets[i] == "$uri" ? "/$0" : targets[i]) " [END]"
        else
            print "RewriteRule " patterns[i] " " targets[i] " [R=302,END]"
    }
    print "RewriteRule ^ - [R=404,END]"
}

# A few words between "|", in order.
function sorted(text,    list, n, i, j, swap) {
    n = split(text, list, "|")
    for (i = 1; i < n; i++)
        for (j = i + 1; j <= n; j++)
            if (list[j] < list[i]) {
                swap = list[i]
                list[i] = list[j]
                list[j] = swap
            }
    text = list[1]
    for (i = 2; i <= n; i++)
        text = text "|" list[i]
    return text
}

# "^x(/|$)" below the base, before a query: lighttpd matches both at once.
function whole(pattern) {
    pattern = substr(pattern, 2)
    gsub(/\(\/\|\$\)/, "(?:/[^?]*)?$", pattern)
    gsub(/\(\\\.csv\$\|\/\|\$\)/, "(?:\\.csv|/[^?]*)?$", pattern)
    if (pattern !~ /\$$/)
        pattern = pattern "[^?]*$"
    sub(/\$$/, "(?:\\?.*)?$", pattern)
    return "^@BASE_PATTERN@/" pattern
}

function put_lighttpd(    i, target, name, path, files) {
    print "# Scrip: made by `scrip install`; an administrator includes it,"
    print "# with mod_rewrite, mod_redirect, mod_alias and mod_fastcgi or mod_cgi."
    print "alias.url += ( \"@BASE@/releases/\" => \"@WEB@/releases/\" )"
    print "#CGI $HTTP[\"url\"] =~ \"^@BASE_PATTERN@/releases/[0-9]+/cgi-bin/\" {"
    print "#CGI     cgi.assign = ( \"\" => \"\" )"
    print "#CGI }"
    programs["sandbox"] = 1
    for (name in programs) {
        path = "/@RELEASE@/cgi-bin/" name
        print "#FASTCGI fastcgi.server += ( \"@BASE@" path "\" => (( \"bin-path\" => \"@WEB@" path \
            "\", \"socket\" => \"@DATA@/run-" name "\", \"max-procs\" => 2, " \
            "\"check-local\" => \"disable\" )) )"
    }
    print "url.rewrite-once = ("
    print "    \"" whole("^sandbox(/|$)") "\" => \"@BASE@/@RELEASE@/cgi-bin/sandbox\","
    for (i = 1; i <= count; i++) {
        if (kinds[i] == "redirect")
            continue
        target = kinds[i] == "program" ? "/cgi-bin/" targets[i] \
            : "/htdocs" targets[i]
        if (targets[i] == "$uri") {
            if (files++)
                continue # one rule for all that lies as it is
            print "    \"^@BASE_PATTERN@(/(?:(?:js|css|img|fonts)/[^.?]" \
                "[^?]*|favicon\\.svg|robots\\.txt))(?:\\?.*)?$\" => " \
                "\"@BASE@/@RELEASE@/htdocs$1\","
            continue
        }
        print "    \"" whole(patterns[i]) "\" => \"@BASE@/@RELEASE@" target "\","
    }
    print "    \"^@BASE_PATTERN@/.\" => \"@BASE@/@RELEASE@/nothing\""
    print ")"
    for (i = 1; i <= count; i++)
        if (kinds[i] == "redirect")
            print "url.redirect = ( \"^@BASE_PATTERN@/$\" => \"@BASE@/" \
                targets[i] "\" )"
    print "url.redirect-code = 302"
}

function put_fcgiwrap(    i, pass) {
    print "# Scrip: made by `scrip install`; an administrator includes it in"
    print "# a server of nginx."
    print "location ~ ^@BASE_PATTERN@/sandbox(/|$) { include fastcgi_params; " \
        "fastcgi_param SCRIPT_FILENAME @WEB@/@RELEASE@/cgi-bin/sandbox; " \
        "fastcgi_pass unix:@FCGIWRAP@; }"
    for (i = 1; i <= count; i++) {
        printf "location ~ ^@BASE_PATTERN@/%s { ", substr(patterns[i], 2)
        if (kinds[i] == "program")
            print "client_max_body_size 1m; include fastcgi_params; " \
                "fastcgi_param SCRIPT_FILENAME " \
                "@WEB@/@RELEASE@/cgi-bin/" targets[i] "; " \
                "fastcgi_pass unix:@FCGIWRAP@; }"
        else if (kinds[i] == "redirect")
            print "return 302 @BASE@/" targets[i] "; }"
        else if (targets[i] == "$uri")
            print "rewrite ^@BASE_PATTERN@(/.*)$ /@RELEASE@/htdocs$1 break; " \
                "root @WEB@; }"
        else
            print "rewrite ^@BASE_PATTERN@/" substr(patterns[i], 2) \
                " /@RELEASE@/htdocs" targets[i] " break; root @WEB@; }"
    }
}

END {
    if (failed)
        exit 1
    if (!count || policy == "")
        fail("site.conf has no addresses or no policy")
    if (server == "apache")
        put_apache()
    else if (server == "lighttpd")
        put_lighttpd()
    else if (server == "fcgiwrap")
        put_fcgiwrap()
    else
        fail("no server " server)
}
