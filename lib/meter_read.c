/*
 * Reading charges: see meter_read.h.
 */
#include "meter_read.h"

#include "limits.h"

void
meter_read_charge(struct json_reader *reader, struct meter_charge *charge)
{
    bool own = json_has(reader, "feature") || json_has(reader, "credits");
    bool booked = json_has(reader, "activity") ||
                  json_has(reader, "quantity") || json_has(reader, "quality");

    *charge = (struct meter_charge){ .activity = NULL };
    if (own && booked)
        json_refuse(reader, json_has(reader, "feature") ? "feature" : "credits",
                    "either activity and quantity, or feature and credits");
    if (own) {
        charge->feature = json_need_text(reader, "feature", LIMIT_TEXT);
        charge->amount = json_need_integer(reader, "credits", 1, LIMIT_CREDITS);
    } else {
        charge->activity = json_need_text(reader, "activity", LIMIT_TEXT);
        charge->amount =
            json_need_integer(reader, "quantity", 1, LIMIT_INTEGER);
        charge->quality = json_want_text(reader, "quality", LIMIT_TEXT, NULL);
    }
    charge->refs = (struct refs){
        .livestream = json_want_text(reader, "livestream", LIMIT_TEXT, NULL),
        .order = json_want_text(reader, "order", LIMIT_TEXT, NULL),
        .campaign = json_want_text(reader, "campaign", LIMIT_TEXT, NULL),
        .member = json_want_text(reader, "member", LIMIT_TEXT, NULL),
        .note = json_want_text(reader, "note", LIMIT_TEXT, NULL),
    };
}

void
meter_print_charge(struct fingerprint *print, const struct meter_charge *charge)
{
    fingerprint_text(print, "activity", charge->activity);
    fingerprint_text(print, "quality", charge->quality);
    fingerprint_text(print, "feature", charge->feature);
    fingerprint_int(print, "amount", charge->amount);
    fingerprint_text(print, "livestream", charge->refs.livestream);
    fingerprint_text(print, "order", charge->refs.order);
    fingerprint_text(print, "campaign", charge->refs.campaign);
    fingerprint_text(print, "member", charge->refs.member);
    fingerprint_text(print, "note", charge->refs.note);
}

enum problem
meter_price(struct req *req, struct json_reader *reader,
            const struct price_book *book, const struct meter_charge *ask,
            struct charge *charge)
{
    if (ask->activity == NULL) {
        *charge = (struct charge){ .feature = ask->feature };
        return P_NONE;
    }
    switch (
        price_find(book, ask->activity, ask->quality, ask->amount, charge)) {
    case PRICE_OK: return P_NONE;
    case PRICE_UNKNOWN_ACTIVITY:
        json_refuse(reader, "activity", "the price book has no such activity");
        break;
    case PRICE_UNKNOWN_QUALITY:
        json_refuse(reader, "quality", "not a quality that this activity has");
        break;
    case PRICE_NO_QUALITY:
        json_refuse(reader, "quality",
                    "this activity needs one: fast, balanced or premium");
        break;
    default: req->details.detail = NULL; return P_UNAVAILABLE;
    }
    return P_INVALID_REQUEST;
}
