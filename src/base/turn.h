/* turn.h: how a thread takes turns on the processors with others.
 *
 * Hints to the system's scheduler: nothing depends on them but how long somebody waits. They hold
 * for the calling thread and need no rights.
 */
#ifndef BASE_TURN_H
#define BASE_TURN_H

/* For who is waited for and works in short bursts: once woken it goes first, in place of whoever
 * computes. Linux 6.12 and later; nothing elsewhere. */
void turn_prompt(void);

/* For who works in the background: behind all others, but never kept off for good. The higher
 * `nice`, at most 19, the further behind. */
void turn_behind(int nice);

#endif
