/* fields.h: field tables. One list of rows per struct; from it come
 *   JSON in (fields_read) with validation and the place of every fault,
 *   JSON out (fields_write),
 *   the database row (store/store.h binds and reads columns by the same rows),
 *   the OpenAPI schema (fields_schema).
 *
 * A row names the member once, in snake_case: that is the column's name and the v3 key. The v1
 * dialect turns it into camelCase, unless the row gives another v1 name. Rows that a dialect or the
 * database does not have are marked with flags.
 *
 *   static const struct field meter_rows[] = {
 *       FIELD(struct meter, id, ULID, .flags = FIELD_READ_ONLY),
 *       FIELD(struct meter, key, TEXT, .v1 = "slug", .flags = FIELD_REQUIRED, .form = FORM_KEY),
 *       FIELD_WORD(struct meter, aggregation, meter_aggregation_words, .flags = FIELD_REQUIRED),
 *   };
 *   const struct fields meter_fields = FIELDS("Meter", struct meter, meter_rows);
 *
 * Members by kind (FIELD checks the C type at compile time):
 *   TEXT text · BOOL bool · INT int64_t · DEC dec · INSTANT instant · SPAN span · ULID any ID_TYPE
 *   ENUM an enum or int (an index into words) · TEXT_MAP struct text_map · TEXT_LIST struct
 * text_list OBJECT the struct itself, described by `sub` · LIST struct list of `sub` structs JSON
 * text: raw JSON, kept as written
 *
 * An absent optional member reads as: TEXT ptr NULL, BOOL false (true with a .fallback of 1), INT
 * 0, DEC invalid, INSTANT none, SPAN zero, ULID zero, ENUM FIELD_ENUM_NONE unless .fallback is set,
 * OBJECT all absent with its `is_set` flag (see `set_offset`) false, JSON ptr NULL, maps and lists
 * empty. A value equal to "absent" is left out of JSON out and stored as NULL; but a BOOL without a
 * flag is always printed, an INT too unless its bounds start above 0, and an OBJECT without a flag
 * when it is required. A BOOL with a flag is for nested tables: columns keep its value only.
 *
 * A pointer member never occurs; nesting is by OBJECT and LIST.
 */
#ifndef CODEC_FIELDS_H
#define CODEC_FIELDS_H

#include "base/id.h"
#include "base/problem.h"
#include "base/span.h"
#include "codec/json.h"

enum field_kind {
    FIELD_TEXT,
    FIELD_BOOL,
    FIELD_INT,
    FIELD_DEC,
    FIELD_INSTANT,
    FIELD_SPAN,
    FIELD_ULID,
    FIELD_ENUM,
    FIELD_TEXT_MAP,
    FIELD_TEXT_LIST,
    FIELD_OBJECT,
    FIELD_LIST,
    FIELD_JSON,
    FIELD_KIND_COUNT
};

enum dialect { DIALECT_V1, DIALECT_V3, DIALECT_COUNT };

enum field_flag {
    FIELD_REQUIRED = 1 << 0,   /* must be in the request; if read only, is in every answer */
    FIELD_READ_ONLY = 1 << 1,  /* printed; tolerated and ignored in requests */
    FIELD_WRITE_ONLY = 1 << 2, /* read; never printed */
    FIELD_NOT_COLUMN = 1 << 3, /* not in the database row, nor in a JSON column of one */
    FIELD_NOT_JSON = 1 << 4,   /* in the database row only */
    FIELD_NOT_V1 = 1 << 5,
    FIELD_NOT_V3 = 1 << 6,
    FIELD_ALWAYS = 1 << 7,    /* printed also when empty: {} for maps, [] for lists, else null */
    FIELD_UPPER_V1 = 1 << 8,  /* ENUM: words in upper case in v1 */
    FIELD_NUMBER_V1 = 1 << 9, /* DEC: a JSON number in v1, a string in v3 */
    FIELD_NUMBER = 1 << 10,   /* DEC: a JSON number in both */
    FIELD_NON_NEGATIVE = 1 << 11, /* DEC, INT: not below zero */
    FIELD_ALWAYS_V1 = 1 << 12,    /* FIELD_ALWAYS, in v1 only */
    FIELD_NOT_ZERO = 1 << 13      /* SPAN: a zero one is refused, as it would read as absent */
};

