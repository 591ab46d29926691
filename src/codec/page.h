/* page.h: one page of a list, as both dialects ask for it. */
#ifndef CODEC_PAGE_H
#define CODEC_PAGE_H

#include "base/base.h"

struct page {
    int64_t number; /* 1 is the first */
    int64_t size;   /* 1 to LIMIT_PAGE_SIZE_MAX */
};

static inline int64_t page_offset(struct page page)
{
    return (page.number - 1) * page.size;
}

#endif
