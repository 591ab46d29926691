#include "base/daemon.h"

#include <pthread.h>

#include "base/log.h"

const char *const daemon_log_words[] = { "text", "json", NULL };
const char *const daemon_level_words[] = { "debug", "info", "warn", "error", NULL };

void daemon_open_log(const struct invocation *invocation)
{
    bool is_json = text_equal(option_text(invocation, "log"), TEXT("json"));
    text level = option_text(invocation, "log-level");
    int index = 0;

    while (!text_equal(level, text_of(daemon_level_words[index])))
        index++;
    log_open(2, is_json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT, (enum log_level)index);
}

sigset_t daemon_block_signals(void)
{
    sigset_t stop;

    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    MUST(pthread_sigmask(SIG_BLOCK, &stop, NULL) == 0);
    signal(SIGPIPE, SIG_IGN);
    /* A file that may not grow any further is a full disk. */
    signal(SIGXFSZ, SIG_IGN);
    return stop;
}
