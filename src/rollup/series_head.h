/* series_head.h: the bits of the first byte of a key's entry. Private to series*.c. */
#ifndef ROLLUP_SERIES_HEAD_H
#define ROLLUP_SERIES_HEAD_H

#define SERIES_KIND    3U  /* 0: a subject; else everyone, level + 1 */
#define SERIES_ONLY    64U /* a subject alone */
#define SERIES_SUBJECT 4U  /* the subject follows */
#define SERIES_RESTART 8U  /* the places follow */
#define SERIES_HOURS   16U /* a subject's series has hours */
#define SERIES_DAYS    32U /* and days */
#define SERIES_KNOWN   127U

#endif