/* Forms of a text, checked on the way in. */
enum field_form {
    FORM_ANY,
    FORM_KEY,          /* ^[a-z0-9]+(?:_[a-z0-9]+)*$, 1 to 64 */
    FORM_EXTERNAL_KEY, /* 1 to 256 code points */
    FORM_NAME,         /* 1 to 256 code points */
    FORM_DESCRIPTION,  /* at most 1024 code points */
    FORM_CURRENCY,     /* an ISO 4217 code */
    FORM_COUNTRY,      /* ^[A-Z]{2}$ */
    FORM_JSON_PATH,    /* starts with $ and parses */
    FORM_NON_EMPTY,
    FORM_TAX_ID,     /* 1 to 32 code points */
    FORM_TIME_ZONE,  /* a zone that zone_find knows */
    FORM_LABELS,     /* TEXT_MAP: the contract's label rules in v3, free in v1 */
    FORM_DIMENSIONS, /* TEXT_MAP: names of letters, digits and _, values JSON paths */
    FORM_COUNT
};

#define FIELD_ENUM_NONE (-1)

struct text_pair {
    text key, value;
};

struct text_map {
    struct text_pair *items;
    size_t count;
};

struct text_list {
    text *items;
    size_t count;
};

/* `count` structs of one size in a row; the size is the table's. */
struct list {
    void *items;
    size_t count;
};

struct fields;

struct field {
    const char *name; /* snake_case: column and v3 key */
    const char *v1;   /* v1 key when it is not the camelCase of name; else NULL */
    enum field_kind kind;
    unsigned flags;
    size_t offset;
    size_t set_offset; /* OBJECT, BOOL: offset of its `bool is_set` in the outer struct; 0 = none */
    const char *const *words; /* ENUM: NULL-terminated, lower case */
    const struct fields *sub; /* OBJECT, LIST */
    enum field_form form;
    int fallback;                 /* ENUM: index + 1 used when absent; 0 = none. BOOL: 1 = true */
    int64_t items_min, items_max; /* LIST, TEXT_LIST, TEXT_MAP; 0 = LIMIT_LIST_ITEMS_MAX.
                                     INT: bounds when max > 0 */
    const char *about;            /* one sentence for OpenAPI and the manual */
    const char *code;             /* the wire contract's error code of a value that is out of bounds
                                     (rules min, max, min_items, min_length, invalid), or NULL */
};

struct fields {
    const char *name; /* of the schema: "Meter" */
    size_t size;      /* of the struct */
    const struct field *rows;
    size_t count;
};

#define FIELD_TYPE_TEXT      text
#define FIELD_TYPE_BOOL      bool
#define FIELD_TYPE_INT       int64_t
#define FIELD_TYPE_DEC       dec
#define FIELD_TYPE_INSTANT   instant
#define FIELD_TYPE_SPAN      span
#define FIELD_TYPE_TEXT_MAP  struct text_map
#define FIELD_TYPE_TEXT_LIST struct text_list
#define FIELD_TYPE_LIST      struct list
#define FIELD_TYPE_JSON      text

/* Offset of a member, after checking its type; ULID and OBJECT members are structs of their own. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type cannot stand in parentheses */
#define FIELD_OFFSET(type, member, ctype)                                                          \
    (offsetof(type, member) +                                                                      \
     0 * sizeof(struct {                                                                           \
         _Static_assert(_Generic(((type *)0)->member, ctype : 1, default : 0),                     \
                        "member has another type than its field kind");                            \
         int unused;                                                                               \
     }))
/* NOLINTEND(bugprone-macro-parentheses) */

