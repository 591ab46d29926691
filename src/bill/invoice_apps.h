/* invoice_apps.h: each app's table of functions, for invoice_apps.c, which lists them. */
#ifndef BILL_INVOICE_APPS_H
#define BILL_INVOICE_APPS_H

#include "bill/invoice_app.h"

/* app_sandbox.c: no effect outside; how the payment ends is chosen by metadata or a test card. */
extern const struct invoice_app invoice_app_sandbox;

/* app_external.c: a program of the user's, which reports back. */
extern const struct invoice_app invoice_app_external;

#endif
