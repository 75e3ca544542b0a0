/*
 * Idempotency keys: see idem.h. Figures are kept as varints: zigzag, seven
 * bits a byte, the lowest first.
 */
#include "idem.h"

#include "buf.h"
#include "ledger_sql.h"

/* Bytes of one figure at most: 64 bits by seven. */
#define FIGURE_MAX 10

void
idem_text(struct buf *print, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_text(print, name);
    buf_char(print, '=');
    buf_int(print, (int64_t)strlen(value));
    buf_char(print, ':');
    buf_text(print, value);
    buf_char(print, '\n');
}

void
idem_number(struct buf *print, const char *name, int64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)value);
    idem_text(print, name, text);
}

void
idem_print(struct idem *idem, const struct buf *print)
{
    assert(!print->over);
    sign_sha256(idem->fingerprint, print->bytes, print->length);
}

static size_t
put_figure(uint8_t *out, int64_t figure)
{
    uint64_t left = ((uint64_t)figure << 1) ^ (uint64_t)(figure >> 63);
    size_t n = 0;

    for (; left >= 0x80; left >>= 7)
        out[n++] = (uint8_t)(left | 0x80);
    out[n++] = (uint8_t)left;
    return n;
}

/* Reads all figures; false where the bytes are none. */
static bool
read_figures(struct idem *idem, const uint8_t *at, size_t length)
{
    const uint8_t *end = at + length;

    idem->figure_count = 0;
    while (at < end) {
        uint64_t sum = 0;
        unsigned shift = 0;

        if (idem->figure_count == IDEM_FIGURES_MAX)
            return false;
        for (; at < end && (*at & 0x80) && shift < 63; shift += 7)
            sum |= (uint64_t)(*at++ & 0x7f) << shift;
        if (at == end || (*at & 0x80))
            return false;
        sum |= (uint64_t)*at++ << shift;
        idem->figures[idem->figure_count++] =
            (int64_t)(sum >> 1) ^ -(int64_t)(sum & 1);
    }
    return true;
}

enum idem_result
idem_find(struct db *db, struct arena *arena, struct idem *idem)
{
    const struct db_value *print, *answer;
    struct rows rows;

    if (db_run(db, arena, &rows, Q_IDEM_FIND,
               BLOB(idem->key, strlen(idem->key)), INT(idem->space),
               INT(idem->scope), INT(idem->operation)) != DB_OK)
        return IDEM_BROKEN;
    if (rows.n == 0)
        return IDEM_NEW;
    print = rows_at(&rows, 0, 0);
    answer = rows_at(&rows, 0, 2);
    if (print->length != SIGN_SIZE ||
        !sign_equal(print->bytes, idem->fingerprint, SIGN_SIZE))
        return IDEM_OTHER;
    idem->ref = rows_int(&rows, 0, 1);
    return read_figures(idem, (const uint8_t *)answer->bytes, answer->length)
               ? IDEM_SAME
               : IDEM_BROKEN;
}

enum idem_result
idem_keep(struct db *db, struct arena *arena, const struct idem *idem)
{
    uint8_t answer[IDEM_FIGURES_MAX * FIGURE_MAX];
    size_t length = 0;
    struct rows rows;

    for (int i = 0; i < idem->figure_count; i++)
        length += put_figure(answer + length, idem->figures[i]);
    if (db_run(db, arena, &rows, Q_IDEM_INSERT,
               BLOB(idem->key, strlen(idem->key)), INT(idem->space),
               INT(idem->scope), INT(idem->operation),
               BLOB(idem->fingerprint, SIGN_SIZE), INT(idem->ref),
               BLOB(answer, length)) != DB_OK ||
        rows.changes != 1)
        return IDEM_BROKEN;
    return IDEM_NEW;
}
