/* run_writer.c: a run's file being written. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "rollup/run_trailer.h"

#define SUFFIX ".tmp"

struct area {
    unsigned char *page; /* being filled: RUN_PAGE_BYTES of room */
    size_t used;
    uint64_t size; /* of the area, with what is in `page` */
    struct run_pages pages;
};

struct run_writer {
    struct usage_io *io;
    struct arena *arena;
    char *path;
    char *temporary;
    int fd; /* -1: none */
    enum err err;
    uint64_t offset; /* end of what was written */
    struct area areas[RUN_AREA_COUNT];
};

const char *run_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

struct run_writer *run_writer_new(struct usage_io *io, const char *path)
{
    struct run_writer *writer = calloc(1, sizeof(*writer));
    CHECK(io != NULL && path != NULL);
    MUST(writer != NULL);
    writer->io = io;
    writer->arena = arena_new();
    writer->path = text_cstr(writer->arena, text_of(path));
    writer->temporary = text_cstr(writer->arena, text_format(writer->arena, "%s%s", path, SUFFIX));
    for (size_t i = 0; i < RUN_AREA_COUNT; i++)
        writer->areas[i].page = arena_alloc(writer->arena, RUN_PAGE_BYTES);
    writer->fd = io->open(io, writer->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (writer->fd < 0)
        writer->err = err_of_errno(errno);
    return writer;
}

static void writer_free(struct run_writer *writer)
{
    if (writer->fd >= 0)
        (void)close(writer->fd);
    arena_free(writer->arena);
    free(writer);
}

/* Writes at the end of the file; nothing after an error. */
static void put(struct run_writer *writer, const void *bytes, size_t size)
{
    const unsigned char *from = bytes;
    while (size > 0 && writer->err == OK) {
        int64_t written =
            writer->io->write(writer->io, writer->fd, from, size, (int64_t)writer->offset);
        if (written <= 0) {
            writer->err = written < 0 ? err_of_errno(errno) : ERR_IO;
            return;
        }
        from += written;
        size -= (size_t)written;
        writer->offset += (uint64_t)written;
    }
}

/* Notes a page that is about to be written. */
static struct run_page *note_page(struct run_writer *writer, struct run_pages *pages)
{
    if (pages->count == pages->room) {
        size_t room = pages->room == 0 ? 16 : pages->room * 2;
        struct run_page *items = ARENA_ARRAY(writer->arena, struct run_page, room);
        if (pages->count > 0)
            memcpy(items, pages->items, pages->count * sizeof(*items));
        pages->items = items;
        pages->room = room;
    }
    return &pages->items[pages->count++];
}

static void end_page(struct run_writer *writer, enum run_area number)
{
    struct area *area = &writer->areas[number];
    if (area->used == 0)
        return;
    uint64_t place = run_page_place(number, area->pages.count);
    struct run_page *page = note_page(writer, &area->pages);
    page->start = area->size - area->used;
    page->offset = writer->offset;
    page->size = (uint32_t)area->used;
    page->checksum = run_checksum(area->page, area->used, place);
    put(writer, area->page, area->used);
    area->used = 0;
}

void run_write(struct run_writer *writer, enum run_area number, const void *bytes, size_t size)
{
    CHECK(writer != NULL && number < RUN_AREA_COUNT);
    struct area *area = &writer->areas[number];
    const unsigned char *from = bytes;
    area->size += size;
    for (size_t rest = size; rest > 0;) {
        size_t part = RUN_PAGE_BYTES - area->used;
        part = part < rest ? part : rest;
        memcpy(area->page + area->used, from, part);
        area->used += part;
        from += part;
        rest -= part;
        area->size -= rest;
        if (area->used == RUN_PAGE_BYTES)
            end_page(writer, number);
        area->size += rest;
    }
}

uint64_t run_written(const struct run_writer *writer, enum run_area area)
{
    CHECK(writer != NULL && area < RUN_AREA_COUNT);
    return writer->areas[area].size;
}

enum err run_writer_err(const struct run_writer *writer)
{
    return writer->err;
}

struct run_mark run_writer_mark(struct run_writer *writer)
{
    struct run_mark mark = { 0 };
    for (size_t i = 0; i < RUN_AREA_COUNT; i++) {
        end_page(writer, (enum run_area)i);
        mark.sizes[i] = writer->areas[i].size;
        mark.pages[i] = writer->areas[i].pages.count;
    }
    mark.offset = writer->offset;
    return mark;
}

void run_writer_rollback(struct run_writer *writer, const struct run_mark *mark)
{
    CHECK(writer != NULL && mark != NULL && mark->offset <= writer->offset);
    writer->offset = mark->offset;
    for (size_t i = 0; i < RUN_AREA_COUNT; i++) {
        writer->areas[i].size = mark->sizes[i];
        writer->areas[i].pages.count = mark->pages[i];
        writer->areas[i].used = 0;
    }
}

static enum err write_end(struct run_writer *writer, const struct run_trailer *trailer)
{
    struct run_pages pages[RUN_AREA_COUNT];
    struct buffer out = { .arena = writer->arena };
    struct usage_io *io = writer->io;
    unsigned char footer[RUN_FOOTER_BYTES];
    for (size_t i = 0; i < RUN_AREA_COUNT; i++) {
        end_page(writer, (enum run_area)i);
        pages[i] = writer->areas[i].pages;
    }
    run_trailer_write(trailer, pages, &out);
    struct run_footer place = { writer->offset, out.len, run_checksum(out.ptr, out.len, 0) };
    run_footer_write(&place, footer);
    put(writer, out.ptr, out.len);
    put(writer, footer, sizeof(footer));
    if (writer->err != OK)
        return writer->err;
    /* A rollback may have left the file longer than it is now. */
    if (io->truncate(io, writer->fd, (int64_t)writer->offset) < 0)
        return err_of_errno(errno);
    return io->sync(io, writer->fd) < 0 ? err_of_errno(errno) : OK;
}

static enum err publish(struct run_writer *writer)
{
    struct usage_io *io = writer->io;
    size_t length = (size_t)(run_file_name(writer->path) - writer->path);
    const char *directory =
        text_cstr(writer->arena, (text){ writer->path, length > 1 ? length - 1 : length });
    if (io->rename(io, writer->temporary, writer->path) < 0)
        return err_of_errno(errno);
    if (io->sync_directory(io, length > 0 ? directory : ".") == 0)
        return OK;
    enum err err = err_of_errno(errno);
    (void)io->unlink(io, writer->path);
    return err;
}

enum err run_writer_finish(struct run_writer *writer, const struct run_trailer *trailer)
{
    CHECK(writer != NULL && trailer != NULL);
    enum err err = writer->err;
    if (err == OK)
        err = write_end(writer, trailer);
    if (err == OK)
        err = publish(writer);
    if (err != OK) {
        run_writer_abandon(writer);
        return err;
    }
    writer_free(writer);
    return OK;
}

void run_writer_abandon(struct run_writer *writer)
{
    if (writer->fd >= 0)
        (void)writer->io->unlink(writer->io, writer->temporary);
    writer_free(writer);
}