#define FIELD_AS(type, member, column, KIND, ...)                                                  \
    {                                                                                              \
        .name = (column), .kind = FIELD_##KIND,                                                    \
        .offset = FIELD_OFFSET(type, member, FIELD_TYPE_##KIND) __VA_OPT__(, ) __VA_ARGS__         \
    }

/* A member whose name is its column and key. */
#define FIELD(type, member, KIND, ...)                                                             \
    FIELD_AS(type, member, #member, KIND __VA_OPT__(, ) __VA_ARGS__)

#define FIELD_ID_AS(type, member, column, ...)                                                     \
    {                                                                                              \
        .name = (column), .kind = FIELD_ULID,                                                      \
        .offset = FIELD_OFFSET(type, member.ulid, ulid) __VA_OPT__(, ) __VA_ARGS__                 \
    }
#define FIELD_ID(type, member, ...) FIELD_ID_AS(type, member, #member __VA_OPT__(, ) __VA_ARGS__)

/* An enum member (or int); its words are in the enum's order. An optional one gives the enum a
 * first enumerator of -1. */
#define FIELD_WORD_AS(type, member, column, list, ...)                                             \
    {                                                                                              \
        .name = (column), .kind = FIELD_ENUM,                                                      \
        .offset = offsetof(type, member) +                                                         \
                  0 * sizeof(struct {                                                              \
                      _Static_assert(sizeof(((type *)0)->member) == sizeof(int), "not an enum");   \
                      int unused;                                                                  \
                  }),                                                                              \
        .words = (list)__VA_OPT__(, ) __VA_ARGS__                                                  \
    }
#define FIELD_WORD(type, member, list, ...)                                                        \
    FIELD_WORD_AS(type, member, #member, list __VA_OPT__(, ) __VA_ARGS__)

#define FIELD_STRUCT_AS(type, member, column, table, ...)                                          \
    {                                                                                              \
        .name = (column), .kind = FIELD_OBJECT, .offset = offsetof(type, member),                  \
        .sub = (table)__VA_OPT__(, ) __VA_ARGS__                                                   \
    }
#define FIELD_STRUCT(type, member, table, ...)                                                     \
    FIELD_STRUCT_AS(type, member, #member, table __VA_OPT__(, ) __VA_ARGS__)

#define FIELDS(schema, type, table)                                                                \
    {                                                                                              \
        .name = (schema), .size = sizeof(type), .rows = (table), .count = COUNT_OF(table)          \
    }

/* Reads an object into `ret`, which is zeroed first (size table->size); every row is written,
 * absent ones as described above. Every fault is added to `problem` with its place; unknown keys
 * are a fault in v3 and ignored in v1. Texts point into the JSON's copy: they live as long as
 * problem->arena. Returns whether no fault was added. Rules used: required, type names is_…,
 * unknown_property, enum, min_length, max_length, matches_regex, min, max, min_items, max_items,
 * is_label, is_date_time, invalid. */
NODISCARD bool fields_read(const struct fields *table, enum dialect dialect,
                           const struct json *object, struct problem *problem, void *ret);

/* Prints the struct as an object. */
void fields_write(const struct fields *table, enum dialect dialect, struct json_writer *w,
                  const void *object);

/* The name of a table's schema: its own, and with "Request" behind it the form that a client sends,
 * unless that is how it ends. In the arena or static. */
text fields_schema_name(const struct fields *table, bool is_request, struct arena *arena);

/* Prints the table as an OpenAPI 3.0 schema object; nested tables as $ref to
 * #/components/schemas/<name>. `is_request` leaves read-only rows out, else write-only ones. */
void fields_schema(const struct fields *table, enum dialect dialect, bool is_request,
                   struct json_writer *w);

/* The key of a row in a dialect (camelCase made on the way), in the arena or static. */
text field_key(const struct field *row, enum dialect dialect, struct arena *arena);

/* The row with this snake_case name; NULL when there is none. */
const struct field *fields_find(const struct fields *table, text name);

/* Whether the struct's member has the value that stands for "absent". */
bool field_is_absent(const struct field *row, const void *object);

/* Sets a member to absent (or its fallback). */
void field_set_absent(const struct field *row, void *object);

/* Sets every row of the table to absent. */
void fields_set_absent(const struct fields *table, void *object);

/* An instant as the store keeps it: RFC 3339 in UTC with nine digits of nanoseconds, so that the
 * order of the texts is the order in time. The result lies in `ret`. */
#define STORE_INSTANT_MAX 40
text store_instant_print(instant t, char ret[STORE_INSTANT_MAX]);

/* One member as the text the store keeps for it (enum word, RFC 3339, decimal digits, ULID, JSON
 * for maps, lists and objects, in the v3 dialect with every row), and back. field_from_text returns
 * false when the text is no such value. BOOL and INT are stored as integers and not handled here.
 */
text field_to_text(const struct field *row, const void *object, struct arena *arena);
NODISCARD bool field_from_text(const struct field *row, text t, struct arena *arena, void *object);

/* Index of a word in a NULL-terminated list; FIELD_ENUM_NONE when it is not there. */
int words_find(const char *const *words, text word);

/* The value of a key; TEXT_NONE when it is not there. */
text text_map_get(const struct text_map *map, text key);
bool text_list_holds(const struct text_list *list, text item);

#endif
