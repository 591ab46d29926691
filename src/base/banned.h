/* banned.h: functions that do not compile in this tree, each with what to use instead.
 *
 * Included by base.h. The names below overflow buffers, keep hidden state, read the wall clock
 * behind the caller's back, or round money through binary floating point.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(name, instead) name##_is_banned_use_##instead

#undef strcpy
#define strcpy(d, s) BANNED(strcpy, text_copy)
#undef strcat
#define strcat(d, s) BANNED(strcat, buffer_add)
#undef strncpy
#define strncpy(d, s, n) BANNED(strncpy, text_copy)
#undef strncat
#define strncat(d, s, n) BANNED(strncat, buffer_add)
#undef strtok
#define strtok(s, d) BANNED(strtok, text_split)
#undef sprintf
#define sprintf(...) BANNED(sprintf, text_format)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, text_format)
#undef gets
#define gets(s) BANNED(gets, getline)
#undef atoi
#define atoi(s) BANNED(atoi, text_to_int)
#undef atol
#define atol(s) BANNED(atol, text_to_int)
#undef atof
#define atof(s) BANNED(atof, dec_parse)
#undef strtod
#define strtod(s, e) BANNED(strtod, dec_parse)
#undef rand
#define rand() BANNED(rand, random_fill)
#undef srand
#define srand(s) BANNED(srand, random_seeded)
#undef time
#define time(t) BANNED(time, clock_now)
#undef gmtime
#define gmtime(t) BANNED(gmtime, civil_of)
#undef localtime
#define localtime(t) BANNED(localtime, civil_of)
#undef mktime
#define mktime(t) BANNED(mktime, instant_of)

#endif
