/*
 * libsodium behind secret.h. Never keeps a password, never compares hashes
 * itself, and never answers sooner for a member who does not exist.
 */
#include "secret.h"

#include <sodium.h>

/* OWASP's smallest Argon2id set: one sign-in costs some 20 ms and 19 MiB,
 * and so does every guess. Raising them: the stand-in below goes along. */
#define PASSES 2
#define MEMORY (19 * 1024 * 1024)

/* Of a password that nobody knows, with the parameters above. */
static const char stand_in[] =
    "$argon2id$v=19$m=19456,t=2,p=1"
    "$Qj4SAPZxlNmx2gFHpmusrw$HqfjW6lJYMg+sr3zvWUEKlqHGV8IY3Y977omAY6Ihyg";

static_assert(SECRET_HASH_SIZE >= crypto_pwhash_argon2id_STRBYTES,
              "room for a hash");

static void
start(void)
{
    /* safe to repeat, and from several threads */
    if (sodium_init() < 0) {
        fputs("secret: libsodium cannot start\n", stderr);
        abort();
    }
}

bool
secret_hash(char out[SECRET_HASH_SIZE], const char *password)
{
    size_t length = strlen(password);

    start();
    memset(out, 0, SECRET_HASH_SIZE);
    return length >= SECRET_MIN && length <= SECRET_MAX &&
           crypto_pwhash_argon2id_str(out, password, length, PASSES, MEMORY) ==
               0;
}

bool
secret_matches(const char *hash, const char *password)
{
    const char *against = hash == NULL ? stand_in : hash;
    char padded[crypto_pwhash_argon2id_STRBYTES] = "";
    size_t length = strlen(password);
    bool same;

    start();
    if (length > SECRET_MAX || strlen(against) >= sizeof(padded))
        return false;
    /* the library may look at all STRBYTES of a hash */
    memcpy(padded, against, strlen(against));
    same = crypto_pwhash_argon2id_str_verify(padded, password, length) == 0;
    return same && hash != NULL;
}
