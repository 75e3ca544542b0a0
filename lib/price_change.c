/*
 * Comparing price books: see price_change.h. "2 per 1" and "20 per 10" are
 * two prices: they round differently.
 */
#include "price_change.h"

struct list {
    struct arena *arena;
    struct price_change *changes;
    int count, room;
};

static const struct price *
find_price(const struct price_book *book, const char *activity,
           const char *quality)
{
    const struct activity *found = price_activity(book, activity);

    for (int i = 0; found != NULL && i < found->price_count; i++) {
        const char *other = found->prices[i].quality;

        if (other == NULL || quality == NULL ? other == quality
                                             : strcmp(other, quality) == 0)
            return &found->prices[i];
    }
    return NULL;
}

static void
add(struct list *list, const struct activity *activity, const char *quality,
    const struct price *before, const struct price *after)
{
    arena_grow(list->arena, (void **)&list->changes, list->count, &list->room,
               sizeof(*list->changes));
    list->changes[list->count++] = (struct price_change){
        .activity = activity,
        .quality = quality,
        .before = before,
        .after = after,
    };
}

/* What of this activity the other book prices otherwise, or not at all. */
static void
compare(struct list *list, const struct activity *activity,
        const struct price_book *other, bool other_is_before)
{
    for (int i = 0; i < activity->price_count; i++) {
        const struct price *price = &activity->prices[i];
        const struct price *found =
            find_price(other, activity->id, price->quality);

        if (!other_is_before && found == NULL)
            add(list, activity, price->quality, price, NULL);
        else if (other_is_before &&
                 (found == NULL || found->credits != price->credits ||
                  found->per != price->per))
            add(list, activity, price->quality, found, price);
    }
}

static void
compare_all(struct list *list, const struct price_book *book,
            const struct price_book *other, bool other_is_before)
{
    for (int i = 0; i < book->section_count; i++)
        for (int k = 0; k < book->sections[i].activity_count; k++)
            compare(list, &book->sections[i].activities[k], other,
                    other_is_before);
}

void
price_changes(struct arena *arena, const struct price_book *before,
              const struct price_book *after, struct price_change **changes,
              int *count)
{
    struct list list = { .arena = arena };

    compare_all(&list, after, before, true);
    compare_all(&list, before, after, false);
    *changes = list.changes;
    *count = list.count;
}
