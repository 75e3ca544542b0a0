/*
 * The price book that a new site starts with. Data and nothing else; an
 * operator imports another.
 */
#include "price.h"

#define ONE(credits, per) (struct price[]){ { NULL, (credits), (per) } }, 1
#define THREE(fast, balanced, premium, per)              \
    (struct price[]){ { "fast", (fast), (per) },         \
                      { "balanced", (balanced), (per) }, \
                      { "premium", (premium), (per) } }, \
        3

static struct activity livestream[] = {
    { "livestream_room", "Livestream room", "minute", ONE(2, 1) },
    { "livestream_viewing", "Public viewing", "viewer-minute", ONE(20, 1000) },
};

static struct activity after_live[] = {
    { "clip", "Clips", "clip", THREE(5, 10, 25, 1) },
    { "draft_post", "Draft posts", "post", THREE(4, 8, 20, 1) },
};

static struct activity ai_tools[] = {
    { "chat_reply", "Chat replies", "reply", THREE(1, 2, 5, 1) },
    { "long_draft", "Long drafts", "draft", THREE(10, 20, 50, 1) },
    { "video_summary", "Video summaries", "minute of video",
      THREE(5, 10, 20, 10) },
};

static struct price_section sections[] = {
    { "livestream", "Livestream", livestream, COUNT_OF(livestream) },
    { "after_live", "After the live", after_live, COUNT_OF(after_live) },
    { "ai_tools", "AI tools", ai_tools, COUNT_OF(ai_tools) },
};

static const struct price_book first = { .sections = sections,
                                         .section_count = COUNT_OF(sections) };

const struct price_book *
price_first_book(void)
{
    return &first;
}
