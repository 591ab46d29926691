/* limits.h: every limit of the program, with its name, unit and reason.
 *
 * What a client may ask for is bounded here and nowhere else.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include "base/base.h"

/* Names, keys and texts of the wire contract, in bytes unless said otherwise. */
#define LIMIT_KEY_MAX              64    /* ResourceKey: meters, features, plans, rate cards */
#define LIMIT_EXTERNAL_KEY_MAX     256   /* customer keys, code points */
#define LIMIT_NAME_MAX             256   /* display names, code points */
#define LIMIT_DESCRIPTION_MAX      1024  /* code points */
#define LIMIT_LABELS_MAX           50    /* pairs in a label map */
#define LIMIT_LABEL_MAX            63    /* a label's key and value */
#define LIMIT_SUBJECT_KEYS_MAX     1000  /* subjects attributed to one customer */
#define LIMIT_TAX_ID_MAX           32    /* a customer's or supplier's tax id, code points */
#define LIMIT_SUBJECT_MAX          1024  /* one subject key */
#define LIMIT_SUBJECTS_PER_REQUEST 10000 /* records of subjects, made or changed at once */

/* Test clocks. */
#define LIMIT_TEST_CLOCKS_MAX          1000 /* of one organization */
#define LIMIT_TEST_CLOCK_CUSTOMERS_MAX 100  /* on one clock: all of them are run in one request */
#define LIMIT_TEST_CLOCK_YEARS         2    /* of an advance whose answer is waited for, likewise */
#define LIMIT_TEST_CLOCK_LEAP_YEARS    20   /* of one advance */

/* JSON. */
#define LIMIT_JSON_DEPTH     32      /* nested arrays and objects */
#define LIMIT_JSON_MEMBERS   100000  /* members of one object */
#define LIMIT_JSON_VALUES    1000000 /* values of one document, nested ones included */
#define LIMIT_LIST_ITEMS_MAX 10000   /* items of a list whose field table names no bound */

/* HTTP. */
#define LIMIT_BODY_BYTES      (16 * 1024 * 1024)  /* a request body, after decompression */
#define LIMIT_BODIES_BYTES    (512 * 1024 * 1024) /* of all bodies at once; the next gets 429 */
#define LIMIT_HEADER_BYTES    (16 * 1024)         /* one request's line and headers */
#define LIMIT_TARGET_BYTES    (8 * 1024)          /* of them, path and query string */
#define LIMIT_QUICK_BYTES     (16 * 1024)         /* events read without the way over a worker */
#define LIMIT_CONNECTIONS     4096
#define LIMIT_REQUEST_SECONDS 60   /* a connection without progress is closed after it */
#define LIMIT_BODY_SECONDS    600  /* a body that takes longer to arrive is hung up on */
#define LIMIT_QUEUED_REQUESTS 1024 /* waiting for a worker; the next gets 429 */
#define LIMIT_DISCARD_BYTES   (64 * 1024 * 1024) /* of a refused body, read before hanging up */
#define LIMIT_REQUEST_ID_MAX  128                /* a client's X-Request-Id */

/* Events. */
#define LIMIT_EVENTS_PER_REQUEST 10000
#define LIMIT_EVENT_ID_MAX       1024
#define LIMIT_EVENT_SOURCE_MAX   2048
#define LIMIT_EVENT_TYPE_MAX     256
#define LIMIT_EVENT_DATA_MAX     (256 * 1024)
#define LIMIT_CONFLICTS_KEPT     1000 /* of repeated events that say something else, the latest */
#define LIMIT_USAGE_QUEUE_BYTES  (64 * 1024 * 1024) /* accepted, not yet durable */
#define LIMIT_USAGE_CACHE_BYTES  (64 * 1024 * 1024) /* decoded blocks of sealed segments */

/* Meters and queries. */
#define LIMIT_DIMENSIONS_MAX      50
#define LIMIT_SLIDING_WINDOW_DAYS 400 /* how far back a sliding unique count may look */
#define LIMIT_GROUP_BY_MAX        100
#define LIMIT_FILTER_VALUES_MAX   100
#define LIMIT_FILTER_VALUE_MAX    1024 /* bytes of one value */
#define LIMIT_FILTER_PARTS_MAX    10   /* filters joined by one and, or */
#define LIMIT_FILTER_NAMES_MAX    100  /* names in a map of filters */
#define LIMIT_FILTER_DEPTH        4
#define LIMIT_QUERY_ROWS          100000 /* rows of one answer; more is refused */

/* Catalog. */
#define LIMIT_PHASES_MAX           50
#define LIMIT_CUSTOMIZATIONS_MAX   100 /* of one edit of a subscription */
#define LIMIT_RATE_CARDS_MAX       200
#define LIMIT_SIMULATED_PARTS_MAX  100     /* parts of a period in one simulation */
#define LIMIT_PRICE_DIMENSIONS_MAX 5       /* of a matrix */
#define LIMIT_PRICE_CELLS_MAX      1000    /* of a matrix */
#define LIMIT_PRICE_WINDOWS_MAX    50      /* of a price by time of use */
#define LIMIT_TIERS_MAX            1000    /* tiers of one price */
#define LIMIT_UNIT_PRECISION_MAX   18      /* digits that rounding a converted unit leaves */
#define LIMIT_ADDON_QUANTITY_MAX   1000000 /* of one add-on in one subscription */
#define LIMIT_TAX_CODE_MAX         64      /* bytes of one app's tax code */
#define LIMIT_TAX_MAPPINGS_MAX     50      /* apps of one tax code */
#define LIMIT_TAX_RATES_MAX        100     /* rates of one tax code, past ones included */
#define LIMIT_TAX_RATE_DIGITS      6       /* after the point of a percentage */

#define LIMIT_CURRENCY_PRECISION_MAX 12 /* digits of a custom currency */

#define LIMIT_LLM_PRICES_MAX 10000 /* prices of language models loaded at once */

/* Billing. */
#define LIMIT_AMOUNT_DIGITS       32  /* of an amount on a line: a million of them add up */
#define LIMIT_PAYMENT_RETRIES_MAX 20  /* of one payment that failed */
#define LIMIT_CUSTOMER_APPS_MAX   100 /* data in apps set by one request */

/* Lists. */
#define LIMIT_PAGE_SIZE_MAX 1000
#define LIMIT_PAGE_SIZE_V3  20  /* default of v3 */
#define LIMIT_PAGE_SIZE_V1  100 /* default of v1 */

/* Lines that one automatic run puts on an invoice: what can be set, and what holds unless it is. */
#define LIMIT_INVOICE_LINES_MAX 100000
#define INVOICE_LINES_DEFAULT   1000

#endif
