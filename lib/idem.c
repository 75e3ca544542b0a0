/*
 * Idempotency keys: see idem.h. Numbers of an answer are zigzag varints:
 * seven bits a byte, the lowest first, the high bit set on all but the last.
 */
#include "idem.h"

#include "ledger_sql.h"
#include "limits.h"

static enum idem_result
compare(const struct rows *rows, struct idem *idem)
{
    const struct db_value *print = rows_at(rows, 0, 0);
    const struct db_value *answer = rows_at(rows, 0, 2);

    if (print->length != SIGN_SIZE ||
        memcmp(print->bytes, idem->fingerprint, SIGN_SIZE) != 0)
        return IDEM_KEY_REUSED;
    idem->ref = rows_int(rows, 0, 1);
    idem->answer = answer->bytes;
    idem->answer_length = answer->length;
    return IDEM_REPLAYED;
}

enum idem_result
idem_find(struct db *db, struct arena *arena, struct idem *idem)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_IDEM_FIND,
               BLOB(idem->key, strlen(idem->key)), INT(idem->space),
               INT(idem->member), INT(idem->operation)) != DB_OK)
        return IDEM_BROKEN;
    return rows.n == 0 ? IDEM_NEW : compare(&rows, idem);
}

enum idem_result
idem_keep(struct db *db, struct arena *arena, struct idem *idem)
{
    struct rows rows;
    const char *answer = idem->answer_length == 0 ? "" : idem->answer;

    assert(strlen(idem->key) >= 1 && strlen(idem->key) <= LIMIT_KEY);
    if (db_run(db, arena, &rows, Q_IDEM_INSERT,
               BLOB(idem->key, strlen(idem->key)), INT(idem->space),
               INT(idem->member), INT(idem->operation),
               BLOB(idem->fingerprint, SIGN_SIZE), INT(idem->ref),
               BLOB(answer, idem->answer_length)) != DB_OK)
        return IDEM_BROKEN;
    return rows.changes == 1 ? IDEM_NEW : idem_find(db, arena, idem);
}

void
fingerprint_begin(struct fingerprint *print, struct arena *arena)
{
    buf_init(&print->text, arena, LIMIT_BODY_LARGE);
}

/* Names and texts with their lengths: no two requests read the same. */
void
fingerprint_text(struct fingerprint *print, const char *name, const char *text)
{
    if (text != NULL)
        buf_format(&print->text, "%s=%zu:%s;", name, strlen(text), text);
}

void
fingerprint_int(struct fingerprint *print, const char *name, int64_t number)
{
    buf_format(&print->text, "%s#%lld;", name, (long long)number);
}

void
fingerprint_end(const struct fingerprint *print, struct idem *idem)
{
    assert(!print->text.over);
    sign_sha256(idem->fingerprint, print->text.bytes, print->text.length);
}

void
idem_put(struct buf *answer, int64_t number)
{
    uint64_t rest = ((uint64_t)number << 1) ^ (number < 0 ? UINT64_MAX : 0);

    for (; rest >= 0x80; rest >>= 7)
        buf_char(answer, (char)(unsigned char)(rest | 0x80));
    buf_char(answer, (char)rest);
}

void
idem_answer(struct idem *idem, const struct buf *answer)
{
    assert(!answer->over);
    idem->answer = answer->bytes;
    idem->answer_length = answer->length;
}

void
idem_read(struct idem_reader *reader, const struct idem *idem)
{
    reader->at = idem->answer;
    reader->end = idem->answer + idem->answer_length;
}

bool
idem_get(struct idem_reader *reader, int64_t *number)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64 && reader->at < reader->end;
         shift += 7) {
        uint64_t byte = (unsigned char)*reader->at++;

        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            *number = (int64_t)((value >> 1) ^ (~(value & 1) + 1));
            return true;
        }
    }
    return false;
}
